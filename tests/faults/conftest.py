"""Which fault tests this run has, and the seed and the figures at its end."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.settings import Settings
from service.silence import limit_silence
from tests.faults import extent
from tests.faults.disk_errors import why_no_failing_syncs
from tests.faults.disks import why_no_small_disk

# What needs rights or tools that not every machine gives; a part of the long form only.
NEEDS: dict[str, tuple[str, Callable[[], str | None]]] = {
    "test_full_disk.py": ("full disk", why_no_small_disk),
    "test_failing_fsync.py": ("failing fsync", why_no_failing_syncs),
}


SILENCE_SECONDS = 2.0
"""Longer than a busy machine takes for a statement, so that only who is silent is given up."""


@pytest.fixture
def impatient(settings: Settings) -> Iterator[None]:
    """Let this process wait for the database as web processes do, only much shorter.

    The test's database is made before: that may take longer.
    """
    limit_silence(SILENCE_SECONDS)
    yield
    limit_silence(None)


def _why_not(file_name: str) -> str | None:
    """Why these tests are not run here, or None where they are."""
    return NEEDS[file_name][1]() if extent.LONG else "part of the long form, `make test-faults`"


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out what cannot be run, so that it never counts as passed; the run says so."""
    if collection_path.name in NEEDS and _why_not(collection_path.name):
        return True
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how to repeat the run, what it counted, and what was not run."""
    form = "long" if extent.LONG else "short"
    again = f"FAULTS={form} FAULTS_SEED={extent.SEED}"
    terminalreporter.write_line(f"fault tests: {form} form, seed {extent.SEED} ({again})")
    for line in extent.found:
        terminalreporter.write_line(f"  {line}")
    for file_name, (what, _) in NEEDS.items():
        if reason := _why_not(file_name):
            terminalreporter.write_line(f"  not run here: {what}: {reason}")
