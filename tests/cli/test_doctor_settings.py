"""The doctor: settings, keys, port and directory of this machine."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from api.cli.machine_checks import look_at_machine
from api.cli.processes import LOCK_NAME
from service.settings import Settings
from tests.cli.conftest import Run
from tests.cli.doctoring import found
from tests.cli.processes import free_port


def test_no_master_key(run: Run) -> None:
    said = found(run, AMENDS_MASTER_KEY=None)

    assert "AMENDS_MASTER_KEY_FILE" in said["master key"]["says"]
    assert said["master key"]["level"] == "fault"
    assert "AMENDS" not in said["database"]["says"]
    assert said["database"]["level"] == "warning"


def test_a_key_file_that_others_may_read(run: Run, settings: Settings, tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(str(settings.master_key))
    env = {"AMENDS_MASTER_KEY": None, "AMENDS_MASTER_KEY_FILE": str(key_file)}

    key_file.chmod(0o644)
    open_to_all = found(run, **env)["master key"]
    key_file.chmod(0o600)
    private = found(run, **env)["master key"]

    assert open_to_all["level"] == "fault"
    assert open_to_all["advice"] == f"Run: chmod 600 {key_file}"
    assert private["level"] == "ok"


def test_a_typing_error_in_a_setting(run: Run) -> None:
    checks = found(run, AMENDS_DATABSE_URL="postgresql://x")

    assert checks["settings"]["says"] == "no such setting: AMENDS_DATABSE_URL"


def test_a_setting_that_cannot_be_used(run: Run) -> None:
    checks = found(run, AMENDS_POOL_SIZE="many")

    assert list(checks) == ["settings"]
    assert checks["settings"]["says"].startswith("AMENDS_POOL_SIZE must be")


def test_a_port_that_something_else_uses(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0)
        port = str(other.getsockname()[1])

        checks = found(run, PORT=port)

    assert checks["port"]["level"] == "fault"
    assert checks["port"]["says"] == f"port {port} on 127.0.0.1 is in use"


def test_an_empty_directory_stays_empty(run: Run, tmp_path: Path) -> None:
    checks = found(
        run,
        AMENDS_DATABASE_URL=None,
        AMENDS_OWNER_DATABASE_URL=None,
        AMENDS_MASTER_KEY=None,
        AMENDS_DATA_DIR=str(tmp_path / "none"),
    )

    assert checks["database"] == {
        "check": "database",
        "level": "fault",
        "says": "there is none yet",
        "advice": "`amends serve` makes it.",
    }
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("note", [None, "", "process 1 at http://127.0.0.1:{port}"])
def test_where_a_server_listened_that_is_gone(tmp_path: Path, note: str | None) -> None:
    here, gone = free_port(), free_port()
    if note is not None:
        (tmp_path / LOCK_NAME).write_text(note.format(port=gone))

    said = {each.check: each for each in look_at_machine(Settings(data_dir=tmp_path, port=here))}

    assert said["port"].says == f"nothing answers at http://127.0.0.1:{here}"
