"""The settings of Amends: the only place that reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple, Self

from service.setting_fields import given, parsed, variables
from service.setting_groups.database import DatabaseSettings
from service.setting_groups.ledger import LedgerSettings
from service.setting_groups.personal_data import PersonalDataSettings
from service.setting_groups.processes import ProcessSettings
from service.setting_groups.requests import RequestSettings
from service.setting_groups.sign_in import SignInSettings
from service.setting_values import SettingsError


class SettingRow(NamedTuple):
    """One setting as the reference page shows it; `group`: what it is about."""

    group: str
    name: str
    env: str
    default: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class Settings(
    DatabaseSettings,
    ProcessSettings,
    RequestSettings,
    SignInSettings,
    PersonalDataSettings,
    LedgerSettings,
):
    """Everything that can be set from outside, read once at start.

    Raises SettingsError for a value that cannot be used. Secrets never show in `repr`.
    """

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
    def published_dir(self) -> Path:
        """Where workers publish signed checkpoints."""
        return self.checkpoint_dir or self.data_dir / "checkpoints"


def documented_settings() -> list[SettingRow]:
    """Every setting with its variable, default and meaning, group by group."""
    return [
        SettingRow(
            (group.__doc__ or "").removesuffix("."),
            each.name,
            " or ".join(variables(each.metadata)),
            "" if each.default is None else str(each.default),
            each.metadata["meaning"],
        )
        for group in Settings.__bases__
        for each in fields(group)
    ]


def unknown_variables(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Names that look like settings but are none, so that `doctor` can show a typing error."""
    known = {env for each in fields(Settings) for env in variables(each.metadata)}
    return sorted(name for name in environ if name.startswith("AMENDS_") and name not in known)
