"""The command line as a caller sees it: in this process for logic, as a real one for the rest."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import psutil
import psycopg2
import pytest
import structlog
from click.testing import CliRunner, Result

from api.cli.program import amends
from service.embedded_postgres import OWNER_ROLE, SERVICE_ROLE, EmbeddedPostgres
from service.settings import Settings

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 60.0
EMPTY = "amends_empty"

Run = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """Commands set up logging; afterwards the test runner's own is put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables that give a command these settings."""
    given = {
        "AMENDS_DATABASE_URL": settings.database_url,
        "AMENDS_OWNER_DATABASE_URL": settings.owner_database_url,
        "AMENDS_MASTER_KEY": settings.master_key,
        "AMENDS_DATA_DIR": str(settings.data_dir),
    }
    return {name: value for name, value in given.items() if value is not None}


@pytest.fixture
def empty_database(
    settings: Settings, postgres_server: EmbeddedPostgres, postgres_url: str
) -> Iterator[Settings]:
    """Settings that name a database without any table."""
    with closing(psycopg2.connect(postgres_url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f"CREATE DATABASE {EMPTY} OWNER {OWNER_ROLE}")
        cursor.execute(f"GRANT CREATE ON DATABASE {EMPTY} TO {SERVICE_ROLE}")
        yield replace(
            settings,
            database_url=postgres_server.url_for(SERVICE_ROLE, EMPTY),
            owner_database_url=postgres_server.url_for(OWNER_ROLE, EMPTY),
        )
        cursor.execute(f"DROP DATABASE {EMPTY} WITH (FORCE)")


@pytest.fixture
def run(settings: Settings) -> Run:
    """Run a command on this test's database; `env` changes variables (None unsets one)."""

    def invoke(
        *arguments: str, env: Mapping[str, str | None] | None = None, input: str | None = None
    ) -> Result:
        own = {name: None for name in os.environ if name.startswith("AMENDS_")}
        chosen = {**own, "PORT": None, **environment_of(settings), **(env or {})}
        return CliRunner(env=chosen).invoke(amends, arguments, input=input)

    return invoke


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a command as a process of its own; whatever still runs afterwards is ended."""
    started: list[subprocess.Popen[str]] = []

    def popen(*arguments: str, env: Mapping[str, str], **options: Any) -> "subprocess.Popen[str]":
        kept = {name: value for name, value in os.environ.items() if _is_ours(name)}
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "api.cli", *arguments],
            cwd=ROOT,
            env={**kept, **env},
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
            **options,
        )
        started.append(process)
        return process

    yield popen
    for process in started:
        _end(process)


def _is_ours(name: str) -> bool:
    return name != "PORT" and not name.startswith("AMENDS_")


def _end(process: "subprocess.Popen[str]") -> None:
    """End a process and its children, however it behaves."""
    family = family_of(process.pid)
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
    for each in family:
        if each.is_running():
            each.kill()
    process.communicate()


def family_of(process_id: int) -> list[psutil.Process]:
    """A process and everything that it has started."""
    try:
        parent = psutil.Process(process_id)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def until(what: Callable[[], Any], seconds: float = DEADLINE_SECONDS) -> Any:
    """Ask again and again until the answer is true, and return it; fail when the time is over."""
    deadline = time.monotonic() + seconds
    nap = Event()
    while not (answer := what()):
        assert time.monotonic() < deadline, "it did not happen in time"
        nap.wait(0.02)
    return answer
