"""What the tests of the event store share."""

from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
from psycopg2.extensions import connection as PgConnection  # noqa: N812
from sqlalchemy import Engine

from service.event_store import EventRecorder


@pytest.fixture
def recorder(engine: Engine) -> EventRecorder:
    return EventRecorder(engine)


@pytest.fixture
def owner(owner_database_url: str) -> Iterator[PgConnection]:
    """A connection as the owner of the tables, in autocommit."""
    with closing(psycopg2.connect(owner_database_url)) as connection:
        connection.autocommit = True
        yield connection
