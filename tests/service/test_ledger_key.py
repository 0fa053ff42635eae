"""The key that signs checkpoints: read in two forms, made once, and refused without an echo."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest

from service.ledger_key import (
    ChangeoverGoesOn,
    begin_changeover,
    end_changeover,
    ensure_ledger_key,
    load_ledger_key,
    load_old_ledger_key,
    old_ledger_key,
)
from service.setting_values import SettingsError
from service.settings import Settings

PRIVATE = bytes(range(32))
PKCS8 = bytes.fromhex("302e020100300506032b657004220420") + PRIVATE
BASE64 = base64.b64encode(PKCS8).decode()
PEM = f"-----BEGIN PRIVATE KEY-----\n{BASE64}\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize("form", [PEM, BASE64])
def test_a_key_is_read_in_either_form(form: str) -> None:
    settings = Settings(ledger_key=form)

    key = load_ledger_key(settings)

    assert key is not None
    assert key.private_bytes_raw() == PRIVATE


def test_a_key_that_openssl_made_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "ledger.key"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", file], check=True)

    settings = Settings.from_environment({"AMENDS_LEDGER_KEY_FILE": str(file)})

    assert load_ledger_key(settings) is not None


def test_no_key_is_no_fault() -> None:
    settings = Settings()

    assert load_ledger_key(settings) is None


@pytest.mark.parametrize("text", ["secret-typed", PEM[:50], BASE64[:-8], PEM.replace("M", "N")])
def test_what_is_no_key_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(SettingsError, match="AMENDS_LEDGER_KEY_FILE") as refusal:
        load_ledger_key(Settings(ledger_key=text))

    assert text not in str(refusal.value)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    made = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "x25519"], check=True, capture_output=True, text=True
    )

    with pytest.raises(SettingsError, match="Ed25519"):
        load_ledger_key(Settings(ledger_key=made.stdout))


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = ensure_ledger_key(tmp_path)

    again = ensure_ledger_key(tmp_path)

    assert first == again
    assert load_ledger_key(Settings(ledger_key=first)) is not None
    assert (tmp_path / "ledger.key").stat().st_mode & 0o777 == 0o600


def test_a_directory_that_cannot_be_used_is_said_so(tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.touch()

    with pytest.raises(SettingsError, match="cannot be used"):
        ensure_ledger_key(file)


@pytest.mark.parametrize("origin", ["two words", "a+b", "ünknown", "x" * 201, "a\tb"])
def test_an_origin_that_no_note_can_bear_is_refused(origin: str) -> None:
    with pytest.raises(SettingsError, match="AMENDS_LEDGER_ORIGIN"):
        Settings.from_environment({"AMENDS_LEDGER_ORIGIN": origin})


def test_a_changeover_keeps_the_old_key_beside_a_new_one(tmp_path: Path) -> None:
    old = ensure_ledger_key(tmp_path)

    begin_changeover(tmp_path)

    assert old_ledger_key(tmp_path) == old
    assert ensure_ledger_key(tmp_path) != old
    assert {path.name for path in tmp_path.iterdir()} == {"ledger.key", "ledger.old.key"}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())


def test_no_third_key_before_the_changeover_is_finished(tmp_path: Path) -> None:
    ensure_ledger_key(tmp_path)
    begin_changeover(tmp_path)
    keys = ensure_ledger_key(tmp_path), old_ledger_key(tmp_path)

    with pytest.raises(ChangeoverGoesOn):
        begin_changeover(tmp_path)

    assert (ensure_ledger_key(tmp_path), old_ledger_key(tmp_path)) == keys
    assert end_changeover(tmp_path)
    assert (ensure_ledger_key(tmp_path), old_ledger_key(tmp_path)) == (keys[0], None)
    assert not end_changeover(tmp_path)


@pytest.mark.parametrize("left", [(), (".ledger.new.key",)])
def test_a_changeover_that_was_cut_off_is_gone_on_with(
    tmp_path: Path, left: tuple[str, ...]
) -> None:
    """The machine went down between the steps: the old key has its second name, no more."""
    old = ensure_ledger_key(tmp_path)
    (tmp_path / "ledger.old.key").hardlink_to(tmp_path / "ledger.key")
    for name in left:
        (tmp_path / name).write_text("half a key")

    begin_changeover(tmp_path)

    new = ensure_ledger_key(tmp_path)
    assert old_ledger_key(tmp_path) == old != new
    assert load_ledger_key(Settings(ledger_key=new)) is not None


def test_an_old_key_that_is_none_is_refused_and_not_repeated() -> None:
    with pytest.raises(SettingsError, match="AMENDS_LEDGER_OLD_KEY_FILE") as refusal:
        load_old_ledger_key(Settings(ledger_old_key="secret-typed"))

    assert "secret-typed" not in str(refusal.value)


def test_an_old_key_alone_signs_nothing(tmp_path: Path) -> None:
    alone = {"AMENDS_LEDGER_OLD_KEY": PEM, "AMENDS_DATABASE_URL": "postgresql://x/y"}

    with pytest.raises(SettingsError, match="AMENDS_LEDGER_OLD_KEY needs"):
        Settings.from_environment(alone)
