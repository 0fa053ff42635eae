"""The ZIP of a pack: any program reads it, and nothing but what was packed is accepted."""

from __future__ import annotations

import io
import random
import struct
import subprocess
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from projections.packs.container import ContainerFull, ContainerRefused, packed, unpacked
from tests.packs import files_of, zipped

FILES = {"README.txt": b"read me", "cases/1/events.json": "{}案例".encode(), "empty": b""}
PACK = zipped(FILES.items())


def foreign(*names: str, method: int = ZIP_STORED) -> bytes:
    """A ZIP that another program made."""
    made = io.BytesIO()
    with ZipFile(made, "w", method) as opened:
        for name in names:
            opened.writestr(name, b"x" * 10_000)
    return made.getvalue()


def test_another_program_reads_what_was_packed(tmp_path: Path) -> None:
    file = tmp_path / "pack.zip"
    file.write_bytes(PACK)

    done = subprocess.run(["python3", "-m", "zipfile", "-t", file], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert files_of(PACK) == FILES


def test_it_is_read_as_it_was_packed() -> None:
    found = unpacked(memoryview(PACK))

    assert {name: bytes(content) for name, content in found.items()} == FILES
    assert list(found) == list(FILES)


@pytest.mark.parametrize(
    "name",
    [
        "../escape",
        "/etc/passwd",
        "a/../../b",
        "C:\\x",
        "a\\b",
        "",
        "a//b",
        "a/",
        ".hidden",
        "é",
        "x" * 201,
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    evil = name.encode("latin-1")
    pack = PACK.replace(b"empty", evil) if len(evil) == 5 else renamed(evil)

    with pytest.raises(ContainerRefused, match="a name that no pack holds"):
        unpacked(memoryview(pack))


def renamed(name: bytes) -> bytes:
    """A ZIP of one file of this name, right in all else."""
    (header, _) = packed([("a", b"content")])
    fixed = bytearray(header[:30])
    fixed[26:28] = struct.pack("<H", len(name))
    return bytes(fixed) + name + b"content"


@pytest.mark.parametrize(
    ("pack", "says"),
    [
        (b"", "not a ZIP"),
        (b"\x00" * 1000, "not a ZIP"),
        ("案例".encode(), "not a ZIP"),
        (PACK[:20], "ends in the middle"),
        (PACK[:45], "ends in the middle"),
        (PACK[:-1], "the list of files at the end"),
        (PACK + b"\x00", "the list of files at the end"),
        (PACK + PACK, "the list of files at the end"),
        (b"x" + PACK, "not a ZIP"),
        (zipped([("a", b"1"), ("a", b"2")]), "twice"),
        (foreign("a", method=ZIP_DEFLATED), "compressed"),
        (foreign("a"), "as Amends writes it"),
        (PACK.replace(b"read me", b"read us"), "check sum"),
    ],
)
def test_anything_else_is_refused_and_why_is_said(pack: bytes, says: str) -> None:
    with pytest.raises(ContainerRefused, match=says):
        unpacked(memoryview(pack))


def test_no_byte_of_it_may_differ() -> None:
    for place in range(len(PACK)):
        changed = bytearray(PACK)
        changed[place] ^= 1 << random.Random(place).randrange(8)

        with pytest.raises(ContainerRefused):
            unpacked(memoryview(bytes(changed)))


def test_bombs_are_not_unpacked() -> None:
    """42 kB that would become 40 MB, and a file that says it is larger than the ZIP."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as opened:
        opened.writestr("bomb", bytes(40_000_000))
    lying = bytearray(renamed(b"bomb"))
    lying[18:26] = b"\xff\xff\xff\x7f" * 2

    for pack in (made.getvalue(), bytes(lying)):
        with pytest.raises(ContainerRefused):
            unpacked(memoryview(pack))


def test_more_files_than_a_plain_zip_holds_are_refused() -> None:
    with pytest.raises(ContainerFull):
        for _ in packed((f"f{number}", b"") for number in range(65_536)):
            pass
