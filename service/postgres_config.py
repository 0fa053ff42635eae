"""The configuration of an embedded PostgreSQL server: its settings, and who may come in."""

import os
import pwd
from collections.abc import Mapping
from pathlib import Path

PORT = 5432  # part of the socket's name; nothing listens on the network

SERVER_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "idle_in_transaction_session_timeout": "60s",
    # A log file per weekday. Nothing typed may reach it: no statements, parameters or details.
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_truncate_on_rotation": "on",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}

# For servers that are thrown away: many times faster, and a power cut may lose everything.
THROWAWAY_SETTINGS: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_size": "4GB",
    "autovacuum_naptime": "1h",
    "max_prepared_transactions": "5",  # tests prepare one to see it found
}


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL is not installed, or did not start or stop; says what to look at."""


def config_files(socket_dir: Path, *, throwaway: bool) -> dict[str, list[str]]:
    """The lines of each configuration file. Raises EmbeddedPostgresError.

    By the socket only, and only the operating system's user that runs this, as anybody.
    """
    chosen = {**SERVER_SETTINGS, **(THROWAWAY_SETTINGS if throwaway else {})}
    chosen["unix_socket_directories"] = _one_directory(socket_dir)
    chosen["unix_socket_permissions"] = "0700"
    return {
        "postgresql.conf": [f"{name} = '{_quoted(value)}'" for name, value in chosen.items()],
        "pg_hba.conf": ["local all all peer map=amends", "local replication all peer map=amends"],
        "pg_ident.conf": [f'amends "{_os_user_name()}" all'],
    }


def _os_user_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise EmbeddedPostgresError(
            "the embedded PostgreSQL needs a user that the system knows by name"
        ) from None


def _one_directory(path: Path) -> str:
    """A path as the only element of one of PostgreSQL's list settings."""
    return '"' + str(path).replace('"', '""') + '"'


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
