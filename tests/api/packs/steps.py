"""What tests of packs do: take one, lay its files down, run what its note says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.api.conftest import Caller, Json

REF = "CUST-PACK"
README_LINES = r"^2\..*?^3\. [^\n]*\n(.*?)^(?:WHAT IT PROVES|能证明什么)$"


def pack_of(caller: Caller, path: str, **headers: str) -> bytes:
    answer = caller.get(path, **headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.content_type == "application/zip"
    return answer.get_data()


def of_case(case: Json) -> str:
    return f"/v1/cases/{case['id']}/audit-pack"


def between(note: str, begin: str, end: str) -> str:
    return note[note.index(begin) : note.index(end) + len(end)]


def python_in(note: str) -> str:
    """The lines of a note that are a program in Python."""
    found = re.search(README_LINES, note, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


def unpack(files: dict[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)
