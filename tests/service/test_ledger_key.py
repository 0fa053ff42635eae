"""The key that signs checkpoints: read in two forms, made once, and refused without an echo."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest

from service.ledger_key import ensure_ledger_key, load_ledger_key
from service.settings import Settings, SettingsError

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
