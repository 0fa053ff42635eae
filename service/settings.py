"""The settings of Amends: the only place that reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple, Self

from service.setting_fields import given, parsed, setting, variables
from service.setting_values import SettingsError as SettingsError
from service.setting_values import (
    bucket,
    classifier_name,
    http_url,
    one_of,
    origin,
    path,
    postgres_url,
    whole_number,
    yes_or_no,
)

JWT_SUBJECTS = ("reference", "pseudonym")
LOG_FORMATS = ("auto", "json", "console")
LOG_LEVELS = ("debug", "info", "warning", "error")


class SettingRow(NamedTuple):
    """One setting as the reference page shows it."""

    name: str
    env: str
    default: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set from outside, read once at start.

    Raises SettingsError for a value that cannot be used. Secrets never show in `repr`.
    """

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
    host: str = setting("AMENDS_HOST", "127.0.0.1", "Address that the web server listens on.")
    port: int = setting(
        "AMENDS_PORT",
        8080,
        "Port that the web server listens on.",
        whole_number(1, 65_535),
        also=("PORT",),
    )
    web_processes: int = setting(
        "AMENDS_WEB_PROCESSES", 2, "Number of web server processes.", whole_number(1, 64)
    )
    web_threads: int = setting(
        "AMENDS_WEB_THREADS", 8, "Threads in each web server process.", whole_number(1, 128)
    )
    classifier: str = setting(
        "AMENDS_CLASSIFIER",
        "keywords",
        "Who hears anger in what customers say, where the caller does not tell how they feel: "
        "`keywords`, the built-in words in English and Chinese; `none`; or a plug-in, by its name "
        "in the entry point group `amends.emotion_classifier` or as `module:attribute`.",
        classifier_name,
    )
    classifier_milliseconds: int = setting(
        "AMENDS_CLASSIFIER_MILLISECONDS",
        500,
        "How long a report waits for a plug-in; then the built-in words are asked instead.",
        whole_number(10, 10_000),
    )
    rebuild_processes: int = setting(
        "AMENDS_REBUILD_PROCESSES",
        2,
        "Processes that a worker starts while a read model is rebuilt from a long log; 0: the "
        "worker does it alone.",
        whole_number(0, 64),
    )
    master_key: str | None = setting(
        "AMENDS_MASTER_KEY",
        None,
        "Master key that wraps the data keys: 32 bytes in base64. Prefer the file.",
        secret=True,
    )
    master_key_file: Path | None = setting(
        "AMENDS_MASTER_KEY_FILE",
        None,
        "File that holds the master key. With the embedded database it defaults to "
        "`master.key` in the data directory and is made on first start.",
        path,
    )
    erasure_register: Path | None = setting(
        "AMENDS_ERASURE_REGISTER",
        None,
        "File that notes which keys were destroyed, so that a restored backup brings nobody "
        "back. It belongs outside the database and outside its backups. With the embedded "
        "database it defaults to `erasures.jsonl` in the data directory.",
        path,
    )
    ledger_origin: str = setting(
        "AMENDS_LEDGER_ORIGIN",
        "localhost/amends",
        "Name of the ledger in its checkpoints: an address of yours without scheme, such as "
        "`example.com/amends`, that no other ledger bears.",
        origin,
    )
    ledger_key: str | None = setting(
        "AMENDS_LEDGER_KEY",
        None,
        "Ed25519 private key that signs checkpoints, in PEM as `openssl genpkey -algorithm "
        "ed25519` writes it. With the embedded database it defaults to `ledger.key` in the data "
        "directory and is made on first start. Only workers need it.",
        secret=True,
        in_file=True,
    )
    ledger_old_key: str | None = setting(
        "AMENDS_LEDGER_OLD_KEY",
        None,
        "The key before that one, while auditors and witnesses change over: checkpoints bear both "
        "signatures. With the embedded database, `ledger.old.key` in the data directory.",
        secret=True,
        in_file=True,
    )
    checkpoint_dir: Path | None = setting(
        "AMENDS_CHECKPOINT_DIR",
        None,
        "Directory where workers publish signed checkpoints; `checkpoints` in the data directory "
        "by default. Let it lie where the database's administrators cannot write.",
        path,
    )
    s3_bucket: str | None = setting(
        "AMENDS_S3_BUCKET",
        None,
        "Bucket of an S3-compatible store where workers publish checkpoints too, each under an "
        "object lock. The bucket must have been made with object lock. Needs `amends[s3]`.",
        bucket,
    )
    s3_prefix: str = setting("AMENDS_S3_PREFIX", "", "What the names of its objects begin with.")
    s3_endpoint: str | None = setting(
        "AMENDS_S3_ENDPOINT",
        None,
        "Address of the store, by https except from this machine; Amazon's by default.",
        http_url,
    )
    s3_region: str = setting("AMENDS_S3_REGION", "us-east-1", "Region of the store.")
    s3_access_key_id: str | None = setting(
        "AMENDS_S3_ACCESS_KEY_ID",
        None,
        "Access key of the store, for workers and `ledger verify`. It needs to put, get and list "
        "objects, and nothing else. By default where the AWS tools look for it.",
        secret=True,
        in_file=True,
    )
    s3_secret_access_key: str | None = setting(
        "AMENDS_S3_SECRET_ACCESS_KEY", None, "Its secret.", secret=True, in_file=True
    )
    s3_retention_days: int = setting(
        "AMENDS_S3_RETENTION_DAYS",
        365,
        "For how long each published checkpoint is locked.",
        whole_number(1, 36_500),
    )
    s3_lock_mode: str = setting(
        "AMENDS_S3_LOCK_MODE",
        "compliance",
        "`compliance`: nobody can remove a checkpoint before. `governance`: who has a special "
        "right can.",
        one_of("compliance", "governance"),
    )
    witnesses: str | None = setting(
        "AMENDS_WITNESSES",
        None,
        "Witnesses (C2SP tlog-witness) that cosign checkpoints, one a line: `witness NAME KEY "
        "ADDRESS`, as in a C2SP tlog-policy.",
        in_file=True,
    )
    publish_seconds: int = setting(
        "AMENDS_PUBLISH_SECONDS",
        10,
        "How often at most a checkpoint goes to the object store and to each witness.",
        whole_number(1, 45),
    )
    require_access_reason: bool = setting(
        "AMENDS_REQUIRE_ACCESS_REASON",
        False,
        "`yes`: whoever is shown personal text must say why, in the header "
        "`Amends-Access-Reason`. `no`: they may.",
        yes_or_no,
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
    rate_limit_per_minute: int = setting(
        "AMENDS_RATE_LIMIT_PER_MINUTE",
        6_000,
        "Requests per minute that one credential may send; 0 means no limit.",
        whole_number(0, 10_000_000),
    )
    idempotency_days: int = setting(
        "AMENDS_IDEMPOTENCY_DAYS",
        7,
        "Days for which an idempotency key is remembered.",
        whole_number(1, 365),
    )
    jwt_issuer: str | None = setting(
        "AMENDS_JWT_ISSUER", None, "Issuer (`iss`) of the JSON Web Tokens that are accepted."
    )
    jwt_audience: str | None = setting(
        "AMENDS_JWT_AUDIENCE", None, "Audience (`aud`) that such a token must name."
    )
    jwt_jwks_url: str | None = setting(
        "AMENDS_JWT_JWKS_URL",
        None,
        "Address of the issuer's public keys (JWKS). By https, except from this machine: whoever "
        "can change the answer can sign in as anybody.",
        http_url,
    )
    jwt_subjects: str = setting(
        "AMENDS_JWT_SUBJECTS",
        "reference",
        "How the subject (`sub`) of a token appears in events. `reference`: as it is, and tokens "
        "whose subject holds a space or an @ are refused. `pseudonym`: people under a keyed hash "
        "of it, which `amends token actor` computes.",
        one_of(*JWT_SUBJECTS),
    )
    log_format: str = setting(
        "AMENDS_LOG_FORMAT",
        "auto",
        "`json`, `console`, or `auto`: console on a terminal, else json.",
        one_of(*LOG_FORMATS),
    )
    log_level: str = setting(
        "AMENDS_LOG_LEVEL", "info", f"One of {', '.join(LOG_LEVELS)}.", one_of(*LOG_LEVELS)
    )

    def __post_init__(self) -> None:
        """Refuse combinations that could not work."""
        if self.master_key is not None and self.master_key_file is not None:
            raise SettingsError("set AMENDS_MASTER_KEY or AMENDS_MASTER_KEY_FILE, not both")
        if self.owner_database_url is not None and self.database_url is None:
            raise SettingsError("AMENDS_OWNER_DATABASE_URL needs AMENDS_DATABASE_URL")
        if (self.s3_access_key_id is None) != (self.s3_secret_access_key is None):
            raise SettingsError(
                "AMENDS_S3_ACCESS_KEY_ID and AMENDS_S3_SECRET_ACCESS_KEY go together"
            )
        if self.ledger_old_key is not None and self.ledger_key is None and not self.embedded:
            raise SettingsError("AMENDS_LEDGER_OLD_KEY needs AMENDS_LEDGER_KEY")
        jwt = (self.jwt_issuer, self.jwt_audience, self.jwt_jwks_url)
        if any(jwt) and not all(jwt):
            raise SettingsError(
                "AMENDS_JWT_ISSUER, AMENDS_JWT_AUDIENCE and AMENDS_JWT_JWKS_URL go together"
            )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read every setting; an empty variable counts as not set."""
        values: dict[str, Any] = {}
        for each in fields(cls):
            found = given(each.metadata, environ)
            if found is not None:
                env, text = found
                values[each.name] = parsed(env, text, each.metadata["parse"])
        return cls(**values)

    @property
    def embedded(self) -> bool:
        """Whether Amends brings its own database."""
        return self.database_url is None

    @property
    def published_dir(self) -> Path:
        """Where workers publish signed checkpoints."""
        return self.checkpoint_dir or self.data_dir / "checkpoints"

    def required_database_url(self) -> str:
        """The service's database address; SettingsError when there is none yet."""
        if self.database_url is None:
            raise SettingsError("AMENDS_DATABASE_URL is not set")
        return self.database_url


def documented_settings() -> list[SettingRow]:
    """Every setting with its variable, default and meaning, in the order of the class."""
    return [
        SettingRow(
            each.name,
            " or ".join(variables(each.metadata)),
            "" if each.default is None else str(each.default),
            each.metadata["meaning"],
        )
        for each in fields(Settings)
    ]


def unknown_variables(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Names that look like settings but are none, so that `doctor` can show a typing error."""
    known = {env for each in fields(Settings) for env in variables(each.metadata)}
    return sorted(name for name in environ if name.startswith("AMENDS_") and name not in known)
