"""`amends warnings backtest`: what the rules of early warning would have found in history."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import click

from api.alarm_json import alarm_figures, rule_labels
from api.cli.exits import CommandError, Exit
from api.cli.headings import counted
from api.cli.mining import require_period
from api.cli.opening import open_service
from api.cli.output import json_option, progress, say, short, show_list_json, show_table, time_of
from api.cli.values import TIME, language_option
from api.cli.words import line
from api.json_body import rfc3339, rfc3339_or_null
from domain.book import Labels
from domain.early_warning.alarms import erased_since
from domain.early_warning.rules import CUSTOMER, WarningRule, rules_of
from domain.records import AlarmRaised, IndicatorSupplied, SubjectErased
from projections.event_log import EventLog
from projections.read_model import Row
from projections.risk_backtest import facts_of_records
from projections.warning_backtest import FactsOfLog, WouldRaise, backtest
from service.assembly import Service

COLUMNS = ("Window ends", "Level", "Rule", "Of", "Indicator", "Value", "Expected", "On record")
ERASED_CELL: Final = Labels("erased", "已删除")
"""In the place of the value."""


@click.command("backtest")
@click.option(
    "--rule",
    "codes",
    multiple=True,
    help="Only this rule of the book `warning_rules`; may stand several times.",
)
@click.option("--from", "since", type=TIME, help="Put the rules in force at this time.")
@click.option("--to", "until", type=TIME, help="Take no look after this time.")
@click.option(
    "--as-occurred",
    is_flag=True,
    help="As if all had been recorded when it occurred: for imported history.",
)
@language_option
@json_option
def command(
    codes: Sequence[str],
    since: datetime | None,
    until: datetime | None,
    as_occurred: bool,
    language: str,
    as_json: bool,
) -> None:
    """Run the rules of early warning over the log, and list what they would have raised.

    Each look sees what had been recorded before it, so from when a rule is in force on the list
    is what the worker raised. Times are RFC 3339, or days, which begin at midnight UTC. Without
    --from the rules are in force from the first fact on.
    """
    rules = _chosen(codes)
    require_period(since, until)
    with open_service() as service:
        facts = _facts(service)
        found = _found(rules, facts, since, until, as_occurred=as_occurred)
        on_record = {each.record.originator_id for each in service.records.of_kinds(AlarmRaised)}
        erased = _erasures(service)
    listed = [
        {**_told(each, _erased_at(each, erased), language), "on_record": each.id in on_record}
        for each in found
    ]
    if as_json:
        show_list_json("alarms", listed)
        return
    if listed:
        show_table(COLUMNS, [_row(each, language) for each in listed], language)
    sums = {"alarms": len(found), "rules": len(rules), "facts": len(facts)}
    told = {name: counted(count, name[:-1], language) for name, count in sums.items()}
    say(line("alarms_of_backtest", language, **told))


def _found(
    rules: Sequence[WarningRule],
    facts: Sequence[Row],
    since: datetime | None,
    until: datetime | None,
    *,
    as_occurred: bool,
) -> list[WouldRaise]:
    clock = "occurred_at" if as_occurred else "recorded_at"
    first = min((row[clock] for row in facts), default=datetime.now(UTC))
    with progress("Trying the rules") as tell:
        return backtest(
            rules,
            facts,
            since=since or first,
            until=until or datetime.now(UTC),
            as_occurred=as_occurred,
            tell=lambda done: tell(done, len(rules), f"{done} of {len(rules)}"),
        )


def _chosen(codes: Sequence[str]) -> list[WarningRule]:
    known = rules_of()
    if unknown := set(codes) - known.keys():
        raise CommandError(
            Exit.USAGE,
            f"{len(unknown)} of the named rules do not exist",
            f"There are: {', '.join(known)}.",
        )
    return [known[code] for code in codes or known]


def _facts(service: Service) -> list[Row]:
    """What events of cases tell, and what records tell about customers' risk."""
    with progress("Reading the log") as tell:
        log = FactsOfLog(EventLog(service.recorder, service.mapper))
        facts = log.read(lambda events: tell(events, None, f"{events:,} events"))
    about_risk = service.records.of_kinds(IndicatorSupplied, SubjectErased)
    return [*facts, *facts_of_records(about_risk)]


def _erasures(service: Service) -> dict[str, datetime]:
    """When each erased person was erased last."""
    found = service.records.of_kinds(SubjectErased)
    return {logged.record.subject_ref: logged.recorded_at for logged in found}


def _erased_at(found: WouldRaise, erased: Mapping[str, datetime]) -> datetime | None:
    """When the customer that it is about was erased, if its window reaches back so far (0174)."""
    customer = found.scope_value if found.rule.scope == CUSTOMER else None
    return erased_since(
        found.at - found.rule.window, None if customer is None else erased.get(customer)
    )


def _told(found: WouldRaise, erased_at: datetime | None, language: str) -> dict[str, Any]:
    """The same names as `list` has, figures as they were computed."""
    rule = found.rule
    told = {
        "id": str(found.id),
        "rule": rule.code,
        "rule_version": rule.version,
        "level": rule.level,
        "indicator": rule.indicator,
        "scope": rule.scope,
        "scope_value": found.scope_value,
        "window_from": rfc3339(found.at - rule.window),
        "window_to": rfc3339(found.at),
        **alarm_figures(found.finding, erased_at),
        "erased_at": rfc3339_or_null(erased_at),
    }
    return {**told, "labels": rule_labels(told, language)}


def _row(found: dict[str, Any], language: str) -> tuple[Any, ...]:
    labels = found["labels"]
    about = labels.get("scope_value", found["scope_value"])
    figures = value_and_expected(found, language)
    called = (labels["level"], labels["rule"], about, labels["indicator"])
    return (time_of(found["window_to"]), *called, *figures, found["on_record"])


def value_and_expected(alarm: Mapping[str, Any], language: str) -> tuple[str | None, str | None]:
    """The figures of an alarm for a table; nothing of them once its person was erased."""
    if alarm["erased_at"] is not None:
        return ERASED_CELL.in_language(language), None
    return short(alarm["value"]), short(alarm["expected"])
