"""Several readers share the commit of who looked: each has its own record, or its own refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from uuid import UUID, uuid4

import psycopg2
import pytest
from psycopg2.extensions import connection as PgConnection  # noqa: N812

from service.access_log import AccessLog, Looked
from service.alarms import AlarmFilter
from service.assembly import Service
from service.event_store import SubjectKeyDestroyed
from tests.an_alarm import raise_one
from tests.given import circumstances
from tests.service.event_store.steps import all_at_once, until
from tests.service.privacy_steps import a_case_of, erase


@pytest.fixture
def log(service: Service, monkeypatch: pytest.MonkeyPatch) -> AccessLog:
    """A log whose readers wait for each other as long as the test likes."""
    monkeypatch.setattr("service.event_store.shared_commits.LONGEST_WAIT_SECONDS", 20.0)
    return service.access_log


@pytest.fixture
def closed_table(owner_database_url: str) -> Iterator[PgConnection]:
    """A transaction that lets nobody add a record until it ends."""
    with closing(psycopg2.connect(owner_database_url)) as connection:
        connection.cursor().execute("LOCK TABLE records IN SHARE ROW EXCLUSIVE MODE")
        yield connection


def look(log: AccessLog, case_id: UUID, key_ids: Sequence[UUID] = ()) -> None:
    log.note(Looked(what="show_case", cases=[case_id], texts=1), circumstances(), key_ids)


def gathered(
    log: AccessLog, closed_table: PgConnection, looks: Sequence[Callable[[], None]]
) -> None:
    """Let these looks meet behind one that waits for the table."""
    commits = log.book._commits

    def let_go() -> None:
        until(lambda: len(commits._waiting) == len(looks))
        closed_table.rollback()

    def behind_the_first(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            until(lambda: commits._is_busy)
            work()

        return run

    first = lambda: look(log, uuid4())  # noqa: E731
    all_at_once([first, let_go, *map(behind_the_first, looks)])


def recorded(service: Service, case_id: UUID) -> list[int]:
    """The positions of the looks at a case."""
    with service.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT position FROM records WHERE said_by_record(state) -> 'cases' ? %s",
            (str(case_id),),
        )
        return [row.position for row in rows]


def test_looks_that_come_meanwhile_share_a_commit_and_each_is_recorded_once(
    service: Service, log: AccessLog, closed_table: PgConnection
) -> None:
    cases = [uuid4() for _ in range(5)]

    gathered(log, closed_table, [lambda case=case: look(log, case) for case in cases])

    positions = [recorded(service, case) for case in cases]
    assert [len(each) for each in positions] == [1] * 5
    assert len({position >> 12 for each in positions for position in each}) == 1
    assert len({position for each in positions for position in each}) == 5


def test_whoever_saw_an_erased_person_is_refused_and_nobody_else(
    service: Service, log: AccessLog, closed_table: PgConnection
) -> None:
    seen = [a_case_of(service, f"CUST-{number}") for number in range(3)]
    keys = [service.keys.live_keys(f"CUST-{number}") for number in range(3)]
    closed_table.rollback()
    erase(service, "CUST-1")
    closed_table.cursor().execute("LOCK TABLE records IN SHARE ROW EXCLUSIVE MODE")
    refused: list[int] = []

    def try_to_look(number: int) -> Callable[[], None]:
        def run() -> None:
            try:
                look(log, seen[number], keys[number])
            except SubjectKeyDestroyed:
                refused.append(number)

        return run

    gathered(log, closed_table, [try_to_look(number) for number in range(3)])

    assert refused == [1]
    assert [len(recorded(service, case_id)) for case_id in seen] == [1, 0, 1]


def test_alarms_that_are_raised_among_looks_are_all_listed(
    service: Service, log: AccessLog
) -> None:
    values = [f"v{number}" for number in range(20)]

    def raise_alarms() -> None:
        for value in values:
            raise_one(service, value)

    def look_on() -> None:
        for _ in range(40):
            look(log, uuid4())

    all_at_once([raise_alarms, look_on, look_on])

    with service.engine.connect() as connection:
        listed = service.alarms.page(connection, AlarmFilter(), 100)
    assert sorted(str(each.alarm.raised.scope_value) for each in listed) == sorted(values)
