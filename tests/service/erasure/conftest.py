"""A service with a register of erasures, and another process beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.assembly import Service, build
from service.erasure_register import ErasureRegister
from service.settings import Settings


@pytest.fixture
def register(tmp_path: Path) -> ErasureRegister:
    return ErasureRegister(tmp_path / "kept" / "erasures.jsonl")


@pytest.fixture
def service(settings: Settings, register: ErasureRegister) -> Iterator[Service]:
    service = build(replace(settings, erasure_register=register.path))
    yield service
    service.engine.dispose()


@pytest.fixture
def other_process(service: Service) -> Iterator[Service]:
    """Another process on the same store, with keys of its own at hand."""
    other = build(service.settings)
    yield other
    other.engine.dispose()
