"""Fixtures of the exports for process mining: the command line on a store."""

from tests.cli.conftest import run

__all__ = ["run"]
