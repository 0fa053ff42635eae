"""The register of erasures: which keys were destroyed, kept outside the database.

A backup of the database that is older than an erasure holds the person's keys. Whatever starts on
a restored database compares it with this file, and destroys again what was destroyed before. One
line of JSON per erasure, appended and on disk before the first key is destroyed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from domain.values import Actor

FILE_NAME: Final = "erasures.jsonl"


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One erasure: the keys by their ids, and what the record of it says. No name, no text."""

    erased_at: datetime
    key_ids: tuple[UUID, ...]
    ground: str
    actor: Actor
    request_ref: str | None = None


class RegisterDamaged(Exception):
    """A line of the register cannot be read; which one is in the message."""


class ErasureRegister:
    """Appends to the file and reads it; several processes may do both at once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Whether there is a file, with or without erasures in it."""
        return self.path.exists()

    def begin(self) -> None:
        """Make an empty file where there is none: nobody was erased so far. Raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600))
        _sync_directory(self.path.parent)

    def add(self, entry: Entry) -> None:
        """Note an erasure; it is on disk when this returns. Raises OSError."""
        line = msgspec.json.encode(entry) + b"\n"
        new = not self.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # A line that a crash cut off stays alone on its line.
            os.write(number, line if not self._ends_open() else b"\n" + line)
            os.fsync(number)
        finally:
            os.close(number)
        if new:
            _sync_directory(self.path.parent)

    def entries(self) -> Iterator[Entry]:
        """Every erasure, oldest first; none where there is no file. Raises RegisterDamaged.

        A last line without its end was cut off by a crash, before any key was destroyed.
        """
        if not self.exists():
            return
        *whole, _ = self.path.read_bytes().split(b"\n")
        for number, line in enumerate(whole, start=1):
            if entry := self._entry(line, number):
                yield entry

    def _entry(self, line: bytes, number: int) -> Entry | None:
        try:
            return msgspec.json.decode(line, type=Entry)
        except ValueError:
            if not line.endswith(b"}"):  # cut off, and gone on behind it
                return None
            raise RegisterDamaged(f"line {number} of {FILE_NAME} cannot be read") from None

    def _ends_open(self) -> bool:
        size = self.path.stat().st_size
        if not size:
            return False
        with self.path.open("rb") as file:
            file.seek(size - 1)
            return file.read(1) != b"\n"


def _sync_directory(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
