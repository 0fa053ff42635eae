"""Lists for scripts: one object for each, the rows under their name, and whether it goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

import click
import pytest

from api.cli.program import amends
from tests.cli.conftest import Run
from tests.given import Story

NAMES: Final[Mapping[str, frozenset[str]]] = {
    "access-log": frozenset({"accesses"}),
    "ledger keys": frozenset({"keys"}),
    "orders list": frozenset({"orders"}),
    "projections list": frozenset({"projections", "parked"}),
    "promises list": frozenset({"promises"}),
    "reviews actions": frozenset({"corrective_actions"}),
    "reviews calendar": frozenset({"reviews"}),
    "reviews decisions": frozenset({"decisions"}),
    "reviews preview": frozenset({"reviews"}),
    "reviews list": frozenset({"reviews"}),
    "scores list": frozenset({"scores"}),
    "token list": frozenset({"tokens"}),
    "warnings backtest": frozenset({"alarms"}),
    "warnings list": frozenset({"alarms"}),
    "work": frozenset({"work"}),
}
"""Command -> under which names it gives its rows."""
NOT_CALLED_LISTS: Final = {"ledger keys", "reviews preview", "warnings backtest"}


def commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command under a group, with its name on the command line."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from commands(found, f"{path}{name} ")
        else:
            yield f"{path}{name}", found


def test_every_list_is_held_against_the_shape() -> None:
    lists = {name for name, each in commands(amends) if (each.help or "").startswith("List ")}

    assert lists | NOT_CALLED_LISTS == set(NAMES)


@pytest.mark.parametrize("command", NAMES)
def test_a_list_for_scripts_is_its_rows_by_name_and_whether_there_are_more(
    run: Run, fed: Story, command: str
) -> None:
    result = run(*command.split(), "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 0, result.stderr
    assert set(found) == {*NAMES[command], "more"}
    assert found["more"] is False
    assert all(isinstance(found[name], list) for name in NAMES[command])
