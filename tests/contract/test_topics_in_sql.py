"""A topic that stands in a statement, an index or a function stands there in its every form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Engine

from domain import events, records
from service.topics import Kind, parted, topics_of

ROOT: Final = Path(__file__).parents[2]
TOPIC: Final = re.compile(r"'([a-z_]+:\d+)'")
KINDS: Final[Mapping[str, Kind]] = {**events.BY_NAME, **records.BY_NAME}
INDEXES: Final = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
FUNCTIONS: Final = """
    SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""


def left_out(places: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """By place, the topics of a kind that are missing where another one of it is named."""
    found = {}
    for place, words in places:
        named = set(TOPIC.findall(words))
        kinds = {KINDS[name] for topic in named if (name := parted(topic)[0]) in KINDS}
        if missing := sorted(set(topics_of(*kinds)) - named):
            found[place] = missing
    return found


def in_code() -> list[tuple[str, str]]:
    files = [
        path for room in ("service", "projections", "api") for path in ROOT.glob(room + "/**/*.py")
    ]
    return [
        (str(path.relative_to(ROOT)), path.read_text("utf-8"))
        for path in files
        if "migrations" not in path.parts
    ]


def in_database(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        return [
            (str(name), str(words))
            for asked in (INDEXES, FUNCTIONS)
            for name, words in connection.exec_driver_sql(asked)
        ]


def test_code_and_database_name_every_form(engine: Engine) -> None:
    places = in_code() + in_database(engine)

    assert left_out(places) == {}


def test_a_new_form_is_missed_wherever_the_old_one_is_named(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records.AlarmRaised, "SCHEMA", 2)

    missing = left_out(in_code() + in_database(engine))

    assert set(missing) >= {"service/alarm_statements.py", "note_alarm"}
    assert {each for topics in missing.values() for each in topics} == {"alarm_raised:2"}
