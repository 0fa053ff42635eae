"""The command line as a caller sees it: in this process for logic, as a real one for the rest."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from click.testing import CliRunner, Result

from api.cli.program import amends
from projections.read_models import build_engine
from service.access_tokens import AccessTokens
from service.assembly import Service
from service.embedded_postgres import OWNER_ROLE, SERVICE_ROLE, EmbeddedPostgres
from service.settings import Settings
from tests.cli.processes import alive, environment_of, family_of
from tests.given import Story
from tests.projections.ledger.a_ledger import ALedger

ROOT = Path(__file__).parents[2]
EMPTY = "amends_empty"

Run = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[str]"]


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
def fed(service: Service) -> Story:
    """One case that every read model has taken."""
    story = Story().after("report", "acknowledge")
    service.cases.record(story.events)
    build_engine(service).catch_up()
    return story


@pytest.fixture
def ledger(service: Service) -> ALedger:
    """A ledger of thirty events, none of them signed."""
    made = ALedger(service.engine, service.settings.published_dir)
    made.record(30, random.Random(2))
    return made


@pytest.fixture
def run(settings: Settings) -> Run:
    """Run a command on this test's database; `env` changes variables (None unsets one)."""

    def invoke(
        *arguments: str, env: Mapping[str, str | None] | None = None, given: str | None = None
    ) -> Result:
        unset = {name: None for name in os.environ if not _is_foreign(name)}
        chosen = {**unset, **environment_of(settings), **(env or {})}
        return CliRunner(env=chosen).invoke(amends, arguments, input=given)

    return invoke


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a command as a process of its own; whatever still runs afterwards is ended."""
    started: list[subprocess.Popen[str]] = []

    def popen(*arguments: str, env: Mapping[str, str], **options: Any) -> "subprocess.Popen[str]":
        kept = {name: value for name, value in os.environ.items() if _is_foreign(name)}
        streams = {
            "stdin": subprocess.DEVNULL,
            **dict.fromkeys(("stdout", "stderr"), subprocess.PIPE),
        }
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "api.cli", *arguments],
            cwd=ROOT,
            env={**kept, **env},
            text=True,
            **{**streams, **options},
        )
        started.append(process)
        return process

    yield popen
    for process in started:
        _end(process)


def key_of(service: Service, role: str) -> str:
    """A new key of `ann` in this role, as somebody types it."""
    _, key = AccessTokens(service.engine).create("ann", [role])
    return f"{key}\n"


def _is_foreign(name: str) -> bool:
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
    for each in alive(family):
        each.kill()
    process.communicate()
