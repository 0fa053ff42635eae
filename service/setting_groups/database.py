"""Settings of the database: where it is, who uses it, and how long it may take."""

from dataclasses import dataclass
from pathlib import Path

from service.setting_fields import setting
from service.setting_values import SettingsError, path, postgres_url, whole_number


@dataclass(frozen=True, kw_only=True)
class DatabaseSettings:
    """Database."""

    database_url: str | None = setting(
        "AMENDS_DATABASE_URL",
        None,
        "PostgreSQL address of the service's own role. Without it Amends starts an embedded "
        "PostgreSQL in the data directory.",
        postgres_url,
        secret=True,
        in_file=True,
    )
    owner_database_url: str | None = setting(
        "AMENDS_OWNER_DATABASE_URL",
        None,
        "Address of the role that owns the tables; only migrations use it. Without it "
        "migrations run as the service's own role, which then can change stored rows.",
        postgres_url,
        secret=True,
        in_file=True,
    )
    auditor_role: str | None = setting(
        "AMENDS_AUDITOR_ROLE",
        None,
        "Name of a database role that `migrate` lets read events, records and the ledger, and "
        "nothing else: no keys, so personal text stays sealed to it.",
    )
    data_dir: Path = setting(
        "AMENDS_DATA_DIR",
        Path(".amends"),
        "Directory of the embedded database, of the key files and of published checkpoints.",
        path,
    )
    pool_size: int = setting(
        "AMENDS_POOL_SIZE",
        10,
        "Database connections that each process may hold.",
        whole_number(1, 200),
    )
    statement_timeout_seconds: int = setting(
        "AMENDS_STATEMENT_TIMEOUT_SECONDS",
        30,
        "A statement that runs longer is cancelled.",
        whole_number(1, 3_600),
    )
    idle_transaction_timeout_seconds: int = setting(
        "AMENDS_IDLE_TRANSACTION_TIMEOUT_SECONDS",
        60,
        "A connection that leaves a transaction open and idle for longer is closed, because "
        "an open writing transaction holds back every reader of the log.",
        whole_number(1, 3_600),
    )

    @property
    def embedded(self) -> bool:
        """Whether Amends brings its own database."""
        return self.database_url is None

    def required_database_url(self) -> str:
        """The service's database address; SettingsError when there is none yet."""
        if self.database_url is None:
            raise SettingsError("AMENDS_DATABASE_URL is not set")
        return self.database_url
