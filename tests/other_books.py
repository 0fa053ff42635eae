"""Other reference books for a test, forgotten after it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from domain import reference_books

Editions = Mapping[int, Mapping[str, int]]


@contextmanager
def other_books(editions: Editions, directory: Path | None = None) -> Iterator[None]:
    """These editions alone, from this directory if one is named."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference_books, "EDITIONS", editions)
        if directory is not None:
            patch.setattr(reference_books, "BOOKS_DIRECTORY", directory)
        forget()
        yield
    forget()


def forget() -> None:
    """Every function of the domain that remembers what it read from the books reads again."""
    for name, module in tuple(sys.modules.items()):
        if name.startswith("domain."):
            for found in vars(module).values():
                getattr(found, "cache_clear", lambda: None)()
