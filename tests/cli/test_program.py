"""The program: every end has its code, every error is a line, and nothing is a traceback."""

import json
import os
import re
import signal
import subprocess
import sys
from array import array
from collections.abc import Iterator
from contextlib import closing
from fcntl import ioctl
from pathlib import Path
from termios import FIONREAD

import psycopg2
import pytest
from alembic.util.exc import CommandError as AlembicError
from sqlalchemy.exc import ProgrammingError

from api.cli.errors import explained
from api.cli.exits import Exit
from api.cli.program import COMMANDS
from domain.errors import Refusal, all_refusals
from service.embedded_postgres import EmbeddedPostgresError
from service.event_store import StoreFromAnotherCluster, StoreUnavailable
from service.setting_values import SettingsError
from service.settings import Settings
from tests.cli.conftest import ROOT, Run, Start
from tests.cli.processes import environment_of, until

NOWHERE = "postgresql://amends@127.0.0.1:1/amends?connect_timeout=2"


def test_help_names_every_command(run: Run) -> None:
    result = run("--help")

    assert result.exit_code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in result.stdout


@pytest.mark.parametrize("arguments", [("no-such",), ("token",), ("import", "cfpb"), ("--what",)])
def test_a_wrong_command_line_is_a_usage_error(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)

    assert result.exit_code == Exit.USAGE
    assert result.stderr.startswith("Usage: amends")


def test_a_wrong_setting_is_named_and_not_repeated(run: Run) -> None:
    result = run("token", "list", env={"AMENDS_PORT": "seven"})

    assert result.exit_code == Exit.CONFIGURATION
    assert result.stderr.startswith("amends: AMENDS_PORT must be a whole number")
    assert "seven" not in result.stderr


@pytest.mark.parametrize("arguments", [("token", "list"), ("migrate",), ("export", "-")])
def test_a_database_that_is_away_is_one_line(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(
        *arguments, env={"AMENDS_DATABASE_URL": NOWHERE, "AMENDS_OWNER_DATABASE_URL": None}
    )

    assert result.exit_code == Exit.DATABASE
    said = r"amends: the database( at \S+:\d+)? cannot be reached: connection "
    assert re.match(said, result.stderr, re.IGNORECASE)
    assert re.search(r"127\.0\.0\.1\D{1,12}1\b", result.stderr)
    assert "AMENDS_DATABASE_URL" in result.stderr
    assert len(result.stderr.splitlines()) == 2


@pytest.mark.parametrize("arguments", [("token", "list"), ("export", "-"), ("store", "adopt")])
def test_a_database_without_tables_asks_for_migration(
    run: Run, empty_database: Settings, arguments: tuple[str, ...]
) -> None:
    result = run(*arguments, env=environment_of(empty_database))

    assert result.exit_code == Exit.REFUSED
    assert "amends migrate" in result.stderr


def test_a_database_of_a_newer_version_is_left_alone(run: Run, owner_database_url: str) -> None:
    with closing(psycopg2.connect(owner_database_url)) as connection, connection:
        connection.cursor().execute("UPDATE alembic_version SET version_num = '9999'")

    result = run("token", "list")

    assert result.exit_code == Exit.REFUSED
    assert "newer version" in result.stderr


def _undefined_table() -> ProgrammingError:
    class Undefined(psycopg2.ProgrammingError):
        pgcode = "42P01"

    return ProgrammingError("SELECT typed", {}, Undefined("typed"))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SettingsError("AMENDS_HOST is wrong"), Exit.CONFIGURATION),
        (EmbeddedPostgresError("initdb failed"), Exit.DATABASE),
        (StoreUnavailable("typed"), Exit.DATABASE),
        (StoreFromAnotherCluster("typed"), Exit.REFUSED),
        (AlembicError("typed"), Exit.REFUSED),
        (_undefined_table(), Exit.REFUSED),
        (PermissionError(13, "Permission denied", "/etc/amends"), Exit.FOUND),
        (ValueError("typed"), Exit.FAULT),
    ],
)
def test_every_error_has_a_code_and_repeats_nothing(error: Exception, code: Exit) -> None:
    found = explained(error)

    assert found.exit_code == code
    assert "typed" not in found.message


@pytest.mark.parametrize("refusal", all_refusals(), ids=lambda refusal: refusal.code)
def test_a_refusal_is_named_by_its_code(refusal: type[Refusal]) -> None:
    found = explained(refusal.__new__(refusal))

    assert found.exit_code == Exit.REFUSED
    assert refusal.code in found.message


@pytest.fixture
def closed_pipe() -> Iterator[int]:
    """The writing end of a pipe that nobody reads."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    yield write_end
    os.close(write_end)


@pytest.mark.parametrize(
    "arguments", [("--help",), ("settings",), ("token", "list", "--json"), ("doctor",)]
)
def test_a_closed_pipe_ends_it_quietly(
    settings: Settings, closed_pipe: int, arguments: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", *arguments],
        env={**os.environ, **environment_of(settings)},
        stdout=closed_pipe,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )

    assert done.returncode == Exit.PIPE_CLOSED
    assert done.stderr == b""


def test_ctrl_c_ends_it_quietly(settings: Settings, start: Start, tmp_path: Path) -> None:
    fifo = tmp_path / "complaints.csv"
    os.mkfifo(fifo)
    process = start("import", "cfpb", str(fifo), env=environment_of(settings))
    # Opening it succeeds as soon as the command has opened it; then let it read the first bytes.
    writing_end = until(lambda: _opened_by_reader(fifo))
    os.write(writing_end, b"Date received")
    until(lambda: _unread_bytes(writing_end) == 0)

    process.send_signal(signal.SIGINT)
    # A signal that comes just before a read does not wake it; the end of the file does.
    os.close(writing_end)
    out, err = process.communicate(timeout=60)

    assert process.returncode == Exit.INTERRUPTED
    assert out == ""
    assert err.splitlines() == ["Interrupted. What was imported stays; run it again to go on.", ""]


def _unread_bytes(pipe: int) -> int:
    answer = array("i", [0])
    ioctl(pipe, FIONREAD, answer)
    return answer[0]


def _opened_by_reader(fifo: Path) -> int | None:
    try:
        return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return None


def test_the_manual_lists_every_exit_code() -> None:
    assert [code.value for code in Exit] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 70, 130, 141, 143]
    assert all(code.meaning.endswith(".") for code in Exit)
    manual = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| ([0-9]+) \| (.+) \|$", manual, re.MULTILINE)
    assert listed == [(str(int(code)), code.meaning) for code in Exit]
    assert json.dumps(Exit.OK) == "0"


def test_a_command_makes_no_second_store_where_there_is_none(run: Run, tmp_path: Path) -> None:
    elsewhere = {
        "AMENDS_DATABASE_URL": None,
        "AMENDS_OWNER_DATABASE_URL": None,
        "AMENDS_DATA_DIR": str(tmp_path / "new"),
    }

    result = run("token", "list", env=elsewhere)

    assert result.exit_code == Exit.DATABASE
    assert "AMENDS_DATA_DIR" in result.stderr
    assert not (tmp_path / "new").exists()
