"""The database: its connection pools, and what the roles may do."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import URL, Engine, event, make_url, text
from sqlalchemy.exc import DisconnectionError

from service.settings import Settings

MIGRATIONS = Path(__file__).parent / "migrations"
APPLICATION_NAME = "amends"
CONNECT_TIMEOUT_SECONDS = 10
# A machine that vanished without a word is given up after half a minute, busy or idle.
WATCHED_CONNECTION = {
    "connect_timeout": CONNECT_TIMEOUT_SECONDS,
    "keepalives": 1,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
POOL_TIMEOUT_SECONDS = 30
LOCK_TIMEOUT_SECONDS = 5
MERGE_LOCK = 0x6D65726765  # "merge": one merge of cases at a time per database
PRIVACY_LOCK = 0x70726976616379  # "privacy": one erasure or legal hold at a time is decided

# What the service's role may not do, even by mistake. Other tables it may change freely.
INSERT_ONLY_TABLES = frozenset(
    {
        "events",
        "records",
        "ledger.leaves",
        "ledger.nodes",
        "ledger.keys",
        "ledger.checkpoints",
        "ledger.cosignatures",
        "ledger.runs",
        "ledger.subjects",
    }
)
READ_ONLY_TABLES = frozenset({"alembic_version"})
NEVER_EMPTIED_TABLES = frozenset({"subject_keys"})  # a destroyed key keeps its row
# What an auditor's own role may read, and nothing else: no keys, no credentials, no read models.
AUDITED = frozenset({*INSERT_ONLY_TABLES, "event_horizon", "alembic_version"})
SCHEMAS = ("public", "ledger")  # those that migrations make; read models make their own


@contextmanager
def taking_turns(engine: Engine, lock: int) -> Iterator[None]:
    """One caller at a time, in all processes, for the same `lock`; nothing is written.

    Who waits for longer than a few seconds gets SQLAlchemy's OperationalError.
    """
    with engine.begin() as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock})
        yield


def psycopg2_url(url: str) -> URL:
    """The address with its driver named, since SQLAlchemy's default is another one."""
    return make_url(url).set(drivername="postgresql+psycopg2")


def create_engine(settings: Settings, *, pool_size: int | None = None) -> Engine:
    """A pool of connections as the service's own role.

    Statements and idle transactions are limited in time, and errors never carry parameters.
    """
    engine = sqlalchemy.create_engine(
        psycopg2_url(settings.required_database_url()),
        pool_size=pool_size or settings.pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        hide_parameters=True,
        connect_args=_connect_args(
            statement_timeout=settings.statement_timeout_seconds,
            idle_in_transaction_session_timeout=settings.idle_transaction_timeout_seconds,
        ),
    )
    _replace_dead_connections(engine)
    return engine


def create_owner_engine(settings: Settings) -> Engine:
    """An engine for migrations: the owner's role, and no limit on a statement's time."""
    url = settings.owner_database_url or settings.required_database_url()
    return sqlalchemy.create_engine(
        psycopg2_url(url),
        poolclass=sqlalchemy.NullPool,
        hide_parameters=True,
        connect_args=_connect_args(),
    )


def _connect_args(**timeouts_seconds: int) -> dict[str, Any]:
    options = [f"-c {name}={seconds}s" for name, seconds in timeouts_seconds.items()]
    return {
        **WATCHED_CONNECTION,
        "application_name": APPLICATION_NAME,
        "client_encoding": "UTF8",  # else the environment, the address or the role may have others
        "options": " ".join(["-c timezone=UTC", *options]),
    }


def _replace_dead_connections(engine: Engine) -> None:
    """Notice at checkout that the server has hung up, without asking it (no round trip).

    A server that closes a connection makes its socket readable. Only connections that were
    idle in the pool are looked at: a fresh one cannot be stale.
    """

    @event.listens_for(engine, "checkin")
    def remember_idle(connection: Any, record: Any) -> None:
        record.info["was_idle"] = True

    @event.listens_for(engine, "checkout")
    def refuse_dead(connection: Any, record: Any, proxy: Any) -> None:
        if record.info.pop("was_idle", False) and has_input(connection.fileno()):
            raise DisconnectionError("the server closed this connection")


def has_input(file_number: int) -> bool:
    """Whether a socket has something to read, or has ended; looked at without waiting."""
    poll = select.poll()
    poll.register(file_number, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))
