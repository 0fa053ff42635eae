"""The lines of docs/how-to/verify-with-other-tools.md accept what is true, and nothing else."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from projections.ledger.notes import VerifierKey
from tests.api.conftest import Callers
from tests.projections.ledger.a_ledger import ORIGIN, ALedger

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "verify-with-other-tools.md"
SCRIPTS = re.findall(r"^```(sh|python)\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.M)
BY_OPENSSL = "\n".join(script for language, script in SCRIPTS if language == "sh")
(BY_METAMORPHIC_LOG,) = [script for language, script in SCRIPTS if language == "python"]
COMMANDS = {
    "openssl": ["sh", "-euc", BY_OPENSSL],
    "metamorphic-log": [sys.executable, "-c", BY_METAMORPHIC_LOG],
}
each_tool = pytest.mark.parametrize("tool", COMMANDS)
SAYS = "the event is in the ledger"


@pytest.fixture(scope="module")
def evidence(callers: Callers, ledger: ALedger) -> dict[str, str]:
    ledger.grow(700, random.Random(6))
    return taken_from(ledger, callers)


@pytest.fixture(scope="module")
def in_changeover(
    callers: Callers, ledger: ALedger, evidence: dict[str, str]
) -> tuple[dict[str, str], list[str]]:
    """What an auditor takes away while two keys sign; both keys, the old one first."""
    ledger.old_keys, ledger.key = [ledger.key], Ed25519PrivateKey.generate()
    ledger.grow(20, random.Random(7))
    keys = [str(VerifierKey.of(ORIGIN, key)) for key in (*ledger.old_keys, ledger.key)]
    return taken_from(ledger, callers), keys


def taken_from(ledger: ALedger, callers: Callers) -> dict[str, str]:
    """What an auditor takes away: a checkpoint, a receipt, the keys."""
    position = ledger.positions[321]
    asked = {"checkpoint": "checkpoint", "event.tlog-proof": f"inclusion?position={position}"}
    taken = {
        name: callers.auditor.get(f"/v1/ledger/{path}").get_data(as_text=True)
        for name, path in asked.items()
    }
    return taken | {"keys": (ledger.directory.path / "keys").read_text()}


def verdict(tool: str, evidence: dict[str, str], folder: Path) -> tuple[bool, str]:
    """Whether the tool ended well, and what it said."""
    for name, text in evidence.items():
        (folder / name).write_text(text, "utf-8")
    done = subprocess.run(COMMANDS[tool], cwd=folder, capture_output=True, text=True)
    return done.returncode == 0, done.stdout


@each_tool
def test_true_evidence_is_accepted(tool: str, evidence: dict[str, str], tmp_path: Path) -> None:
    accepted, said = verdict(tool, evidence, tmp_path)

    assert accepted
    assert SAYS in said


@each_tool
@pytest.mark.parametrize("known", [(0,), (1,), (0, 1), (1, 0)])
def test_while_the_key_changes_either_key_is_enough(
    tool: str,
    known: tuple[int, ...],
    in_changeover: tuple[dict[str, str], list[str]],
    tmp_path: Path,
) -> None:
    taken, keys = in_changeover
    known_keys = "".join(f"{keys[number]}\n" for number in known)

    accepted, said = verdict(tool, taken | {"keys": known_keys}, tmp_path)

    assert len(taken["checkpoint"].partition("\n\n")[2].splitlines()) == 2
    assert accepted
    assert SAYS in said


@each_tool
def test_what_the_old_key_signed_is_accepted_with_the_keys_of_later(
    tool: str,
    evidence: dict[str, str],
    in_changeover: tuple[dict[str, str], list[str]],
    tmp_path: Path,
) -> None:
    keys = in_changeover[0]["keys"]

    accepted, said = verdict(tool, evidence | {"keys": keys}, tmp_path)

    assert keys.split() == in_changeover[1]
    assert accepted
    assert SAYS in said


@each_tool
def test_with_a_foreign_key_nothing_is_accepted(
    tool: str, in_changeover: tuple[dict[str, str], list[str]], tmp_path: Path
) -> None:
    foreign = VerifierKey.of(ORIGIN, Ed25519PrivateKey.generate())

    accepted, said = verdict(tool, in_changeover[0] | {"keys": f"{foreign}\n"}, tmp_path)

    assert not accepted
    assert SAYS not in said


@each_tool
@pytest.mark.parametrize("place", range(3))
def test_a_changed_checkpoint_is_refused(
    tool: str, place: int, evidence: dict[str, str], tmp_path: Path
) -> None:
    lines = evidence["checkpoint"].split("\n")
    lines[place] = lines[place][:-2] + ("A=" if lines[place][-2] != "A" else "B=")
    changed = evidence | {"checkpoint": "\n".join(lines)}

    accepted, said = verdict(tool, changed, tmp_path)

    assert not accepted
    assert SAYS not in said


@each_tool
@pytest.mark.parametrize("line", ["extra", "index", "path"])
def test_a_changed_receipt_is_refused(
    tool: str, line: str, evidence: dict[str, str], tmp_path: Path
) -> None:
    _, extra, index, *path = evidence["event.tlog-proof"].split("\n")
    changed = {
        "extra": (extra[:-8] + "AAAA" + extra[-4:], index, path),
        "index": (extra, "index 322", path),
        "path": (extra, index, [path[1], path[0], *path[2:]]),
    }
    first, second, rest = changed[line]
    receipt = "\n".join(["c2sp.org/tlog-proof@v1", first, second, *rest])

    accepted, said = verdict(tool, evidence | {"event.tlog-proof": receipt}, tmp_path)

    assert not accepted
    assert SAYS not in said
