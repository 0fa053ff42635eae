"""The ledger against the log: ahead of it, or with runs that are summed up wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from projections.ledger import feeding
from projections.ledger.feeding import LedgerFeeder
from service.assembly import Service
from service.store_check import EXAMPLES_MAX
from tests.given import Story
from tests.service.privacy_steps import hold
from tests.service.store_check.looking import broken, checked, positions_of

GUIDE = Path("docs/how-to/back-up-and-restore.md")
HEADING = "The ledger is ahead of the log"


def test_a_ledger_that_is_ahead_of_the_log(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    tamper(
        "INSERT INTO ledger.leaves VALUES "
        "(0, 1, %s, decode(repeat('00', 8), 'hex'), decode(repeat('00', 32), 'hex'), now())",
        1 << 60,
    )

    (example,) = broken(service)["readers"]
    assert example.startswith(f"ledger has read to {1 << 60}; the newest event or record has ")
    assert GUIDE.as_posix() in example
    assert f"## {HEADING}\n" in GUIDE.read_text(encoding="utf-8")
    assert HEADING in example


def test_a_ledger_that_ends_with_a_record_is_not_ahead(
    service: Service, filled: list[Story]
) -> None:
    hold(service, case_id=filled[0].case.id)
    feeder = LedgerFeeder(service.engine)

    added = feeder.catch_up()

    assert added == sum(len(story.events) for story in filled) + 1
    assert broken(service) == {}


def test_a_ledger_that_was_ahead_begins_anew_as_the_guide_says(
    service: Service, filled: list[Story], tamper: Callable[..., None], owner_database_url: str
) -> None:
    tamper(
        "INSERT INTO ledger.leaves VALUES "
        "(0, 1, %s, decode(repeat('00', 8), 'hex'), decode(repeat('00', 32), 'hex'), now())",
        1 << 60,
    )
    stuck = LedgerFeeder(service.engine).catch_up()
    guide = GUIDE.read_text(encoding="utf-8").partition(f"## {HEADING}\n")[2]
    (block,) = re.findall(r"```sql\n(.*?)```", guide, re.DOTALL)

    with closing(psycopg2.connect(owner_database_url)) as connection, connection:
        connection.cursor().execute(block)
    added = LedgerFeeder(service.engine).catch_up()

    assert stuck == 0
    assert added == sum(len(story.events) for story in filled)
    assert broken(service) == {}
    with (
        closing(psycopg2.connect(owner_database_url)) as connection,
        pytest.raises(psycopg2.Error, match="insert-only"),
    ):
        connection.cursor().execute("TRUNCATE ledger.leaves")


@pytest.fixture
def summed_up(service: Service, filled: list[Story], tamper: Callable[..., None]) -> list[int]:
    """The positions of the log, of which a worker has summed up all but the last three."""
    positions = sorted(each for story in filled for each in positions_of(service, story))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(feeding, "RUN_LENGTH", 3)
        feeder = LedgerFeeder(service.engine, page_size=3)
        fed = [feeder.feed(), feeder.feed()]
    assert fed == [3, 3]
    for table in ("runs", "subjects"):
        tamper(f"ALTER TABLE ledger.{table} DISABLE TRIGGER {table}_insert_only")
    return positions


def test_what_a_worker_summed_up_is_sound(service: Service, summed_up: list[int]) -> None:
    assert checked(service).is_sound


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ("UPDATE ledger.runs SET lowest_recorded_at = now() + interval '1 day'", slice(0, 6)),
        ("UPDATE ledger.runs SET after_position = last_position - 1", None),
        ("DELETE FROM ledger.runs WHERE after_position = -1", slice(0, 3)),
    ],
)
def test_times_that_are_summed_up_wrong(
    service: Service,
    summed_up: list[int],
    tamper: Callable[..., None],
    change: str,
    wrong: slice | None,
) -> None:
    tamper(change)

    places = summed_up[wrong] if wrong else [*summed_up[:2], *summed_up[3:5]]
    expected = [f"position {each}: outside the times of its run" for each in places]
    assert broken(service) == {"summaries": expected[:EXAMPLES_MAX]}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger.subjects SET subject_ref = 'K-OTHER' WHERE position = {first}",
        "UPDATE ledger.subjects SET case_id = gen_random_uuid() WHERE position = {first}",
        "UPDATE ledger.subjects SET position = 5 WHERE position = {first}",
        "DELETE FROM ledger.subjects WHERE position = {first}",
        "INSERT INTO ledger.subjects VALUES ({last}, 'K-1', gen_random_uuid())",
    ],
)
def test_subjects_that_are_summed_up_wrong(
    service: Service, summed_up: list[int], tamper: Callable[..., None], change: str
) -> None:
    places = {"first": summed_up[0], "last": summed_up[-1]}

    tamper(change.format(**places))

    wrong = broken(service)
    assert set(wrong) == {"summaries"}
    named = {5} if "= 5" in change else set()
    named |= {places["last"] if "INSERT" in change else places["first"]}
    assert wrong["summaries"] == [
        f"position {each}: another subject, or none" for each in sorted(named)
    ]
