"""What each error of the libraries underneath means for whoever typed the command."""

import errno
import traceback
from pathlib import Path

import psycopg2
from psycopg2.extensions import parse_dsn
from sqlalchemy.exc import DBAPIError

from api.cli.exits import CommandError, Exit
from api.outages import is_outage
from domain.errors import Refusal
from service.embedded_postgres import EmbeddedPostgresError
from service.event_store import StoreFromAnotherCluster
from service.mapper import UnreadableEvent
from service.migrating import MIGRATED_BY_NEWER, MigrationBlocked
from service.setting_values import SettingsError
from service.settings import Settings

NOT_MIGRATED = CommandError(
    Exit.REFUSED,
    "the database is not migrated to this version of Amends",
    "Run `amends migrate` (or `amends serve`, which does it first). Where that finds nothing to "
    "do, a list is being rebuilt for this version: `amends projections list` shows when that is "
    "over.",
)
NO_DATABASE = CommandError(
    Exit.DATABASE,
    "there is no database in the data directory",
    "Go where it is, set AMENDS_DATA_DIR or AMENDS_DATABASE_URL, or make one: `amends serve`.",
)
FOREIGN_STORE = CommandError(
    Exit.REFUSED,
    "the store comes from another PostgreSQL cluster, so new events would sort before old ones",
    "Stop every Amends process and run `amends store adopt`.",
)
TABLE_MISSING = frozenset({"42P01", "3F000", "42703", "42883"})
RIGHT_MISSING = "42501"


def explained(error: Exception) -> CommandError:
    """The error in one line that repeats nothing stored, with an exit code and what to do."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(error, SettingsError):
        return CommandError(Exit.CONFIGURATION, str(error), "`amends settings` shows them all.")
    if isinstance(error, StoreFromAnotherCluster):
        return FOREIGN_STORE
    if isinstance(error, UnreadableEvent):
        return _not_readable(error)
    if isinstance(error, MigrationBlocked):
        return _blocked(error)
    if isinstance(error, EmbeddedPostgresError):
        return CommandError(Exit.DATABASE, str(error))
    if isinstance(cause, psycopg2.Error) and cause.pgcode in TABLE_MISSING:
        return NOT_MIGRATED
    if isinstance(cause, psycopg2.Error) and cause.pgcode == RIGHT_MISSING:
        return _right_missing()
    if is_outage(error):
        return _unreachable(cause)
    if isinstance(error, MIGRATED_BY_NEWER):
        return _newer_database()
    if isinstance(error, Refusal):
        return CommandError(Exit.REFUSED, f"refused: {error.code}")
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return CommandError(Exit.IN_USE, "the port is in use", "Choose another one with --port.")
    if isinstance(error, OSError) and error.strerror:
        what = error.filename or "the operating system said"
        return CommandError(Exit.FOUND, f"{what}: {error.strerror}")
    return _fault(error)


def _not_readable(error: UnreadableEvent) -> CommandError:
    return CommandError(
        Exit.REFUSED,
        str(error),
        "Use the newest version of Amends that has ever written to this database; "
        "`amends store check` names every such event.",
    )


def _blocked(error: MigrationBlocked) -> CommandError:
    return CommandError(
        Exit.REFUSED,
        f"migration {error} is not applied: another transaction keeps a lock that it needs",
        "End that transaction (pg_stat_activity shows it), then run `amends migrate` again.",
    )


def _right_missing() -> CommandError:
    return CommandError(
        Exit.CONFIGURATION,
        "the database role lacks a right that this needs",
        "Let `amends migrate` grant it: set AMENDS_OWNER_DATABASE_URL to the owner's address.",
    )


def _unreachable(cause: BaseException | None) -> CommandError:
    said = str(cause).strip().splitlines()
    # Only what libpq says while connecting: later messages may quote a row.
    connecting = isinstance(cause, psycopg2.OperationalError) and cause.pgcode is None and said
    return CommandError(
        Exit.DATABASE,
        _what_is_unreachable(said[0] if connecting else ""),
        "Check that PostgreSQL runs and that AMENDS_DATABASE_URL names it.",
    )


def _what_is_unreachable(said: str) -> str:
    """With host and port, which libpq does not tell to whoever gives up by itself."""
    place = "" if "port " in said else _place()
    return f"the database{place} cannot be reached" + (f": {said}" if said else "")


def _place() -> str:
    try:
        address = Settings.from_environment().database_url
        parts = parse_dsn(address) if address else {}
    except (SettingsError, psycopg2.Error):
        return ""
    return f" at {parts['host']}:{parts.get('port', 5432)}" if parts.get("host") else ""


def _newer_database() -> CommandError:
    return CommandError(
        Exit.REFUSED,
        "the database was migrated by another, probably newer version of Amends",
        "Run the newest version that has ever used this database.",
    )


def _fault(error: Exception) -> CommandError:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return CommandError(
        Exit.FAULT,
        f"unexpected {type(error).__name__}{place}",
        "This is a fault in Amends: please report this line and what you typed.",
    )
