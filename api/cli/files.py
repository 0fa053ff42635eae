"""Files that commands write: they appear whole, or not at all."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from api.cli.exits import CommandError, Exit

STANDARD_OUTPUT = "-"
Write = Callable[[bytes], object]


@contextmanager
def writing_to(file: str) -> Iterator[Write]:
    """Something to write to. A file appears whole, readable by its owner only, or not at all.

    Raises CommandError where there can be no such file.
    """
    if file == STANDARD_OUTPUT:
        with click.open_file(STANDARD_OUTPUT, "wb") as stream:
            yield stream.write
        return
    path = Path(file)
    number, draft = _draft_of(path)
    try:
        with os.fdopen(number, "wb") as stream:
            yield stream.write
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
        raise CommandError(
            Exit.FOUND,
            f"FILE cannot be written: {problem.strerror}",
            "Name a file in a directory that exists and that you may write to.",
        ) from None
