"""Stores for the growth benchmark: filled far faster than by appending, and kept if wanted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from uuid import UUID

import psycopg2
from sqlalchemy import make_url

from benchmarks.growth_reader import Reader
from service.embedded_postgres import database_for
from service.migrating import migrate_database
from service.postgres_cluster import SUPERUSER
from service.settings import Settings

FILLED_AT_ONCE = 500_000

# A thousand cases are open at any time, so the events of one lie far apart, as in real life. Ids
# rise with time, as those of the service do.
FILL = """
INSERT INTO events (position, recorded_at, originator_id, originator_version, topic, state)
SELECT n << 12, clock_timestamp(),
    (lpad(to_hex(n / 10000 * 1000 + n %% 1000), 12, '0') || '70008000'
        || lpad(to_hex(n %% 1000), 12, '0'))::uuid,
    (n / 1000) %% 10 + 1, 'solution_proposed:1', decode(repeat('61', %s), 'hex')
FROM generate_series(%s::bigint, %s::bigint) AS n
"""

FILLED = "SELECT coalesce(max(position) >> 12, -1) + 1 FROM events WHERE position < 1::bigint << 48"

# An experiment: no key can be unique over all partitions without the column that divides them.
PARTITIONED = """
ALTER TABLE events RENAME CONSTRAINT events_position TO whole_events_position;
ALTER TABLE events RENAME CONSTRAINT events_version TO whole_events_version;
ALTER TABLE events RENAME TO whole_events;
CREATE TABLE events (LIKE whole_events) PARTITION BY HASH (originator_id);
ALTER TABLE events
    ADD CONSTRAINT events_position PRIMARY KEY (position, originator_id),
    ADD CONSTRAINT events_version UNIQUE (originator_id, originator_version);
GRANT SELECT, INSERT ON events TO PUBLIC;
"""
PARTITION = (
    "CREATE TABLE events_{n} PARTITION OF events FOR VALUES WITH (MODULUS {of}, REMAINDER {n})"
)

# New positions start above all that will ever be filled in, as in a store that was adopted.
BASE_ABOVE = (
    "CREATE OR REPLACE FUNCTION event_store_base() RETURNS bigint LANGUAGE sql STABLE"
    " AS 'SELECT 1::bigint << 48'"
)


def case_id(number: int) -> UUID:
    """The id of a filled case; the same as in FILL."""
    return UUID(f"{number:012x}70008000{number % 1000:012x}")


class Store:
    """A database with a log that can be filled far faster than by appending."""

    def __init__(self, settings: Settings, state_bytes: int) -> None:
        assert settings.owner_database_url is not None
        self.url = settings.required_database_url()
        self.superuser_url = as_superuser(settings.owner_database_url)
        self._state_bytes = state_bytes
        migrate_database(settings)
        self.execute(BASE_ABOVE)
        self.events = self._filled_before()

    def execute(self, *statements: str, values: tuple[int, ...] | None = None) -> None:
        """Run statements as the superuser."""
        with closing(psycopg2.connect(self.superuser_url)) as connection:
            connection.autocommit = True
            for statement in statements:
                connection.cursor().execute(statement, values)

    @cached_property
    def reader(self) -> Reader:
        """The one connection that reads it."""
        return Reader(self.url)

    def _filled_before(self) -> int:
        with closing(psycopg2.connect(self.superuser_url)) as connection:
            cursor = connection.cursor()
            cursor.execute(FILLED)
            ((events,),) = cursor.fetchall()
            return int(events)

    def divide(self, partitions: int) -> None:
        """Put a table of partitions in the place of the one table; an experiment."""
        each = [PARTITION.format(n=n, of=partitions) for n in range(partitions)]
        self.execute(PARTITIONED, *each)

    def fill(self, events: int, say: Callable[[str], None]) -> None:
        """Fill it up to so many events; a store kept from before may hold them already."""
        if self.events >= events:
            return
        while self.events < events:
            say(f"filling: {self.events:,} of {events:,} events")
            upper = min(events, self.events + FILLED_AT_ONCE)
            self.execute(FILL, values=(self._state_bytes, self.events, upper - 1))
            self.events = upper
        self.execute("VACUUM (ANALYZE) events", "CHECKPOINT")


def as_superuser(url: str) -> str:
    """The same database for the role that may do everything."""
    return make_url(url).set(username=SUPERUSER).render_as_string(hide_password=False)


def other_database(settings: Settings, name: str) -> Settings:
    """One more database on the same server, new and empty."""
    assert settings.owner_database_url is not None

    def renamed(url: str) -> str:
        return make_url(url).set(database=name).render_as_string(hide_password=False)

    with closing(psycopg2.connect(as_superuser(settings.owner_database_url))) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"DROP DATABASE IF EXISTS {name}")
        connection.cursor().execute(f"CREATE DATABASE {name} OWNER amends_owner")
    return replace(
        settings,
        database_url=renamed(settings.required_database_url()),
        owner_database_url=renamed(settings.owner_database_url),
    )


def give_memory(home: Path, shared_buffers: str | None) -> None:
    """Let the server that lives here have so much memory from its next start on, or its usual."""
    with (
        database_for(Settings(data_dir=home)) as settings,
        closing(psycopg2.connect(as_superuser(settings.owner_database_url or ""))) as connection,
    ):
        connection.autocommit = True
        connection.cursor().execute("ALTER SYSTEM RESET shared_buffers")
        if shared_buffers:
            connection.cursor().execute("ALTER SYSTEM SET shared_buffers = %s", (shared_buffers,))
