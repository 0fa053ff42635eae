"""Settings of personal data: its key, the register of erasures, and the reason of a look."""

from dataclasses import dataclass
from pathlib import Path

from service.setting_fields import setting
from service.setting_values import path, yes_or_no


@dataclass(frozen=True, kw_only=True)
class PersonalDataSettings:
    """Personal data."""

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
    require_access_reason: bool = setting(
        "AMENDS_REQUIRE_ACCESS_REASON",
        False,
        "`yes`: whoever is shown personal text must say why, in the header "
        "`Amends-Access-Reason`. `no`: they may.",
        yes_or_no,
    )
