"""Showing the settings in force, without their secrets."""

import json
from dataclasses import fields

from api.cli.settings import SECRETS
from service.settings import Settings, documented_settings
from tests.cli.conftest import Run


def test_every_setting_is_shown_and_no_secret(run: Run, settings: Settings) -> None:
    result = run("settings", env={"PORT": "9000"})

    assert result.exit_code == 0
    for row in documented_settings():
        assert row.env in result.stdout
    assert "9000" in result.stdout
    assert str(settings.master_key) not in result.stdout
    assert settings.required_database_url() not in result.stdout


def test_scripts_get_values(run: Run) -> None:
    shown = json.loads(run("settings", "--json").stdout)

    assert shown["port"] == 8080
    assert shown["master_key"] == "(set, not shown)"
    assert set(shown) == {row.name for row in documented_settings()}


def test_every_secret_is_known_as_one() -> None:
    """What `repr` hides, the command hides too."""
    assert {each.name for each in fields(Settings) if not each.repr} == SECRETS
