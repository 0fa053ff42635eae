"""`amends settings`: what is set, what it means, and what is not set."""

from pathlib import Path

import click

from api.cli.opening import read_settings
from api.cli.output import json_option, show_json, show_table
from service.settings import Settings, documented_settings

SECRETS = frozenset(
    {
        "database_url",
        "owner_database_url",
        "master_key",
        "ledger_key",
        "ledger_old_key",
        "s3_access_key_id",
        "s3_secret_access_key",
    }
)


@click.command("settings")
@json_option
def command(as_json: bool) -> None:
    """Show every setting in force. Secrets are only said to be set."""
    settings = read_settings()
    rows = [(row.env, _shown(settings, row.name), row.meaning) for row in documented_settings()]
    if as_json:
        show_json({row.name: _shown(settings, row.name) for row in documented_settings()})
    else:
        show_table(("variable", "value", "meaning"), rows)


def _shown(settings: Settings, name: str) -> object:
    value = getattr(settings, name)
    if name in SECRETS:
        return None if value is None else "(set, not shown)"
    return str(value) if isinstance(value, Path) else value
