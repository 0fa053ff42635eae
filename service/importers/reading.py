"""Rows of a CSV file, plain or gzipped, one at a time, each with the line it begins on."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from service.importers.columns import Columns, FileRefused

MAX_LINE_BYTES = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"
BOM = "\ufeff"
CHECK_BYTES = 1 << 20


class FileDamaged(Exception):
    """The file cannot be read any further; every row before was handed out."""


@dataclass(frozen=True)
class Row:
    """A row's values by our names of its columns; `line` is the physical line it begins on.

    Printing one shows no value: the narrative among them is personal.
    """

    line: int
    values: dict[str, str] = field(repr=False)


@dataclass(frozen=True)
class BrokenRow:
    """A row that could not be read, and why; nothing of its content is repeated."""

    line: int
    reason: str


class RowFile:
    """Reads rows lazily: memory holds one row, however long the file.

    Opening one raises FileRefused where the file is empty, unreadable or of another layout.
    """

    def __init__(self, path: Path, columns: Columns) -> None:
        try:
            self._raw = path.open("rb")
        except OSError as fault:
            raise FileRefused(f"cannot be opened: {fault.strerror}") from None
        self.bytes_total = path.stat().st_size
        try:
            self._lines = _Lines(_unpacked(self._raw))
            self._records = _Records(self._lines)
            self._columns = columns.recognised(self._header())
        except BaseException:
            self._raw.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._raw.close()

    @property
    def bytes_read(self) -> int:
        """How far the file itself (not what it unpacks to) has been read."""
        return self._raw.tell()

    def __iter__(self) -> Iterator[Row | BrokenRow]:
        """Rows in order. Raises FileDamaged after the last readable one."""
        for record in self._records:
            if isinstance(record, BrokenRow):
                yield record
            elif record.fields:
                yield self._row(record)

    def _row(self, record: _Record) -> Row | BrokenRow:
        expected, found = len(self._columns), len(record.fields)
        if found != expected:
            return BrokenRow(record.line, f"has {found} columns, not {expected}{record.span}")
        if any("\0" in value for value in record.fields):
            return BrokenRow(record.line, "holds a NUL character")
        return Row(record.line, dict(zip(self._columns, record.fields, strict=True)))

    def _header(self) -> list[str]:
        try:
            first = next(self._records)
        except StopIteration:
            raise FileRefused("the file is empty") from None
        except FileDamaged as fault:
            raise FileRefused(str(fault)) from None
        if isinstance(first, BrokenRow):
            raise FileRefused(f"the header {first.reason}")
        return first.fields


def _unpacked(raw: BufferedReader) -> IO[bytes]:
    """Gzip is told by its first bytes, since names are often wrong."""
    try:
        if not raw.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC):
            return raw
        _check_packed(raw)
    except OSError as fault:
        raise FileRefused(f"cannot be read: {fault.strerror}") from None
    return gzip.GzipFile(fileobj=raw)  # type: ignore[return-value]


def _check_packed(raw: BufferedReader) -> None:
    """Unpack it once for its checksum, which stands at the end, after rows made of noise.

    One that only ends too early is let through: what it unpacks to so far is sound.
    """
    try:
        with gzip.GzipFile(fileobj=raw) as unpacked:
            while unpacked.read(CHECK_BYTES):
                pass
    except (gzip.BadGzipFile, zlib.error):
        raise FileRefused("the compressed data is damaged") from None
    except EOFError:
        pass
    raw.seek(0)


@dataclass(frozen=True)
class _Line:
    number: int
    text: str = field(repr=False)
    fault: str | None = None


class _Lines:
    """Physical lines as text. Lines can be given back, to be read once more."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._count = 0
        self._given_back: deque[_Line] = deque()
        self.taken: list[_Line] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._given_back.popleft() if self._given_back else self._read()
        self.taken.append(line)
        return line.text

    def give_back_all_but_first(self) -> None:
        self._given_back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]

    def _read(self) -> _Line:
        data = self._next_bytes(MAX_LINE_BYTES)
        if not data:
            raise StopIteration
        self._count += 1
        if len(data) == MAX_LINE_BYTES and not data.endswith(b"\n"):
            self._skip_rest()
            return _Line(self._count, "\n", "has a line of more than 1 MiB")
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return _Line(self._count, data.decode(errors="replace"), "is not UTF-8")
        return _Line(self._count, text.removeprefix(BOM) if self._count == 1 else text)

    def _skip_rest(self) -> None:
        while (data := self._next_bytes(MAX_LINE_BYTES)) and not data.endswith(b"\n"):
            pass

    def _next_bytes(self, most: int) -> bytes:
        try:
            return self._file.readline(most)
        except EOFError:
            raise FileDamaged("the compressed data ends too early") from None
        except OSError as fault:
            raise FileDamaged(f"reading failed: {fault.strerror}") from None


@dataclass(frozen=True)
class _Record:
    line: int
    last_line: int
    fields: list[str] = field(repr=False)

    @property
    def span(self) -> str:
        return f" (lines {self.line} to {self.last_line})" if self.last_line > self.line else ""


class _Records:
    """CSV records, strictly read. A quote that never closes costs its own line, not the next."""

    def __init__(self, lines: _Lines) -> None:
        self._lines = lines
        self._csv = csv.reader(lines, strict=True)

    def __iter__(self) -> Iterator[_Record | BrokenRow]:
        return self

    def __next__(self) -> _Record | BrokenRow:
        taken = self._lines.taken
        taken.clear()
        try:
            fields = next(self._csv)
        except csv.Error:
            self._lines.give_back_all_but_first()
            return BrokenRow(taken[0].number, taken[0].fault or "is not well-formed CSV")
        for line in taken:
            if line.fault:
                return BrokenRow(taken[0].number, line.fault)
        return _Record(taken[0].number, taken[-1].number, fields)
