"""Personal text of every step, searched for in all that is stored and logged: never in clear."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from itertools import count
from typing import Any

import structlog
from sqlalchemy import Engine, inspect, select, table, text

from api.cli.export import line_of
from domain.circumstances import Circumstances
from domain.events import CaseEvent
from domain.lifecycle import STEP_OF_EVENT
from domain.personal import PersonalText
from domain.values import Role
from projections.read_models import build_engine
from service.assembly import Service, build
from service.logging import configure_logging
from service.settings import Settings
from tests.details.common import OTHER_CASE
from tests.every_event import stories
from tests.given import circumstances, details_for

SECRET = "Zyxquavornilt"  # too long for chance to write it into a ciphertext
SECRET_ZH = "鱻龘"


class Planting:
    """Puts a word that stands nowhere else into every personal text."""

    def __init__(self) -> None:
        self.planted = 0
        self._numbers = count()

    def into(self, value: Any) -> Any:
        if isinstance(value, PersonalText):
            self.planted += 1
            return type(value)(f"{SECRET}{next(self._numbers)} said {SECRET_ZH}")
        if isinstance(value, tuple):
            return tuple(self.into(each) for each in value)
        if is_dataclass(value) and not isinstance(value, type):
            changed = {field.name: self.into(getattr(value, field.name)) for field in fields(value)}
            return replace(value, **changed)
        return value


def by_whom(event: CaseEvent) -> Circumstances:
    return replace(circumstances(roles=Role), actor=event.actor, now=event.occurred_at)


def live_through(service: Service, story: list[CaseEvent], planting: Planting) -> None:
    """Every step of the story once more, on the real store."""
    case_id = None
    for event in story:
        step = STEP_OF_EVENT[type(event)]
        details = {own.name: planting.into(getattr(event, own.name)) for own in step.body_fields}
        if case_id is None:
            case_id = service.cases.begin(step.command, details, by_whom(event)).case.id
        else:
            service.cases.take_step(
                case_id, step.command, details, expected_version=None, by=by_whom(event)
            )


def all_that_is_stored(engine: Engine) -> Iterator[str]:
    """Every row of every table, bytes read as text."""
    tables = inspect(engine)
    with engine.connect() as connection:
        for schema in tables.get_schema_names():
            if schema == "information_schema":
                continue
            for name in tables.get_table_names(schema):
                found = select(text("*")).select_from(table(name, schema=schema))
                for row in connection.execute(found):
                    yield " ".join(_as_text(value) for value in row)


def _as_text(value: Any) -> str:
    return bytes(value).decode(errors="replace") if isinstance(value, memoryview) else repr(value)


def test_no_personal_text_of_any_step_is_stored_exported_or_logged_in_clear(
    settings: Settings,
) -> None:
    log, planting = io.StringIO(), Planting()
    configure_logging(replace(settings, log_level="debug"), log)
    service = build(settings)
    service.cases.begin(
        "report", details_for("report", stories()[0].case), circumstances(), case_id=OTHER_CASE
    )

    for story in stories():
        live_through(service, story.events, planting)
    build_engine(service).catch_up()
    stored = list(all_that_is_stored(service.engine))
    exported = [line_of(event).decode() for event in service.recorder.read_page(-1, 5_000).events]
    structlog.get_logger().info("searched")
    service.engine.dispose()

    assert planting.planted > 200
    assert len(exported) > 100
    assert len(stored) > 2 * len(exported)
    assert "searched" in log.getvalue()
    for line in (*stored, *exported, log.getvalue()):
        assert SECRET.lower() not in line.lower()
        assert SECRET_ZH not in line
        assert SECRET_ZH.encode("unicode_escape").decode() not in line
