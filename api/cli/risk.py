"""`amends risk`: a customer's risk of leaving or of conflict, and what makes it so."""

from datetime import UTC, datetime
from typing import Any

import click

from api import params
from api.cli.exits import CommandError, Exit
from api.cli.opening import open_service
from api.cli.output import json_option, say, show_json, show_table, time_of
from api.cli.values import language_option, two_clocks
from api.cli.words import line
from api.parsing import Fault
from api.risk_json import risk_json

COLUMNS = (
    "Indicator", "State", "Value", "Measured in", "Points", "Weight", "Adds", "Observed", "By"
)  # fmt: skip
NO_SUCH_CUSTOMER = CommandError(
    Exit.NOT_FOUND,
    "nothing is known of this customer",
    "CUSTOMER is the reference that cases and indicators name, such as CUST-1.",
)


@click.group("risk")
def command() -> None:
    """Show customers' risk, by indicators that other services supply."""


@command.command("show")
@click.argument("customer")
@two_clocks
@language_option
@json_option
def show_risk(
    customer: str,
    as_of: datetime | None,
    known_at: datetime | None,
    language: str,
    as_json: bool,
) -> None:
    """Show the score of a customer, and what each indicator adds to it.

    CUSTOMER is the reference that cases and indicators name, such as CUST-1. The score is for
    people to look at: nothing is decided by it. --as-of and --known-at show what had
    been observed, or was recorded, by a time such as 2026-03-01T09:30:00+08:00.
    """
    try:
        subject_ref = params.subject(customer)
    except Fault:
        raise NO_SUCH_CUSTOMER from None
    with open_service(gives_up=True) as service:
        risk = service.risks.risk_of(subject_ref, datetime.now(UTC), as_of=as_of, known_at=known_at)
        if not risk.values and not service.subjects.are_known(subject_ref):
            raise NO_SUCH_CUSTOMER
    found = risk_json(subject_ref, risk, language)
    if as_json:
        show_json(found)
        return
    show_table(COLUMNS, [_line(each) for each in found["indicators"]], language)
    say(_summed_up(found, language))


def _summed_up(found: dict[str, Any], language: str) -> str:
    labels, rests_on = found["labels"], {name: found[name] for name in ("rests_on", "of")}
    if found["score"] is None:
        return line("risk_without_score", language, why=labels["why_none"], **rests_on)
    said = {"score": found["score"], "band": labels["band"], "score_label": labels["score"]}
    return line("risk_score", language, **said, **rests_on)


def _line(each: dict[str, Any]) -> tuple[Any, ...]:
    by = each["supplied_by"]
    figures = (each["value"], each["unit_label"], each["points"], each["weight"])
    when = (time_of(each["observed_at"]), by and by["id"])
    return (each["label"], each["state_label"], *figures, each["contribution"], *when)
