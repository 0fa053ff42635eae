"""Whose fault an error is: the event's, which parks its case, or the surroundings', which pass."""

from __future__ import annotations

import psycopg2
from eventsourcing.persistence import PersistenceError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from projections.read_model import ToolMissing
from service.data_keys import MasterKeyMissing

# SQLSTATE classes: a value that is not one, a constraint, a value too large for the server.
# Everything else a server says (it shuts down, a table is missing, a lock was not to be had)
# would hit any event alike and must not park one case after another.
REFUSED_VALUES = frozenset({"22", "23", "54"})
SURROUNDINGS = (
    DBAPIError,
    PoolTimeoutError,
    psycopg2.Error,
    PersistenceError,
    MasterKeyMissing,
    ToolMissing,
    OSError,
    MemoryError,
)


def is_fault_of_event(error: Exception) -> bool:
    """Whether applying this very event would fail again, and other events would not."""
    state = getattr(_cause(error), "pgcode", None)
    if state is not None:
        return state[:2] in REFUSED_VALUES
    return not isinstance(error, SURROUNDINGS)


def name_of(error: Exception) -> str:
    """The class of an error, never its message: that may repeat what somebody typed."""
    return type(_cause(error)).__name__


def _cause(error: Exception) -> BaseException:
    orig = error.orig if isinstance(error, DBAPIError) else None
    return orig if orig is not None else error
