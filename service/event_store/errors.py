"""What the event store refuses, and what a failing database means for the caller."""

import re
from collections.abc import Callable
from uuid import UUID

import psycopg2
from eventsourcing.persistence import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    PersistenceError,
    ProgrammingError,
)
from psycopg2 import errorcodes


class StoreUnavailable(OperationalError):
    """The database cannot be asked now. An append may or may not have been committed.

    Only the command record tells: ask `find_command` once the database is back.
    """


class StoreBusy(StoreUnavailable):
    """Another transaction held what this one needed for too long; nothing was recorded."""


class VersionConflict(IntegrityError):
    """This version of `originator_id` has been recorded before; nothing was recorded now."""

    def __init__(self, originator_id: UUID | None) -> None:
        super().__init__(f"this version of {originator_id} has been recorded before")
        self.originator_id = originator_id


class CommandAlreadyRecorded(PersistenceError):
    """This command has led to events before; `find_command` gives its first outcome."""

    def __init__(self, command_id: UUID | None) -> None:
        super().__init__(f"command {command_id} has been recorded before")
        self.command_id = command_id


class SubjectKeyDestroyed(PersistenceError):
    """A text was sealed with a key that was destroyed meanwhile: seal again, then append."""


class TooManyEvents(DataError):
    """An append was asked to take none or more than MAX_EVENTS_PER_APPEND events."""


class NotFirstWrite(ProgrammingError):
    """The transaction had written before the append: its position could be out of order."""


class AlreadyTracked(IntegrityError):
    """A follower said twice that it has read to a position, or went back."""


class PositionNotInLog(DataError):
    """A reader remembers a position that this log does not have: it was set back meanwhile.

    This happens when a cluster is recovered to an earlier moment: what was read beyond it is
    gone. Asking for what comes after such a position would pass over new events in silence.
    """

    def __init__(self, position: int) -> None:
        super().__init__(f"the log has no position {position}: it ends before, or was set back")
        self.position = position


class StoreFromAnotherCluster(PersistenceError):
    """The newest event lies ahead of this cluster's transaction ids.

    This happens when a dump is restored into a younger cluster: new events would sort before
    old ones, and readers would never see them. `adopt_store` puts it right.
    """


_OWN: dict[str, Callable[[], Exception]] = {
    "AM001": lambda: NotFirstWrite("an append must be the first write of its transaction"),
    "AM002": lambda: TooManyEvents("an append takes 1 to 4096 events"),
    "AM003": lambda: SubjectKeyDestroyed("a key used for sealing has been destroyed"),
    "AM005": lambda: AlreadyTracked("this position has been tracked before"),
}

_BUSY = frozenset(
    {
        errorcodes.LOCK_NOT_AVAILABLE,
        errorcodes.QUERY_CANCELED,
        errorcodes.DEADLOCK_DETECTED,
        errorcodes.SERIALIZATION_FAILURE,
    }
)

# The server is there but became a standby. A full disk and the like are OperationalErrors.
_AWAY = frozenset({errorcodes.READ_ONLY_SQL_TRANSACTION})

_BY_KIND: tuple[tuple[type[psycopg2.Error], type[PersistenceError]], ...] = (
    (psycopg2.IntegrityError, IntegrityError),
    (psycopg2.DataError, DataError),
    (psycopg2.ProgrammingError, ProgrammingError),
    (psycopg2.NotSupportedError, NotSupportedError),
    (psycopg2.InternalError, InternalError),
    (psycopg2.DatabaseError, DatabaseError),
)

_ID = re.compile(r"\(([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def is_connection_lost(error: BaseException) -> bool:
    """Whether the driver could not ask the server, or got no answer.

    A server that dies in the middle of an answer is a plain DatabaseError without a code to it.
    """
    if isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError):
        return True
    return type(error) is psycopg2.DatabaseError and error.pgcode is None


def translated(error: psycopg2.Error) -> Exception:
    """The store's own error for one of the driver's. Messages repeat no stored value."""
    code = error.pgcode or ""
    if code in _OWN:
        return _OWN[code]()
    if code == errorcodes.UNIQUE_VIOLATION:
        return _doubled(error)
    if code in _BUSY:
        return StoreBusy(f"the database did not answer in time ({code})")
    if code in _AWAY or is_connection_lost(error):
        return StoreUnavailable(f"the database is not available ({code or 'connection lost'})")
    for kind, ours in _BY_KIND:
        if isinstance(error, kind):
            return ours(f"the database refused the statement ({code})")
    return InterfaceError("the database driver refused the statement")


def _doubled(error: psycopg2.Error) -> Exception:
    constraint = error.diag.constraint_name
    named = _ID.search(error.diag.message_detail or "")
    identity = UUID(named.group(1)) if named else None
    if constraint == "commands_command_id":
        return CommandAlreadyRecorded(identity)
    if constraint in ("events_version", "records_version"):
        return VersionConflict(identity)
    return IntegrityError(f"recorded before ({constraint})")
