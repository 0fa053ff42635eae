"""The store check: every broken rule is planted and named, and live writers break none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest
from psycopg2.extensions import connection as PgConnection  # noqa: N812
from sqlalchemy.engine import make_url

from domain.early_warning.alarms import alarm_id
from projections.ledger import feeding
from projections.ledger.feeding import LedgerFeeder
from projections.read_models import build_engine
from service import store_check
from service.assembly import Service
from service.event_store import Command
from service.migrating import mend_rows_of_alarms
from service.settings import Settings
from service.store_check import ALARMS_CURE, CONTENTS, EXAMPLES_MAX, RULES, StoreReport, check_store
from tests.given import Story, circumstances
from tests.service.event_store.steps import readable
from tests.service.privacy_steps import hold
from tests.service.test_states_of_alarms import BEGAN, RULE, raised

FINGERPRINT = bytes(32)
GUIDE = Path("docs/how-to/back-up-and-restore.md")
HEADING = "The ledger is ahead of the log"
CASE = UUID("66416ee1-774d-465d-9890-234f3594c999")


@pytest.fixture
def tamper(settings: Settings, postgres_url: str) -> Iterator[Callable[..., None]]:
    """What somebody with every right to the database can do to it."""
    name = make_url(settings.required_database_url()).database
    with closing(psycopg2.connect(postgres_url, dbname=name)) as connection:
        connection.autocommit = True
        connection.cursor().execute("ALTER TABLE events DISABLE TRIGGER events_insert_only")
        yield lambda statement, *values: _execute(connection, statement, values)


def _execute(connection: PgConnection, statement: str, values: tuple[Any, ...]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, tuple(map(str, values)))
        assert cursor.rowcount != 0, "nothing was tampered with"


@pytest.fixture
def filled(service: Service) -> list[Story]:
    """Three cases, read by every read model; one event has a command, two came together."""
    stories = [Story().after("report", "acknowledge", "assign") for _ in range(3)]
    for story in stories:
        first, *others = story.events
        with service.mapper.sealing() as sealing:
            stored = service.mapper.stored([first], sealing)
            command = Command(uuid4(), FINGERPRINT)
            service.recorder.append(stored, command=command, new_keys=sealing.new_keys)
        service.cases.record(others)
    build_engine(service).catch_up()
    return stories


def checked(service: Service, **options: bool) -> StoreReport:
    return check_store(service.engine, service.mapper, lambda *_: None, **options)


def broken(service: Service) -> dict[str, list[str]]:
    """The rules that are broken, with where."""
    found = checked(service).found
    return {rule: each.examples for rule, each in found.items() if each.violations}


def positions_of(service: Service, story: Story) -> list[int]:
    return [each.id for each in service.recorder.select_events(story.case.id)]


def test_a_sound_store_breaks_no_rule(service: Service, filled: list[Story]) -> None:
    report = checked(service)

    assert report.is_sound
    assert report.events == 9
    assert set(report.found) == set(RULES)


def test_an_empty_store_is_sound(service: Service) -> None:
    assert checked(service).is_sound


def test_a_quick_look_leaves_out_the_contents(service: Service, filled: list[Story]) -> None:
    report = checked(service, quick=True)

    assert set(report.found) == set(RULES) - CONTENTS


def test_a_missing_version(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    case_id = filled[1].case.id

    tamper("DELETE FROM events WHERE originator_id = %s AND originator_version = 2", case_id)

    assert broken(service)["versions"] == [f"case {case_id}: 3 after 1"]


def test_a_case_without_its_beginning(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    case_id = filled[1].case.id

    tamper("DELETE FROM events WHERE originator_id = %s AND originator_version = 1", case_id)

    wrong = broken(service)
    assert wrong["versions"] == [f"case {case_id}: 2 after none"]
    assert wrong["commands"][0].endswith(f"version 1 of {case_id} at {_at(wrong)}")


def _at(wrong: dict[str, list[str]]) -> str:
    return wrong["commands"][0].rpartition(" ")[2]


def test_a_doubled_version(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    case_id = filled[0].case.id
    tamper("ALTER TABLE events DROP CONSTRAINT events_version")

    tamper(
        "INSERT INTO events SELECT position + 4096 * 4096, recorded_at, originator_id, "
        "originator_version, topic, state FROM events "
        "WHERE originator_id = %s AND originator_version = 1",
        case_id,
    )

    assert broken(service)["versions"] == [f"case {case_id}: 1 after 1"]


def test_a_version_before_its_predecessor(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    case_id = filled[2].case.id

    tamper(
        "UPDATE events SET position = 4096 WHERE originator_id = %s AND originator_version = 3",
        case_id,
    )

    assert broken(service)["order"] == [
        f"case {case_id}: version 3 at 4096, before its predecessor"
    ]


def test_a_doubled_position(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    first = positions_of(service, filled[0])[0]
    tamper("ALTER TABLE events DROP CONSTRAINT events_position")

    tamper(
        "INSERT INTO events SELECT position, recorded_at, %s, 1, topic, state FROM events "
        "WHERE position = %s",
        uuid4(),
        first,
    )

    assert broken(service)["positions"] == [
        f"the append at {first} has 2 events from {first} to {first}"
    ]


def test_an_append_of_which_a_part_is_missing(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    """The versions would not tell: the case is gone as a whole."""
    gone, stays = Story().after("report"), Story().after("report")
    first, _ = service.cases.record([*gone.events, *stays.events])

    tamper("DELETE FROM events WHERE originator_id = %s", gone.case.id)

    assert broken(service)["positions"] == [
        f"the append at {first.id} has 1 events from {first.id + 1} to {first.id + 1}"
    ]


@pytest.mark.parametrize(
    ("base", "says"), [(4097, "is 4097, no multiple of 4096"), (-4096, "is -4096, no multiple")]
)
def test_a_wrong_base_of_positions(
    service: Service, filled: list[Story], tamper: Callable[..., None], base: int, says: str
) -> None:
    tamper(
        "CREATE OR REPLACE FUNCTION event_store_base() RETURNS bigint LANGUAGE sql STABLE "
        f"AS 'SELECT {base}::bigint'"
    )

    assert says in broken(service)["base"][0]


def test_an_event_ahead_of_the_next_append(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    far = 1 << 60

    tamper("UPDATE events SET position = %s WHERE originator_id = %s", far, _single(service))

    assert broken(service)["base"][0].startswith(f"the newest event has {far}, the next one gets ")


def _single(service: Service) -> UUID:
    story = Story().after("report")
    service.cases.record(story.events)
    return story.case.id


@pytest.mark.parametrize("reader", ["case_list", "audit_trail"])
def test_a_read_model_that_is_ahead_of_the_log(
    service: Service, filled: list[Story], tamper: Callable[..., None], reader: str
) -> None:
    far = 1 << 60

    tamper("UPDATE projection_builds SET position = %s WHERE build = %s", far, reader)

    (example,) = broken(service)["readers"]
    assert example.startswith(f"read model {reader} has read to {far}; the newest event has ")


def test_a_read_model_that_noted_the_horizon(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    """It lies below the horizon, but a crash could give its positions out again."""
    noted = positions_of(service, filled[2])[-1] + 1

    tamper("UPDATE projection_builds SET position = %s WHERE build = 'case_list'", noted)

    assert broken(service)["readers"][0].startswith(f"read model case_list has read to {noted}")


def test_records_are_looked_at_too(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    newest = positions_of(service, filled[2])[-1]
    at = newest - newest % 4096 + 4096
    tamper("INSERT INTO records VALUES (%s, now(), %s, 2, 'who_knows:1', '')", at, CASE)

    wrong = broken(service)

    assert wrong["versions"] == [f"record {CASE}: 2 after none"]
    assert wrong["contents"] == [f"position {at}: cannot read who_knows:1"]


def test_a_command_may_lead_to_a_record(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    tamper(
        "SELECT append_record(%s, 1, 'legal_hold_placed:1', '{}', %s, '\\x00', NULL, NULL)",
        CASE,
        uuid4(),
    )

    assert "commands" not in broken(service)


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


@pytest.fixture
def alarms(service: Service, filled: list[Story]) -> list[UUID]:
    """An open alarm and one that was acknowledged and closed, in the order of their ids."""
    values = {alarm_id(RULE, value, BEGAN): value for value in ("a", "b")}
    for value in values.values():
        raised(service, value, 0)
    _, closed = in_order = sorted(values)
    service.alarms.acknowledge(closed, circumstances(), expected_version=1)
    ground = "expected_event"
    service.alarms.close(closed, circumstances(), expected_version=2, ground=ground)
    return in_order


def test_rows_of_alarms_are_sound(service: Service, alarms: list[UUID]) -> None:
    assert checked(service).is_sound


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ("DELETE FROM alarm_states", "it has no row"),
        *(
            (f"UPDATE alarm_states SET {column}", "its row says something else")
            for column in (
                "raised_position = raised_position + 1",
                "raised_at = raised_at - interval '1 second'",
                "raised_for = raised_for - interval '1 second'",
                "rule = 'other'",
                "rule_version = rule_version + 1",
                "level = 'other'",
                "scope = 'other'",
                "scope_value = NULL",
                "acknowledged_at = NULL",
                "acknowledged_by = 'other'",
                "said_acknowledged_at = NULL",
                "closed_at = NULL",
                "said_closed_at = NULL",
            )
        ),
    ],
)
def test_a_row_of_an_alarm_that_is_missing_or_wrong(
    service: Service,
    alarms: list[UUID],
    settings: Settings,
    tamper: Callable[..., None],
    change: str,
    difference: str,
) -> None:
    tamper(f"{change} WHERE alarm_id = %s", alarms[1])

    found = broken(service)
    mended = [mend_rows_of_alarms(settings), mend_rows_of_alarms(settings)]

    assert found == {"alarms": [f"alarm {alarms[1]}: {difference}: {ALARMS_CURE}"]}
    assert mended == [1, 0]
    assert checked(service).is_sound


def test_a_row_of_an_alarm_that_nobody_raised(
    service: Service, alarms: list[UUID], settings: Settings, tamper: Callable[..., None]
) -> None:
    tamper(
        "UPDATE alarm_states SET alarm_id = 'ffffffff-ffff-4fff-bfff-ffffffffffff' "
        "WHERE alarm_id = %s",
        alarms[0],
    )

    found = broken(service)
    mended = mend_rows_of_alarms(settings)

    assert [each.split(": ")[1] for each in found["alarms"]] == [
        "it has no row",
        "a row, and no record that raised it",
    ]
    assert mended == 2
    assert checked(service).is_sound


def test_a_record_of_an_alarm_that_cannot_be_read(
    service: Service, alarms: list[UUID], tamper: Callable[..., None]
) -> None:
    tamper("ALTER TABLE records DISABLE TRIGGER records_insert_only")
    for index in ("records_alarms_by_rule", "records_alarms_by_time"):
        tamper(f"DROP INDEX IF EXISTS {index}")
    tamper("UPDATE records SET state = 'secret' WHERE originator_id = %s", alarms[0])

    wrong = broken(service)

    assert wrong["alarms"] == ["a record of an alarm cannot be read"]
    assert set(wrong) == {"alarms", "contents"}


def test_what_is_parked_or_skipped_and_does_not_exist(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    event = positions_of(service, filled[0])[0]
    tamper("INSERT INTO parked_cases VALUES ('case_list', %s, 1, 7, 'x:1', 'E', 1, now())", CASE)
    tamper("INSERT INTO skipped_events VALUES ('p', 9, %s, 'x:1', 'E', 'r', 'a', now())", CASE)
    tamper(
        "INSERT INTO parked_cases VALUES ('audit_trail', %s, 1, %s, 'x:1', 'E', 1, now())",
        filled[0].case.id,
        event,
    )

    tamper("UPDATE projection_builds SET position = 1 WHERE build = 'audit_trail'")

    assert set(broken(service)["parked"]) == {
        "a case parked for case_list waits for a missing event at 7",
        "a missing event was skipped for p at 9",
        f"a case is parked for audit_trail where that has not read yet at {event}",
    }


@pytest.mark.parametrize("column", ["originator_id = gen_random_uuid()", "position = 5"])
def test_a_command_without_its_event(
    service: Service, filled: list[Story], tamper: Callable[..., None], column: str
) -> None:
    tamper(f"UPDATE commands SET {column} WHERE originator_id = %s", filled[0].case.id)

    (example,) = broken(service)["commands"]
    assert example.startswith("command ")
    assert "version 1 of " in example


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("topic = 'case_sold:1'", "case_sold:1"),
        ("topic = 'case_assigned:2'", "case_assigned:2"),
        ("state = 'secret'", "case_assigned:1"),
        ("state = '[]'", "case_assigned:1"),
    ],
)
def test_an_event_that_cannot_be_read(
    service: Service, filled: list[Story], tamper: Callable[..., None], change: str, says: str
) -> None:
    case_id = filled[0].case.id
    position = positions_of(service, filled[0])[2]

    tamper(f"UPDATE events SET {change} WHERE position = %s", position)

    (example,) = broken(service)["contents"]
    assert example.startswith(
        f"position {position}: cannot read {says} (case {case_id}, version 3): "
    )
    assert "secret" not in example


def test_a_key_without_a_trace(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    position = positions_of(service, filled[0])[0]
    tamper("ALTER TABLE subject_keys DISABLE TRIGGER ALL")
    tamper("DELETE FROM subject_keys")

    wrong = broken(service)

    assert set(wrong) == {"keys"}
    assert wrong["keys"][0].startswith(f"position {position}: there is no key ")


def test_a_key_that_was_erased_is_as_it_should_be(service: Service, filled: list[Story]) -> None:
    erased = service.keys.destroy(filled[0].events[0].subject_ref)

    report = checked(service)

    assert erased
    assert report.is_sound


def test_rules_hold_across_the_borders_of_chunks(
    service: Service,
    filled: list[Story],
    tamper: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store_check, "CHUNK", 1)
    monkeypatch.setattr(store_check, "PAGE", 1)
    sound = checked(service).is_sound
    middle = sorted(story.case.id for story in filled)[1]

    tamper("DELETE FROM events WHERE originator_id = %s AND originator_version = 2", middle)

    assert sound
    assert broken(service)["versions"] == [f"case {middle}: 3 after 1"]


def test_many_violations_are_counted_and_a_few_are_named(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    tamper("UPDATE events SET topic = 'case_sold:1'")

    found = checked(service).found["contents"]

    assert found.violations == 9
    assert len(found.examples) == EXAMPLES_MAX


def test_live_writers_break_no_rule(
    service: Service, filled: list[Story], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events, commands, keys and read models grow while it looks at them piece by piece."""
    monkeypatch.setattr(store_check, "CHUNK", 3)
    monkeypatch.setattr(store_check, "PAGE", 2)
    stop, models = Event(), build_engine(service)

    def live() -> None:
        while not stop.is_set():
            service.cases.record(Story().after("report", "acknowledge").events)
            models.feed_all()

    writer = Thread(target=live)
    writer.start()
    try:
        reports = [checked(service) for _ in range(5)]
    finally:
        stop.set()
        writer.join()

    assert all(report.is_sound for report in reports), [report.found for report in reports]
    assert reports[0].events < reports[-1].events


def test_the_check_holds_no_reader_back(service: Service, filled: list[Story]) -> None:
    looks = []

    def look(done: int, total: int | None, words: str) -> None:
        (recorded,) = service.cases.record(Story().after("report").events)
        readable(service.recorder, recorded.id)
        looks.append(words)

    check_store(service.engine, service.mapper, look)

    assert len(looks) >= 4
