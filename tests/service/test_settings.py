"""Settings come from the environment, and a bad one is refused by name, never by value."""

from dataclasses import fields
from pathlib import Path

import pytest

from service.setting_values import SettingsError
from service.settings import Settings, documented_settings, unknown_variables

SECRET_URL = "postgresql://amends:hunter2@db/amends"


def test_without_any_variable_amends_runs_embedded_on_one_machine():
    settings = Settings.from_environment({})

    assert settings.embedded
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.data_dir == Path(".amends")
    assert settings.idempotency_days == 7


def test_variables_are_read_and_converted():
    environ = {
        "AMENDS_DATABASE_URL": "postgresql+psycopg2://db/amends",
        "AMENDS_WEB_THREADS": " 16 ",
        "AMENDS_DATA_DIR": "~/amends",
        "AMENDS_LOG_LEVEL": "",
    }

    settings = Settings.from_environment(environ)

    assert settings.database_url == "postgresql://db/amends"
    assert settings.web_threads == 16
    assert settings.data_dir == Path("~/amends").expanduser()
    assert settings.log_level == "info"


def test_an_address_may_stand_in_a_file(tmp_path):
    path = tmp_path / "url"
    path.write_text(f"{SECRET_URL}\n")

    settings = Settings.from_environment({"AMENDS_DATABASE_URL_FILE": str(path)})

    assert settings.database_url == SECRET_URL


def test_a_file_that_cannot_be_read_is_refused_by_the_name_of_its_variable(tmp_path):
    with pytest.raises(SettingsError, match="AMENDS_DATABASE_URL_FILE names a file"):
        Settings.from_environment({"AMENDS_DATABASE_URL_FILE": str(tmp_path / "gone")})


def test_the_port_may_come_from_either_variable_and_ours_wins():
    assert Settings.from_environment({"PORT": "9000"}).port == 9000
    assert Settings.from_environment({"PORT": "9000", "AMENDS_PORT": "9001"}).port == 9001


@pytest.mark.parametrize(
    ("env", "value"),
    [
        ("AMENDS_PORT", "0"),
        ("AMENDS_PORT", "65536"),
        ("AMENDS_PORT", "8o8o"),
        ("AMENDS_PORT", "٨٠٨٠"),
        ("PORT", "-1"),
        ("AMENDS_POOL_SIZE", "9" * 5_000),
        ("AMENDS_LOG_FORMAT", "xml"),
        ("AMENDS_DATABASE_URL", "mysql://amends:hunter2@db/amends"),
        ("AMENDS_DATABASE_URL", "db.example/amends"),
        ("AMENDS_JWT_JWKS_URL", "file:///etc/passwd"),
        ("AMENDS_JWT_JWKS_URL", "http://login.example/jwks"),
        ("AMENDS_JWT_SUBJECTS", "name"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(env, value):
    with pytest.raises(SettingsError, match=f"^{env} must") as refused:
        Settings.from_environment({env: value})

    assert value not in str(refused.value)


@pytest.mark.parametrize(
    "environ",
    [
        {"AMENDS_MASTER_KEY": "a", "AMENDS_MASTER_KEY_FILE": "b"},
        {"AMENDS_OWNER_DATABASE_URL": SECRET_URL},
        {"AMENDS_JWT_ISSUER": "https://login.example"},
    ],
)
def test_settings_that_contradict_each_other_are_refused(environ):
    with pytest.raises(SettingsError, match="AMENDS_"):
        Settings.from_environment(environ)


def test_secrets_do_not_show():
    settings = Settings.from_environment(
        {
            "AMENDS_DATABASE_URL": SECRET_URL,
            "AMENDS_OWNER_DATABASE_URL": SECRET_URL,
            "AMENDS_MASTER_KEY": "hunter2",
        }
    )

    assert "hunter2" not in f"{settings} {settings!r}"


def test_a_missing_database_address_is_named():
    with pytest.raises(SettingsError, match="AMENDS_DATABASE_URL"):
        Settings().required_database_url()


def test_every_setting_is_documented():
    rows = documented_settings()

    assert all(row.meaning.endswith(".") for row in rows)
    assert all(row.env.startswith("AMENDS_") for row in rows)
    assert len({row.env for row in rows}) == len(rows)
    assert {row.name for row in rows} == {each.name for each in fields(Settings)}
    assert all(row.group for row in rows)


def test_a_mistyped_variable_can_be_found():
    environ = {"AMENDS_PROT": "1", "AMENDS_PORT": "1", "HOME": "/"}

    assert unknown_variables(environ) == ["AMENDS_PROT"]
