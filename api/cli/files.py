"""Files that commands write: they appear whole, or not at all."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from api.cli.exits import CommandError, Exit

STANDARD_OUTPUT = "-"
Write = Callable[[bytes], object]


@contextmanager
def writing_to(file: str) -> Iterator[Write]:
    """Something to write to. A file appears whole, readable by its owner only, or not at all.

    A device or a pipe is written to as it is, and stays; a link stays too. Raises CommandError
    where there can be no such file.
    """
    if file == STANDARD_OUTPUT:
        with click.open_file(STANDARD_OUTPUT, "wb") as stream:
            yield stream.write
        return
    path = Path(file)
    if path.is_dir():
        raise _cannot_be_written("it is a directory")
    with _passed_on(path) if path.exists() and not path.is_file() else _whole(path) as stream:
        yield stream.write


@contextmanager
def _passed_on(path: Path) -> Iterator[BinaryIO]:
    try:
        opened = path.open("wb")
    except OSError as problem:
        raise _cannot_be_written(problem.strerror) from None
    with opened as stream:
        yield stream


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    number, draft = _draft_of(path.resolve())
    try:
        with os.fdopen(number, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        Path(draft).replace(path.resolve())
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _draft_of(path: Path) -> tuple[int, str]:
    """An open file beside the one to be, and its name."""
    try:
        return tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    except OSError as problem:
        raise _cannot_be_written(problem.strerror) from None


def _cannot_be_written(why: str | None) -> CommandError:
    return CommandError(
        Exit.FOUND,
        f"FILE cannot be written: {why}",
        "Name a file in a directory that exists and that you may write to.",
    )
