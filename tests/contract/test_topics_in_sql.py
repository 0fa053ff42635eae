"""A topic that stands in a statement, an index, a view or a function stands there in every form."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Engine

from domain import events, records
from service.topics import Kind, parted, topics_of

ROOT: Final = Path(__file__).parents[2]
TOPIC: Final = re.compile(r"(?<![\w:])[a-z_]+:\d+(?!\w)")
KINDS: Final[Mapping[str, Kind]] = {**events.BY_NAME, **records.BY_NAME}
IN_DATABASE: Final = (
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
    "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
)
Place = tuple[str, str]
"""Its name, and what stands there."""


def left_out(places: Iterable[Place]) -> dict[str, list[str]]:
    """By place, the topics of a kind that are missing where another one of it is named."""
    found = {}
    for place, words in places:
        named = set(TOPIC.findall(words))
        kinds = {KINDS[name] for topic in named if (name := parted(topic)[0]) in KINDS}
        if missing := sorted(set(topics_of(*kinds)) - named):
            found[place] = missing
    return found


def in_code() -> Iterator[Place]:
    """The texts of each statement of Python that has no others in it; no docstrings."""
    for room in ("service", "projections", "api"):
        for path in sorted(ROOT.glob(f"{room}/**/*.py")):
            if "migrations" not in path.parts:
                yield from in_file(path)


def in_file(path: Path) -> Iterator[Place]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.stmt) and not hasattr(node, "body") and not is_docstring:
            texts = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
            words = " ".join(text for text in texts if isinstance(text, str))
            yield f"{path.relative_to(ROOT)}:{node.lineno}", words


def in_database(engine: Engine) -> list[Place]:
    with engine.connect() as connection:
        return [
            (str(name), str(words))
            for asked in IN_DATABASE
            for name, words in connection.exec_driver_sql(asked)
        ]


def test_code_and_database_name_every_form(engine: Engine) -> None:
    places = [*in_code(), *in_database(engine)]

    assert left_out(places) == {}


@pytest.mark.parametrize(
    ("kind", "in_files", "elsewhere"),
    [
        (
            records.AlarmRaised,
            {"service/alarm_statements.py": 1},
            {"note_alarm", "alarm_states_by_records", "records_alarms_by_rule"},
        ),
        (records.ReviewOpened, {"service/review_statements.py": 4}, {"records_reviews_by_kind"}),
    ],
)
def test_a_new_form_is_missed_wherever_the_old_one_is_named(
    kind: type[records.Record],
    in_files: dict[str, int],
    elsewhere: set[str],
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kind, "SCHEMA", 2)

    code, database = left_out(in_code()), left_out(in_database(engine))

    assert [place.partition(":")[0] for place in code] == [
        file for file, times in in_files.items() for _ in range(times)
    ]
    assert set(database) == elsewhere
    assert {each for topics in (code | database).values() for each in topics} == {f"{kind.NAME}:2"}
