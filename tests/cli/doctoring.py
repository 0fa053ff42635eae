"""What `amends doctor` says of the test's database, and how to spoil that."""

from __future__ import annotations

import json
from contextlib import closing

import psycopg2

from tests.cli.conftest import Run
from tests.cli.processes import free_port


def found(run: Run, **options: object) -> dict[str, dict[str, str]]:
    """What the doctor says, by check."""
    env = {"PORT": str(free_port()), **options}
    result = run("doctor", "--json", env=env)
    answer = json.loads(result.stdout)
    assert result.exit_code == (0 if answer["ok"] else 1), result.stderr
    return {each["check"]: each for each in answer["findings"]}


def faults(run: Run, **options: object) -> dict[str, str]:
    """The faults among it."""
    return {
        name: each["says"]
        for name, each in found(run, **options).items()
        if each["level"] == "fault"
    }


def change(url: str, *statements: str) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        for statement in statements:
            connection.cursor().execute(statement)
