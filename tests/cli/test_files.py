"""Files that commands write: whole or not at all, and nothing that is no file is replaced."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.cli.exits import CommandError, Exit
from api.cli.files import writing_to


def test_a_file_appears_whole_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "report"
    file.write_bytes(b"before")

    with writing_to(str(file)) as write:
        write(b"after")
        meanwhile = file.read_bytes()

    assert (meanwhile, file.read_bytes()) == (b"before", b"after")
    assert file.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [file]


def test_what_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "report"
    file.write_bytes(b"before")

    def write_half() -> None:
        with writing_to(str(file)) as write:
            write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()

    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    with ThreadPoolExecutor(1) as reader:
        read = reader.submit(pipe.read_bytes)
        with writing_to(str(pipe)) as write:
            write(b"said")

    assert read.result() == b"said"
    assert pipe.is_fifo()


def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_bytes(b"before")
    link.symlink_to(file)

    with writing_to(str(link)) as write:
        write(b"after")

    assert link.is_symlink()
    assert file.read_bytes() == b"after"


def test_an_open_stream_is_added_to(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_bytes(b"before, ")

    with file.open("ab") as stream, writing_to(f"/dev/fd/{stream.fileno()}") as write:
        write(b"after")

    assert file.read_bytes() == b"before, after"


@pytest.mark.parametrize("name", [".", "missing/report", "circle", "x" * 300])
def test_where_there_can_be_no_file_it_is_said(tmp_path: Path, name: str) -> None:
    circle = tmp_path / "circle"
    circle.symlink_to(circle)

    with pytest.raises(CommandError) as refused, writing_to(str(tmp_path / name)):
        pass

    assert refused.value.exit_code is Exit.FOUND
    assert refused.value.message.startswith("FILE cannot be written: ")
    assert list(tmp_path.iterdir()) == [circle]
