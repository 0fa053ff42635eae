"""A store with three cases, and somebody with every right who tampers with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from psycopg2.extensions import connection as PgConnection  # noqa: N812
from sqlalchemy.engine import make_url

from projections.read_models import build_engine
from service.assembly import Service
from service.event_store import Command
from service.settings import Settings
from tests.given import Story

FINGERPRINT = bytes(32)


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
