"""The note in a pack: its lines verify the pack with other tools."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from projections.packs import layout
from tests.api.conftest import Callers, Json
from tests.api.packs.steps import between, of_case, pack_of, python_in, run, unpack
from tests.packs import files_of


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_lines_of_its_note_verify_it_with_other_tools(
    callers: Callers, case: Json, language: str, tmp_path: Path
) -> None:
    files = files_of(pack_of(callers.auditor, of_case(case), Accept_Language=language))
    unpack(files, tmp_path)
    note = files["README.txt"].decode()

    summed = run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], tmp_path)
    signed = run(["sh", "-euc", between(note, "sed '/^$/", "-sigfile signature")], tmp_path)
    proven = run(["sh", "-euc", between(note, "receipt=", 'in the ledger"')], tmp_path)
    rust = run([sys.executable, "-c", python_in(note)], tmp_path)

    assert summed.returncode == 0, summed.stdout
    assert "Verified Successfully" in signed.stdout
    assert "the event is in the ledger" in proven.stdout
    assert "every event is in the ledger" in rust.stdout


def test_the_lines_of_its_note_refuse_what_was_changed(
    callers: Callers, case: Json, tmp_path: Path
) -> None:
    files = files_of(pack_of(callers.auditor, of_case(case)))
    note, name = files["README.txt"].decode(), layout.receipt_file(case["id"], 1)
    files[name] = files[name].replace(b"index 0", b"index 1")
    files["checkpoint"] = files["checkpoint"].replace(b"tests\n", b"other\n", 1)
    unpack(files, tmp_path)

    signed = run(["sh", "-euc", between(note, "sed '/^$/", "-sigfile signature")], tmp_path)
    proven = run(["sh", "-euc", between(note, "receipt=", 'in the ledger"')], tmp_path)

    assert signed.returncode != 0
    assert proven.returncode != 0
