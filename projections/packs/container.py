"""The ZIP of an audit pack: files are stored as they are, and each content has one form only.

What stands in a ZIP twice (in front of each file and in the list at the end) can contradict itself,
and compressed files can be bombs. So nothing is compressed, and a reader accepts only what `packed`
would have written, byte for byte. Any program reads it (APPNOTE.TXT 6.3.10, "ZIP File Format").
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple
from zlib import crc32

_FILE: Final = struct.Struct("<4s5H3L2H")
_LISTED: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_FILE_MARK, _LISTED_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_NEEDS: Final = 20  # version 2.0 of the format
_MADE_BY: Final = 3 << 8 | _NEEDS  # as Unix does, so that permissions are understood
_EARLIEST: Final = (0, 1 << 5 | 1)  # 1980-01-01, the earliest there is: two packs are the same
_READABLE: Final = 0o100644 << 16
MOST_FILES: Final = 0xFFFF
MOST_BYTES: Final = 0xFFFFFFFF
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


class ContainerRefused(Exception):
    """These bytes are no ZIP as a pack has it; the message says what is wrong first."""


class ContainerFull(Exception):
    """More files or bytes than a plain ZIP holds: 65,535, and 4 GiB."""


class _Entry(NamedTuple):
    name: bytes
    crc: int
    size: int
    offset: int

    @property
    def header(self) -> bytes:
        """What stands in front of the file."""
        fixed = (_NEEDS, 0, 0, *_EARLIEST, self.crc, self.size, self.size, len(self.name), 0)
        return _FILE.pack(_FILE_MARK, *fixed) + self.name

    @property
    def listed(self) -> bytes:
        """What stands about it in the list at the end."""
        sizes = (self.crc, self.size, self.size, len(self.name), 0, 0, 0, 0)
        fixed = (_MADE_BY, _NEEDS, 0, 0, *_EARLIEST, *sizes, _READABLE, self.offset)
        return _LISTED.pack(_LISTED_MARK, *fixed) + self.name


def packed(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The ZIP in pieces, one file in memory at a time. Raises ContainerFull."""
    entries, at = [], 0
    for name, content in files:
        entry = _Entry(name.encode("ascii"), crc32(content), len(content), at)
        entries.append(entry)
        at += _FILE.size + len(entry.name) + entry.size
        if at > MOST_BYTES or len(entries) > MOST_FILES:
            raise ContainerFull
        yield entry.header + content
    yield _ending(entries, at)


def _ending(entries: list[_Entry], at: int) -> bytes:
    listed = b"".join(entry.listed for entry in entries)
    counts = (0, 0, len(entries), len(entries))
    return listed + _END.pack(_END_MARK, *counts, len(listed), at, 0)


def unpacked(pack: memoryview) -> dict[str, memoryview]:
    """Name -> content, in the order of the ZIP; nothing is copied. Raises ContainerRefused."""
    if bytes(pack[:4]) != _FILE_MARK:
        raise ContainerRefused("this is not a ZIP file")
    entries: list[_Entry] = []
    found: dict[str, memoryview] = {}
    at = 0
    while bytes(pack[at : at + 4]) == _FILE_MARK:
        entry, content = _file(pack, at)
        name = entry.name.decode("ascii")
        if name in found:
            raise ContainerRefused(f"{name} is in it twice")
        found[name] = content
        entries.append(entry)
        at += _FILE.size + len(entry.name) + entry.size
    if bytes(pack[at:]) != _ending(entries, at):
        raise ContainerRefused("the list of files at the end of the ZIP is not that of its files")
    return found


def _file(pack: memoryview, at: int) -> tuple[_Entry, memoryview]:
    """The file that begins here. Raises ContainerRefused."""
    if at + _FILE.size > len(pack):
        raise ContainerRefused("the ZIP ends in the middle of a file")
    fields = _FILE.unpack(pack[at : at + _FILE.size])
    method, crc, size, name_bytes = fields[3], fields[6], fields[8], fields[9]
    begin = at + _FILE.size + name_bytes
    name = bytes(pack[at + _FILE.size : begin])
    called = _checked(name)
    if method:
        raise ContainerRefused(f"{called} is compressed, as no file of a pack is")
    if begin + size > len(pack):
        raise ContainerRefused("the ZIP ends in the middle of a file")
    entry = _Entry(name, crc, size, at)
    if bytes(pack[at:begin]) != entry.header:
        raise ContainerRefused(f"{called} does not stand in the ZIP as Amends writes it")
    content = pack[begin : begin + size]
    if crc32(content) != crc:
        raise ContainerRefused(f"{called} was changed: its check sum in the ZIP is another one")
    return entry, content


def _checked(name: bytes) -> str:
    """The name, if it is one that a pack may hold. Raises ContainerRefused.

    Others may be made to write outside the folder that one unpacks into.
    """
    called = name.decode("ascii", "replace")
    if not _NAME.fullmatch(called) or len(called) > 200:
        raise ContainerRefused("a file in it has a name that no pack holds")
    return called
