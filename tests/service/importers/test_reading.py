"""Rows of a file: each with its physical line; what is broken costs its own row only."""

import gzip
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest

from service.importers.columns import Columns, FileRefused
from service.importers.reading import MAX_LINE_BYTES, BrokenRow, FileDamaged, Row, RowFile

COLUMNS = Columns(required=("id", "text"), optional=("note",), spellings={"key": "id"})

WriteFile = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> WriteFile:
    def write(data: bytes, name: str = "rows.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


def read(path: Path) -> list[Row | BrokenRow]:
    with RowFile(path, COLUMNS) as rows:
        return list(rows)


def test_rows_come_with_our_names_and_the_line_they_begin_on(write: WriteFile) -> None:
    """A quoted newline makes one row of two lines."""
    path = write(b'Text,Key\n"two\nlines",1\nplain,2\n')

    rows = read(path)

    assert rows == [
        Row(2, {"text": "two\nlines", "id": "1"}),
        Row(4, {"text": "plain", "id": "2"}),
    ]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xef\xbb\xbfid,text\n1,a\n", id="byte order mark"),
        pytest.param(b"id,text\r\n1,a\r\n", id="CRLF"),
        pytest.param(b"id,text\n\n1,a\n\n", id="blank lines"),
        pytest.param(b"id,text\n1,a", id="no last newline"),
        pytest.param(gzip.compress(b"id,text\n1,a\n"), id="gzip"),
        pytest.param(gzip.compress(b"id,te") + gzip.compress(b"xt\n1,a\n"), id="two gzip members"),
    ],
)
def test_ordinary_variations_read_the_same(write: WriteFile, data: bytes) -> None:
    path = write(data)

    (row,) = read(path)

    assert isinstance(row, Row)
    assert row.values == {"id": "1", "text": "a"}


def test_printing_a_row_shows_nothing_of_it(write: WriteFile) -> None:
    path = write(b"id,text\n1,secret\n")

    assert "secret" not in repr(read(path))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"1\n", "has 1 columns, not 2"),
        (b"1,a,b\n", "has 3 columns, not 2"),
        (b"1,caf\xe9\n", "is not UTF-8"),
        (b"1,a\0b\n", "holds a NUL character"),
        (b'1,"secret\n', "is not well-formed CSV"),
        (b'1,"secret" too\n', "is not well-formed CSV"),
        (b"1," + b"a" * MAX_LINE_BYTES + b"\n", "has a line of more than 1 MiB"),
        (b"1," + b"a" * 200_000 + b"\n", "is not well-formed CSV"),
    ],
)
def test_a_broken_row_is_named_and_costs_no_other(
    write: WriteFile, line: bytes, reason: str
) -> None:
    path = write(b"id,text\n0,before\n" + line + b'2,"after, quoted"\n3,"and ""more"""\n')

    rows = read(path)

    assert rows == [
        Row(2, {"id": "0", "text": "before"}),
        BrokenRow(3, reason),
        Row(4, {"id": "2", "text": "after, quoted"}),
        Row(5, {"id": "3", "text": 'and "more"'}),
    ]


def test_a_quote_that_never_closes_costs_one_row_at_the_end_too(write: WriteFile) -> None:
    path = write(b'id,text\n1,"open\n2,b\n3,c\n')

    rows = read(path)

    assert rows == [
        BrokenRow(2, "is not well-formed CSV"),
        Row(3, {"id": "2", "text": "b"}),
        Row(4, {"id": "3", "text": "c"}),
    ]


def test_a_row_over_several_lines_says_which(write: WriteFile) -> None:
    path = write(b'id,text\n1,"two\nlines",x\n2,b\n')

    rows = read(path)

    assert rows[0] == BrokenRow(2, "has 3 columns, not 2 (lines 2 to 3)")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (gzip.compress(b"", mtime=0), "the file is empty"),
        (b"text,other\n1,a\n", "columns missing: id"),
        (b"a,b\n1,a\n", "columns missing: id, text"),
        (b"id,text,My secret\n", "column 3 is not known"),
        (b"id,text,key\n", "column 3 repeats id"),
        ("id,text\n".encode("utf-16"), "the header is not UTF-8"),
        (b'id,"text\n', "the header is not well-formed CSV"),
        (gzip.compress(b"id,text\n", mtime=0)[:12], "the compressed data ends too early"),
    ],
)
def test_a_file_of_another_kind_is_refused_as_a_whole(
    write: WriteFile, data: bytes, message: str
) -> None:
    path = write(data)

    with pytest.raises(FileRefused) as refused:
        read(path)

    assert str(refused.value) == message


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="cannot be opened: No such file"):
        read(tmp_path / "absent.csv")


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="cannot be opened: Is a directory"):
        read(tmp_path)


def packed_rows() -> bytearray:
    lines = [f"{number},{number * 7919 % 10_007}" for number in range(20_000)]
    return bytearray(gzip.compress("\n".join(["id,text", *lines]).encode()))


def test_a_file_cut_off_is_read_up_to_the_cut(write: WriteFile) -> None:
    packed = packed_rows()
    path = write(bytes(packed[: len(packed) // 2]))

    seen: deque[Row | BrokenRow] = deque()
    with RowFile(path, COLUMNS) as rows, pytest.raises(FileDamaged, match="ends too early"):
        seen.extend(rows)

    assert 5_000 < len(seen) < 20_000
    assert all(isinstance(row, Row) and row.values["id"] == f"{row.line - 2}" for row in seen)


def test_a_file_with_damage_inside_is_refused_before_noise_is_taken_for_rows(
    write: WriteFile,
) -> None:
    packed = packed_rows()
    packed[len(packed) // 2 : len(packed) // 2 + 200] = bytes(200)
    path = write(bytes(packed))

    with pytest.raises(FileRefused, match="the compressed data is damaged"):
        read(path)


def test_progress_is_told_in_bytes_of_the_file_itself(write: WriteFile) -> None:
    path = write(gzip.compress(b"id,text\n" + b"1,a\n" * 5_000))

    with RowFile(path, COLUMNS) as rows:
        for _ in rows:
            pass

        assert rows.bytes_read == rows.bytes_total == path.stat().st_size
