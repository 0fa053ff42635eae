"""Which exceptions mean that the database is away, not that the service is wrong."""

from __future__ import annotations

from typing import Final

import psycopg2
import sqlalchemy.exc
from eventsourcing.persistence import InterfaceError, OperationalError

_OUTAGES: Final = (
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.TimeoutError,
    OperationalError,
    InterfaceError,
)


def is_outage(error: BaseException) -> bool:
    """Whether trying again later may help."""
    return isinstance(error, _OUTAGES)
