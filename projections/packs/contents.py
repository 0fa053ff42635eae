"""The files of a pack: whether they are those that were listed, and what each of them holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from projections.packs import layout
from projections.packs.layout import Json


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong: in which file (None: in the ZIP itself), and what."""

    file: str | None
    says: str


class Refused(Exception):
    """The pack does not hold together; `flaw` says where, and what is wrong."""

    def __init__(self, file: str | None, says: str) -> None:
        super().__init__(says)
        self.flaw = Flaw(file, says)


class PackFiles:
    """The files of a pack, each read as what it must be. Raises Refused where it is not."""

    def __init__(self, files: dict[str, memoryview]) -> None:
        self._files = files

    @property
    def names(self) -> list[str]:
        """In the order in which they lie in the pack."""
        return list(self._files)

    def bytes_of(self, name: str) -> bytes:
        """Nothing where the file is missing."""
        return bytes(self._files.get(name, b""))

    def text(self, name: str) -> str:
        """It must be there, and be UTF-8."""
        try:
            return bytes(self._files[name]).decode()
        except UnicodeDecodeError:
            raise Refused(name, "it is not UTF-8") from None
        except KeyError:
            raise Refused(name, "the file is missing") from None

    def json(self, name: str) -> Json:
        """It must be an object, written as packs write JSON."""
        text = self.text(name)
        try:
            value = json.loads(text)
            same = layout.as_json(value) == text.encode()
        except (ValueError, RecursionError):
            same = False
        if not same:
            raise Refused(name, "it is not JSON of the form that packs have")
        return an_object(name, value)


def changed_files(files: dict[str, memoryview]) -> Iterator[Flaw]:
    """Files that are not what the list of sums says, or that it does not name."""
    listed = layout.parse_sums(bytes(files.get(layout.SUMS, b"")))
    if not listed:
        yield Flaw(layout.SUMS, "the list of digests is missing, or was edited")
        return
    for name in (name for name in listed if name not in files):
        yield Flaw(name, "the file is missing")
    for name, content in files.items():
        if name == layout.SUMS:
            continue
        if name not in listed:
            yield Flaw(name, "the file was added")
        elif layout.digest(content) != listed[name]:
            yield Flaw(name, "the file was changed: its digest is not the one in SHA256SUMS")


def an_object(name: str, value: Any) -> Json:
    """The value that was read from this file; Refused where it is no object."""
    if not isinstance(value, dict):
        raise Refused(name, "it is not JSON of the form that packs have")
    return value
