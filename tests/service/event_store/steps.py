"""Building blocks of the event store's tests."""

import time
from collections.abc import Callable, Iterable
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent
from psycopg2.extensions import connection as PgConnection  # noqa: N812

from service.event_store import Command, EventRecorder, Pacing

PATIENCE_SECONDS = 120.0
"""Only against hanging."""

FINGERPRINT = bytes(32)


def an_event(
    originator_id: UUID | None = None,
    version: int = 1,
    topic: str = "solution_proposed:1",
    state: bytes = b"{}",
) -> StoredEvent:
    return StoredEvent(originator_id or uuid4(), version, topic, state)


def a_command() -> Command:
    return Command(uuid4(), FINGERPRINT)


def append_without_commit(connection: PgConnection, event: StoredEvent) -> int:
    """Append in the connection's open transaction; the position it got."""
    values = (str(event.originator_id), event.originator_version, event.topic, event.state)
    return ask(connection, "SELECT * FROM append_event(%s,%s,%s,%s,NULL,NULL,NULL)", *values)


def ask(connection: PgConnection, statement: str, *values: Any) -> Any:
    """The first column of a statement's only row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that other threads or the server are about to do."""
    pacing, never = Pacing(), Event()
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up_at, "this never happened"
        pacing.wait(never)


def readable(recorder: EventRecorder, position: int) -> None:
    """Wait until readers may see a position: the server's own upkeep can hold them a moment."""
    until(lambda: recorder.horizon() > position)


def all_at_once(works: Iterable[Callable[[], None]]) -> None:
    """Run each in a thread of its own, all started together; raise the first error."""
    start, errors = Event(), []

    def run(work: Callable[[], None]) -> None:
        start.wait()
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    start.set()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
