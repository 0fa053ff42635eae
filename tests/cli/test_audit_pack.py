"""`amends audit-pack` and `amends ledger verify-pack`: the evidence taken and verified by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.cli import audit_pack
from api.cli.exits import Exit
from domain.values import Role
from projections.ledger.notes import Checkpoint, VerifierKey
from projections.packs import layout
from projections.packs.evidence import Limits
from service.access_log import AccessFilter
from service.access_tokens import AccessTokens
from service.assembly import Service
from tests.cli.conftest import ROOT, Run
from tests.contract.test_personal_data import Planting, live_through
from tests.given import a_whole_story
from tests.packs import files_of, packed_again
from tests.projections.ledger.a_ledger import ORIGIN, ALedger
from tests.service.event_store.steps import readable

NOWHERE = {"AMENDS_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
SAID = "Zyxquavornilt"


@dataclass
class Store:
    """A case in a signed ledger, and a key for every role."""

    service: Service
    ledger: ALedger
    case_id: str
    reference: str
    customer: str
    events: int

    @property
    def key(self) -> str:
        return str(VerifierKey.of(ORIGIN, self.ledger.key))

    def token(self, *roles: Role) -> str:
        return AccessTokens(self.service.engine).create("taker", list(roles))[1]

    def accesses(self) -> list[tuple[str, str, str | None, int]]:
        with self.service.engine.connect() as connection:
            found = self.service.access_log.page(connection, AccessFilter(), 10)
        records = [each.record for each in found]
        return [(each.what, each.actor.id, each.reason, each.texts) for each in records]


@pytest.fixture
def store(service: Service) -> Store:
    ledger = ALedger(service.engine, service.settings.published_dir)
    story = a_whole_story()
    live_through(service, story.events, Planting())
    (case_id,) = service.subjects.cases_of(story.case.subject_ref)
    history = service.cases.history(case_id)
    readable(service.recorder, history[-1].position)
    ledger.keep()
    case = service.cases.get(case_id)
    return Store(service, ledger, str(case_id), case.reference, case.subject_ref, len(history))


@pytest.fixture
def pack(run: Run, store: Store, tmp_path: Path) -> Path:
    """A pack of the case without personal texts."""
    file = tmp_path / "pack.zip"
    assert run("audit-pack", str(file), "--case", store.case_id).exit_code == Exit.OK
    return file


def test_where_file_cannot_be_written_nobody_is_on_record_for_it(
    run: Run, store: Store, tmp_path: Path
) -> None:
    file = str(tmp_path / "nodir" / "pack.zip")

    refused = run("audit-pack", file, "--case", store.case_id)

    assert refused.exit_code == Exit.FOUND
    assert refused.stderr.startswith("amends: FILE cannot be written: ")
    assert store.accesses() == []


@pytest.mark.parametrize("named", ["id", "reference", "customer", "period"])
def test_a_pack_is_taken_and_verified(run: Run, store: Store, tmp_path: Path, named: str) -> None:
    file = tmp_path / "pack.zip"
    soon = datetime.now(UTC).isoformat()
    options = {
        "id": ("--case", store.case_id),
        "reference": ("--case", store.reference),
        "customer": ("--customer", store.customer),
        "period": ("--from", "2020-01-01", "--to", soon),
    }

    taken = run("audit-pack", str(file), *options[named], "--language", "zh", "--reason", "A-7")
    told = run("ledger", "verify-pack", str(file), "--key", store.key, env=NOWHERE)
    parsed = run("ledger", "verify-pack", str(file), "--key", store.key, "--json", env=NOWHERE)

    assert taken.exit_code == told.exit_code == parsed.exit_code == Exit.OK, taken.output
    assert f"Packed {store.events} events of 1 case" in taken.stderr
    assert "Nothing is wrong." in told.stdout
    found = json.loads(parsed.stdout)
    assert (found["ok"], found["events"], found["signed_by"]) == (True, store.events, [store.key])
    assert "冲突上报" in files_of(file.read_bytes())[timeline(store)].decode()
    ((what, actor, reason, texts),) = store.accesses()
    assert (what, reason, texts) == ("audit-pack", "A-7", 0)
    assert actor.startswith("cli:")


def timeline(store: Store) -> str:
    return layout.case_file(store.case_id, layout.TIMELINE)


def test_texts_are_hidden_unless_a_key_may_see_them(
    run: Run, store: Store, pack: Path, tmp_path: Path
) -> None:
    file = tmp_path / "revealed.zip"
    arguments = ("audit-pack", str(file), "--case", store.case_id, "--reveal")

    refused = run(*arguments, given=store.token(Role.HANDLER))
    unknown = run(*arguments, given="amends_nonsense")
    absent = not file.exists()
    taken = run(*arguments, given=store.token(Role.AUDITOR, Role.PRIVACY))

    assert (refused.exit_code, unknown.exit_code) == (Exit.REFUSED, Exit.REFUSED)
    assert "this API key is not in force" in unknown.stderr
    assert absent
    assert taken.exit_code == Exit.OK
    assert SAID not in pack.read_bytes().decode("utf-8", "replace")
    assert SAID in files_of(file.read_bytes())[timeline(store)].decode()
    (newest, *_) = store.accesses()
    assert newest[:2] == ("audit-pack", "taker")
    assert newest[3] > 20


@pytest.mark.parametrize("given", [None, "", "\n"])
def test_where_no_key_is_given_it_says_how_to_give_one(
    run: Run, store: Store, tmp_path: Path, given: str | None
) -> None:
    file = tmp_path / "pack.zip"

    result = run("audit-pack", str(file), "--case", store.case_id, "--reveal", given=given)

    assert result.exit_code == Exit.REFUSED, result.output
    assert "no API key was given" in result.stderr
    assert "< key.txt" in result.stderr
    assert not file.exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), Exit.USAGE),
        (("--case", "x", "--customer", "y"), Exit.USAGE),
        (("--from", "2026-01-01"), Exit.USAGE),
        (("--from", "2026-01-02", "--to", "2026-01-01"), Exit.USAGE),
        (("--from", "2026-01-02", "--to", "2099-01-01"), Exit.USAGE),
        (("--from", "yesterday", "--to", "2026-01-01"), Exit.USAGE),
        (("--case", "C-2099-000001"), Exit.NOT_FOUND),
        (("--case", "0190f3c2-7b1e-7c4d-9a51-2f6b8e0d4c11"), Exit.NOT_FOUND),
        (("--customer", "nobody"), Exit.NOT_FOUND),
        (("--customer", "no body"), Exit.NOT_FOUND),
        (("--from", "2001-01-01", "--to", "2001-01-02"), Exit.NOT_FOUND),
    ],
)
def test_what_is_asked_for_wrongly_makes_no_file(
    run: Run, service: Service, tmp_path: Path, arguments: tuple[str, ...], code: Exit
) -> None:
    result = run("audit-pack", str(tmp_path / "pack.zip"), *arguments)

    assert result.exit_code == code, result.output
    assert list(tmp_path.glob("*.zip")) == []


def test_too_much_or_not_yet_signed_is_refused(
    run: Run, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(tmp_path / "pack.zip")
    monkeypatch.setattr(audit_pack, "LIMITS", Limits(1, 2, 10_000))
    large = run("audit-pack", file, "--case", store.case_id)
    monkeypatch.undo()
    live_through(store.service, a_whole_story().events[:1], Planting())
    unsigned = run("audit-pack", file, "--customer", store.customer)

    assert (large.exit_code, unsigned.exit_code) == (Exit.REFUSED, Exit.REFUSED)
    assert "take shorter periods" in large.stderr
    assert "not signed yet" in unsigned.stderr


def test_verifying_knows_no_database(store: Store, pack: Path) -> None:
    """Not even its driver is installed, nor anything that talks to it."""
    program = """
import sys
for absent in ("psycopg2", "sqlalchemy", "flask", "eventsourcing", "alembic"):
    sys.modules[absent] = None
from api.cli import main
main()
"""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AMENDS_")}

    results = [
        subprocess.run(
            [sys.executable, "-c", program, "ledger", "verify-pack", file, "--key", store.key],
            cwd=ROOT,
            env=kept,
            capture_output=True,
            text=True,
        )
        for file in (pack, ROOT / "README.md")
    ]

    assert [result.returncode for result in results] == [Exit.OK, Exit.FOUND]
    assert "the ZIP: this is not a ZIP file" in results[1].stdout


def test_the_first_thing_that_is_wrong_is_named(run: Run, store: Store, pack: Path) -> None:
    files = files_of(pack.read_bytes())
    files[timeline(store)] += b" "
    files["extra"] = b"x"
    pack.write_bytes(packed_again(files, summed=False))

    told = run("ledger", "verify-pack", str(pack))
    parsed = run("ledger", "verify-pack", str(pack), "--json")

    assert told.exit_code == parsed.exit_code == Exit.FOUND
    assert f"2 things are wrong; the first one is in {timeline(store)}." in told.stdout
    found = json.loads(parsed.stdout)
    assert found["first"]["file"] == timeline(store)
    assert found["ok"] is False


def test_without_a_key_from_outside_it_says_so(run: Run, store: Store, pack: Path) -> None:
    result = run("ledger", "verify-pack", str(pack))

    assert result.exit_code == Exit.OK
    assert "compare it with one from somebody you trust" in result.stderr


def test_keys_and_checkpoints_from_outside_count(
    run: Run, store: Store, pack: Path, tmp_path: Path
) -> None:
    place = store.ledger.directory.path
    (own,) = store.ledger.directory.files()
    other = tmp_path / "other"
    note = Checkpoint(ORIGIN, int(own.name), bytes(32)).signed(store.ledger.key)
    other.write_text(str(note))
    foreign = str(VerifierKey("example.com/other", bytes(range(32))))
    empty = tmp_path / "empty"
    empty.mkdir()

    codes = {
        what: run("ledger", "verify-pack", str(pack), *options).exit_code
        for what, options in {
            "published keys": ("--keys", str(place / "keys")),
            "foreign key": ("--key", foreign),
            "no key": ("--key", "nonsense"),
            "no keys": ("--keys", str(own)),
            "published file": ("--checkpoint", str(own)),
            "published directory": ("--checkpoint", str(place)),
            "another root": ("--checkpoint", str(other)),
            "no checkpoint": ("--checkpoint", str(pack)),
            "nothing published": ("--checkpoint", str(empty)),
        }.items()
    }

    assert codes == {
        "published keys": Exit.OK,
        "foreign key": Exit.FOUND,
        "no key": Exit.USAGE,
        "no keys": Exit.USAGE,
        "published file": Exit.OK,
        "published directory": Exit.OK,
        "another root": Exit.FOUND,
        "no checkpoint": Exit.FOUND,
        "nothing published": Exit.FOUND,
    }


def test_another_checkpoint_than_the_packs_says_which_is_needed(
    run: Run, store: Store, pack: Path, tmp_path: Path
) -> None:
    live_through(store.service, a_whole_story().events[:1], Planting())
    store.ledger.keep()
    newest = store.ledger.directory.path / "checkpoint"

    result = run("ledger", "verify-pack", str(pack), "--checkpoint", str(newest))

    assert result.exit_code == Exit.FOUND
    assert f"compare with the one over {store.events}" in result.stdout


def test_it_may_go_to_standard_output(run: Run, store: Store, tmp_path: Path) -> None:
    result = run("audit-pack", "-", "--case", store.case_id)

    file = tmp_path / "pack.zip"
    file.write_bytes(result.stdout_bytes)
    assert run("ledger", "verify-pack", str(file)).exit_code == Exit.OK


def test_a_period_ends_before_now(run: Run, store: Store, tmp_path: Path) -> None:
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()

    result = run("audit-pack", str(tmp_path / "p"), "--from", "2026-01-01", "--to", later)

    assert result.exit_code == Exit.USAGE


def test_the_checkpoint_and_the_keys_are_printed(run: Run, store: Store, tmp_path: Path) -> None:
    published = store.ledger.directory.path
    (size,) = (int(path.name) for path in store.ledger.directory.files())

    note = run("ledger", "checkpoint")
    keys = run("ledger", "keys")
    parsed = json.loads(run("ledger", "checkpoint", "--size", str(size), "--json").stdout)
    items = json.loads(run("ledger", "keys", "--json").stdout)["keys"]
    absent = run("ledger", "checkpoint", "--size", "12345")

    assert note.stdout == (published / "checkpoint").read_text()
    assert keys.stdout == (published / "keys").read_text()
    assert (parsed["size"], parsed["note"]) == (size, note.stdout)
    assert items[0]["verifier_key"] == store.key
    assert absent.exit_code == Exit.NOT_FOUND


def test_before_anything_is_signed_they_say_so(run: Run, service: Service) -> None:
    checkpoint, keys = run("ledger", "checkpoint"), run("ledger", "keys")

    assert (checkpoint.exit_code, checkpoint.stdout) == (Exit.NOT_FOUND, "")
    assert "nothing is signed yet" in checkpoint.stderr
    assert (keys.exit_code, keys.stdout) == (Exit.OK, "")
