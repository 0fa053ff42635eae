"""Which exceptions mean that the database is away, not that the service is wrong."""

from __future__ import annotations

from typing import Final

import sqlalchemy.exc
from eventsourcing.persistence import InterfaceError, OperationalError

from service.event_store.errors import is_connection_lost

_OUTAGES: Final = (
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.TimeoutError,
    OperationalError,
    InterfaceError,
)


def is_outage(error: BaseException) -> bool:
    """Whether trying again later may help."""
    driver_error = getattr(error, "orig", None) or error  # SQLAlchemy keeps the driver's in `orig`
    return isinstance(error, _OUTAGES) or is_connection_lost(driver_error)
