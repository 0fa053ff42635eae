"""`amends warnings`: what early warning found, and what its rules would have found in history."""

from typing import Any

import click

from api.alarm_json import alarm_json
from api.cli import warnings_backtest
from api.cli.asking import cut, limit_option
from api.cli.opening import open_service
from api.cli.output import json_option, say, show_list_json, show_table, time_of
from api.cli.values import language_option
from api.cli.warnings_backtest import value_and_expected
from domain.early_warning.alarms import AlarmState
from service.alarms import AlarmFilter

LISTED_COLUMNS = (
    "Window ends", "Level", "State", "Rule", "Of", "Indicator", "Value", "Expected",
    "Due", "Owner", "Id",
)  # fmt: skip


@click.group("warnings")
def command() -> None:
    """Show alarms, and try rules on history."""


@command.command("list")
@click.option(
    "--state",
    type=click.Choice([state.value for state in AlarmState]),
    help="Only alarms in this state.",
)
@limit_option
@language_option
@json_option
def list_alarms(state: str | None, limit: int, language: str, as_json: bool) -> None:
    """List alarms, the newest first."""
    wanted = AlarmFilter(state=AlarmState(state) if state else None)
    with open_service() as service, service.engine.connect() as connection:
        found = cut(service.alarms.page(connection, wanted, limit + 1), limit)
    listed = [alarm_json(kept, language) for kept in found.rows]
    if as_json:
        show_list_json("alarms", listed, more=found.more)
        return
    if listed:
        show_table(LISTED_COLUMNS, [_line(each, language) for each in listed], language)
    say(found.how_many("alarm", language))


def _line(alarm: dict[str, Any], language: str) -> tuple[Any, ...]:
    labels = alarm["labels"]
    about = labels.get("scope_value", alarm["scope_value"])
    return (
        time_of(alarm["window_to"]),
        *(labels[name] for name in ("level", "state", "rule")),
        about,
        labels["indicator"],
        *value_and_expected(alarm, language),
        time_of(alarm["due_at"]),
        alarm["owner_label"],
        alarm["id"],
    )


command.add_command(warnings_backtest.command)
