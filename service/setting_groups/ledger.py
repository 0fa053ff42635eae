"""Settings of the ledger: its name and keys, and where signed checkpoints are published."""

from dataclasses import dataclass
from pathlib import Path

from service.setting_fields import setting
from service.setting_values import bucket, http_url, one_of, origin, path, whole_number


@dataclass(frozen=True, kw_only=True)
class LedgerSettings:
    """Ledger."""

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
