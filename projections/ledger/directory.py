"""Publishing to a directory: one file for each checkpoint, never changed, a folder for each day.

keys                                  every public key that ever signed, one a line
checkpoint                            a copy of the newest
2026-11-22/00000000000000001234       the checkpoint over 1,234 events
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from projections.ledger.notes import Checkpoint, MalformedNote, Note, VerifierKey, parse_keys
from projections.ledger.places import PlaceUnusable

KEYS: Final = "keys"
NEWEST: Final = "checkpoint"
DAYS: Final = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
DIGITS: Final = 20


class CheckpointDirectory:
    """A directory of checkpoints. Files appear whole or not at all, and are never replaced."""

    name = "directory"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._newest: tuple[Path, Checkpoint] | None = None

    def newest(self) -> Checkpoint | None:
        """The checkpoint over most events. Raises PlaceUnusable, MalformedNote."""
        if self._newest is None or not self._newest[0].exists():
            last = max(self.files(), key=lambda path: int(path.name), default=None)
            self._newest = (last, Checkpoint.parse(_note(last).text)) if last else None
        return self._newest[1] if self._newest else None

    def put(self, size: int, note: Note, keys: list[str]) -> None:
        """Keep a checkpoint and the keys. Raises PlaceUnusable, also where another one lies."""
        path = self.path / f"{datetime.now(UTC):%Y-%m-%d}" / f"{size:0{DIGITS}d}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._add_keys(keys)
            _write(path, str(note))
            _replace(self.path / NEWEST, str(note), synced=False)
        except OSError as problem:
            raise PlaceUnusable(f"cannot be written: {problem.strerror}") from None
        self._newest = path, Checkpoint.parse(note.text)

    def files(self) -> Iterator[Path]:
        """Every checkpoint, by day. Raises PlaceUnusable."""
        try:
            if self.path.is_dir():
                os.listdir(self.path)  # noqa: PTH208, since `glob` passes over what it cannot read
            for day in sorted(self.path.glob(DAYS)):
                yield from sorted(path for path in day.iterdir() if path.name.isdigit())
        except OSError as problem:
            raise PlaceUnusable(f"cannot be read: {problem.strerror}") from None

    def checkpoints(self) -> Iterator[tuple[int, str]]:
        """Every checkpoint with its size, that over the fewest events first.

        Raises PlaceUnusable. What is no text comes with marks for what is none.
        """
        for path in sorted(self.files(), key=lambda path: int(path.name)):
            yield int(path.name), _read(path).decode("utf-8", "replace")

    def keys(self) -> list[VerifierKey]:
        """The public keys that were published, none where there is no such directory."""
        path = self.path / KEYS
        try:
            return parse_keys(path.read_text("utf-8").splitlines()) if path.exists() else []
        except (OSError, UnicodeDecodeError, MalformedNote):
            raise PlaceUnusable(f"{path} is not a file of keys") from None

    def _add_keys(self, keys: list[str]) -> None:
        known = [str(key) for key in self.keys()]
        if new := [key for key in keys if key not in known]:
            _replace(self.path / KEYS, "".join(f"{key}\n" for key in [*known, *new]))


def read_note(path: Path) -> str:
    """A file's text. Raises MalformedNote, PlaceUnusable."""
    try:
        return _read(path).decode()
    except UnicodeDecodeError:
        raise MalformedNote("not UTF-8") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise PlaceUnusable(f"cannot be read: {problem.strerror}") from None


def _note(path: Path) -> Note:
    return Note.parse(read_note(path))


def _write(path: Path, text: str) -> None:
    """Put a file into place in one step; the same one may lie there already."""
    with _draft(path, text) as draft:
        try:
            os.link(draft.name, path)
        except FileExistsError:
            if path.read_text("utf-8") != text:
                raise PlaceUnusable("another checkpoint over as many events lies there") from None
    _sync(path.parent)


def _replace(path: Path, text: str, *, synced: bool = True) -> None:
    with _draft(path, text, synced=synced) as draft:
        os.link(draft.name, f"{draft.name}.new")
        Path(f"{draft.name}.new").replace(path)
    if synced:
        _sync(path.parent)


def _draft(path: Path, text: str, *, synced: bool = True) -> tempfile._TemporaryFileWrapper[bytes]:
    draft = tempfile.NamedTemporaryFile(dir=path.parent, prefix=".draft-")  # noqa: SIM115
    draft.write(text.encode())
    draft.flush()
    Path(draft.name).chmod(0o444)
    if synced:
        os.fsync(draft.fileno())
    return draft


def _sync(directory: Path) -> None:
    """Let the names in a directory survive a power cut."""
    number = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
