"""`amends warnings`: what early warning found, and what its rules would have found in history."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import click

from api import parsing
from api.alarm_json import alarm_figures, alarm_labels
from api.cli.asking import cut
from api.cli.exits import CommandError, Exit
from api.cli.mining import require_period
from api.cli.opening import open_service
from api.cli.output import how_many, json_option, progress, say, show_json, show_table
from api.cli.values import language_option
from api.params import instant_or_day
from api.state_labels import owner_label
from domain.early_warning.alarms import AlarmState, erased_since
from domain.early_warning.judging import Finding
from domain.early_warning.rules import CUSTOMER, WarningRule, rules_of
from domain.records import AlarmRaised, IndicatorSupplied, SubjectErased
from domain.reference_books import Labels
from projections.event_log import EventLog
from projections.read_model import Row
from projections.risk_backtest import facts_of_records
from projections.warning_backtest import FactsOfLog, WouldRaise, backtest
from service.alarms import AlarmFilter, KeptAlarm
from service.assembly import Service

LISTED_COLUMNS = (
    "Window ends", "Level", "State", "Rule", "Of", "Value", "Expected", "Due", "Owner", "Id"
)  # fmt: skip
ERASED_CELL: Final = Labels("erased", "已删除")
"""In the place of the value."""
FOUND_COLUMNS = ("Window ends", "Level", "Rule", "Of", "Value", "Expected", "On record")


@click.group("warnings")
def command() -> None:
    """Show alarms, and try rules on history."""


@command.command("list")
@click.option("--state", type=click.Choice([state.value for state in AlarmState]))
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@language_option
@json_option
def list_alarms(state: str | None, limit: int, language: str, as_json: bool) -> None:
    """List alarms, the newest first."""
    wanted = AlarmFilter(state=AlarmState(state) if state else None)
    with open_service() as service, service.engine.connect() as connection:
        found = cut(service.alarms.page(connection, wanted, limit + 1), limit)
    if as_json:
        listed = [_listed(kept, language) for kept in found.rows]
        show_json({"alarms": listed, "more": found.more})
        return
    if found.rows:
        show_table(LISTED_COLUMNS, [_line(kept, language) for kept in found.rows], language)
    say(found.how_many("alarm", language))


def _listed(kept: KeptAlarm, language: str) -> dict[str, Any]:
    alarm = kept.alarm
    said = {name: getattr(alarm.raised, name) for name in _SAID}
    figures = {**alarm_figures(alarm.raised, kept.erased_at), "erased_at": kept.erased_at}
    stands = {"due_at": kept.due_at, "overdue": kept.is_overdue(datetime.now(UTC))}
    return {
        "id": alarm.id,
        "state": alarm.state.value,
        "version": alarm.version,
        **said,
        **figures,
        **stands,
        "owner": kept.owner,
        "labels": alarm_labels(alarm, language),
    }


_SAID = (
    "rule",
    "rule_version",
    "level",
    "indicator",
    "scope",
    "scope_value",
    "window_from",
    "occurred_at",
)


def _line(kept: KeptAlarm, language: str) -> tuple[Any, ...]:
    raised, labels = kept.alarm.raised, alarm_labels(kept.alarm, language)
    called = (labels["level"], labels["state"], labels["rule"])
    about = labels.get("scope_value", raised.scope_value)
    figures = _value_and_expected(raised, kept.erased_at, language)
    owner = owner_label(kept.owner, language)
    return (raised.occurred_at, *called, about, *figures, kept.due_at, owner, kept.alarm.id)


def _value_and_expected(
    found: AlarmRaised | Finding, erased_at: datetime | None, language: str = "en"
) -> tuple[str | None, str | None]:
    if erased_at is not None:
        return ERASED_CELL.in_language(language), None
    return _figure(found.value), _figure(found.expected)


def _figure(value: Decimal | float | None) -> str | None:
    """As short as it can be said: counts without decimals."""
    return None if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def _moment(context: click.Context, option: click.Parameter, text: str | None) -> datetime | None:
    """A time with its offset, or a day."""
    try:
        return None if text is None else instant_or_day(text)
    except parsing.Fault:
        raise click.BadParameter("is neither a day nor a time with its offset") from None


@command.command("backtest")
@click.option("--rule", "codes", multiple=True, help="Only this rule; may stand several times.")
@click.option("--from", "since", callback=_moment, help="Put the rules in force at this time.")
@click.option("--to", "until", callback=_moment, help="Take no look after this time.")
@click.option(
    "--as-occurred",
    is_flag=True,
    help="As if all had been recorded when it occurred: for imported history.",
)
@json_option
def backtest_rules(
    codes: Sequence[str],
    since: datetime | None,
    until: datetime | None,
    as_occurred: bool,
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
        clock = "occurred_at" if as_occurred else "recorded_at"
        first = min((row[clock] for row in facts), default=datetime.now(UTC))
        ends = {"since": since or first, "until": until or datetime.now(UTC)}
        with progress("Trying the rules") as tell:
            found = backtest(
                rules,
                facts,
                **ends,
                as_occurred=as_occurred,
                tell=lambda done: tell(done, len(rules), f"{done} of {len(rules)}"),
            )
        on_record = {each.record.originator_id for each in service.records.of_kinds(AlarmRaised)}
        erased = _erasures(service)
    shown = [(each, _erased_at(each, erased), each.id in on_record) for each in found]
    if as_json:
        show_json({"alarms": [_plain(*each) for each in shown]})
        return
    if found:
        show_table(FOUND_COLUMNS, [_row(*each) for each in shown])
    of_rules, over = how_many(len(rules), "rule"), how_many(len(facts), "fact")
    say(f"{how_many(len(found), 'alarm')} of {of_rules} over {over}.")


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
    """When the customer that it is about was erased after its look; see decision 0174."""
    customer = found.scope_value if found.rule.scope == CUSTOMER else None
    return erased_since(found.at, None if customer is None else erased.get(customer))


def _plain(found: WouldRaise, erased_at: datetime | None, is_on_record: bool) -> dict[str, Any]:
    """The same names as `list` has, figures as they were computed."""
    rule = found.rule
    return {
        "id": found.id,
        "rule": rule.code,
        "rule_version": rule.version,
        "level": rule.level,
        "indicator": rule.indicator,
        "scope": rule.scope,
        "scope_value": found.scope_value,
        "window_from": found.at - rule.window,
        "occurred_at": found.at,
        **alarm_figures(found.finding, erased_at),
        "erased_at": erased_at,
        "on_record": is_on_record,
    }


def _row(found: WouldRaise, erased_at: datetime | None, is_on_record: bool) -> tuple[Any, ...]:
    rule, figures = found.rule, _value_and_expected(found.finding, erased_at)
    said = "yes" if is_on_record else "no"
    return (found.at, rule.level, rule.code, found.scope_value, *figures, said)
