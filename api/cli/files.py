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
STREAMS = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/")
Write = Callable[[bytes], object]


@contextmanager
def writing_to(file: str) -> Iterator[Write]:
    """Something to write to. A file appears whole, readable by its owner only, or not at all.

    A device, a pipe or an open stream, as `/dev/stdout`, is written to as it is; a link stays one.
    Raises CommandError where there can be no such file.
    """
    if file == STANDARD_OUTPUT:
        with click.open_file(STANDARD_OUTPUT, "wb") as stream:
            yield stream.write
        return
    path = _path_of(file)
    is_file = not file.startswith(STREAMS) and (path.is_file() or not path.exists())
    with _whole(path) if is_file else _passed_on(path) as stream:
        yield stream.write


def _path_of(file: str) -> Path:
    """Where links lead in the end."""
    try:
        path = Path(file).resolve()
        if path.is_dir():
            raise _cannot_be_written("it is a directory")
    except (OSError, RuntimeError) as problem:  # RuntimeError: links in a circle
        raise _cannot_be_written(getattr(problem, "strerror", "it leads nowhere")) from None
    return Path(file) if file.startswith(STREAMS) else path


@contextmanager
def _passed_on(path: Path) -> Iterator[BinaryIO]:
    try:
        opened = path.open("ab")  # an open stream may lead to a file that has something in it
    except OSError as problem:
        raise _cannot_be_written(problem.strerror) from None
    with opened as stream:
        yield stream


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    number, draft = _draft_of(path)
    try:
        with os.fdopen(number, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        Path(draft).replace(path)
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
