"""What the database says, in the store's words; and never a stored value."""

import psycopg2
import pytest
import sqlalchemy.exc
from eventsourcing import persistence

from api.outages import is_outage
from service.event_store import StoreBusy, StoreUnavailable
from service.event_store.connections import connections_of
from service.event_store.errors import translated

SECRET = "Ms Wu, 1 Example Street"


def refused_with(engine, code: str) -> Exception:
    statement = f"DO $$ BEGIN RAISE EXCEPTION '{SECRET}' USING ERRCODE = '{code}'; END $$"
    with pytest.raises(persistence.PersistenceError) as refusal:
        connections_of(engine).write(statement)
    return refusal.value


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("53100", StoreUnavailable),  # the disk is full
        ("58030", StoreUnavailable),  # the disk cannot be read or written
        ("57P03", StoreUnavailable),  # the server starts or stops
        ("25006", StoreUnavailable),  # the server became a standby
        ("57014", StoreBusy),  # the statement took too long
        ("40P01", StoreBusy),  # a deadlock
        ("40001", StoreBusy),
        ("23514", persistence.IntegrityError),
        ("23505", persistence.IntegrityError),
        ("22P02", persistence.DataError),
        ("42P01", persistence.ProgrammingError),
        ("0A000", persistence.NotSupportedError),
        ("XX000", persistence.InternalError),
    ],
)
def test_every_kind_of_failure_has_its_class(shared_engine, code, expected):
    refusal = refused_with(shared_engine, code)

    assert type(refusal) is expected
    assert SECRET not in str(refusal)


def test_an_answer_that_was_cut_short_is_an_outage():
    """The driver has a plain DatabaseError for it, without a code."""
    refusal = translated(psycopg2.DatabaseError(f"server closed the connection: {SECRET}"))

    assert type(refusal) is StoreUnavailable
    assert SECRET not in str(refusal)
    assert is_outage(psycopg2.DatabaseError())
    assert is_outage(sqlalchemy.exc.DatabaseError("", {}, psycopg2.DatabaseError()))


def test_only_a_failure_that_may_pass_is_an_outage(shared_engine):
    refusal = refused_with(shared_engine, "23514")

    assert not isinstance(refusal, persistence.OperationalError)
