"""`amends orders`: what directors were ordered to see to, over all cases and in one of them."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import click
from sqlalchemy import Connection

from api.case_labels import name_owners, name_states
from api.cli.asking import Page, built, first_rows, limit_option
from api.cli.finding import case_then
from api.cli.headings import how_many_listed
from api.cli.looking import looked_at, reader_of, reveal_options
from api.cli.mining import require_period
from api.cli.opening import open_service
from api.cli.output import (
    json_option,
    line_of,
    say,
    show,
    show_json,
    show_list_json,
    show_table,
    time_of,
)
from api.cli.values import SUBJECT, TIME, language_option, two_clocks
from api.cli.words import line
from api.follow_up_json import ORDER_STATES, follow_up_parts
from api.orders import order_json
from api.readers import known_codes
from api.rendering import Reader
from domain.conflict_case import ConflictCase
from projections.past_lists import past_orders, rewinding_satisfaction
from projections.satisfaction_questions import OrderFilter, list_orders
from projections.satisfaction_tables import NAME
from service.instants import Instants

LISTED_COLUMNS = (
    "Opened", "State", "Case", "Order", "Customer", "Because of", "Led by", "Plan due", "Overdue",
)  # fmt: skip
CASE_COLUMNS = ("Order", "State", "Because of", "Led by", "Opened")


@click.group("orders")
def command() -> None:
    """Show directors' orders, and what came of them."""


@command.command("list")
@click.option(
    "--customer",
    "subject_ref",
    type=SUBJECT,
    help="Only orders about this customer.",
)
@click.option("--state", type=click.Choice(ORDER_STATES), help="Only orders in this state.")
@click.option(
    "--trigger",
    type=click.Choice(sorted(known_codes("order_triggers"))),
    help="Only orders that this raised.",
)
@click.option(
    "--overdue/--not-overdue",
    default=None,
    help="Only those whose plan is overdue, or only the others.",
)
@click.option("--from", "opened_from", type=TIME, help="Opened at this time or later.")
@click.option("--to", "opened_to", type=TIME, help="Opened before this time.")
@limit_option
@two_clocks
@language_option
@json_option
def list_all(
    as_of: datetime | None,
    known_at: datetime | None,
    limit: int,
    language: str,
    as_json: bool,
    **asked: Any,
) -> None:
    """List directors' orders of all cases, the newest first.

    Unlike over HTTP, however much has happened since --as-of or --known-at is folded.
    """
    instants = Instants(as_of, known_at)
    wanted = OrderFilter(now=instants.seen_at or datetime.now(UTC), **asked)
    require_period(wanted.opened_from, wanted.opened_to)

    def ask(connection: Connection, most: int, cursor: str | None) -> Page:
        page = list_orders(connection, wanted, limit=most, cursor=cursor)
        return page.rows, page.next_cursor

    with open_service(gives_up=True) as service, built(service, NAME) as connection:
        past = past_orders(rewinding_satisfaction(service.mapper, most_events=None), wanted)
        found = first_rows(connection, past, instants, limit, ask)
    listed = [order_json(each, wanted.now, language) for each in found.rows]
    if as_json:
        show_list_json("orders", listed, more=found.more)
        return
    if listed:
        show_table(LISTED_COLUMNS, [_line(each) for each in listed], language)
    say(found.how_many("order", language))


def _line(order: dict[str, Any]) -> tuple[Any, ...]:
    names = (
        "state_label",
        "reference",
        "order_id",
        "customer_ref",
        "trigger_label",
        "led_by_label",
    )
    told = (order[name] for name in names)
    return (time_of(order["opened_at"]), *told, time_of(order["plan_due_at"]), order["overdue"])


@command.command("show")
@click.argument("case")
@reveal_options
@two_clocks
@language_option
@json_option
def show_orders(
    case: str,
    reveal: bool,
    reason: str | None,
    as_of: datetime | None,
    known_at: datetime | None,
    language: str,
    as_json: bool,
) -> None:
    """Show the directors' orders that a case bears, with plan and result.

    CASE is its id or its reference. Personal text is hidden unless --reveal is given; then the
    rights are those of the same key over HTTP, and the access log says who looked.
    """
    with open_service(gives_up=True) as service:
        found = case_then(service, case, Instants(as_of, known_at))
        token = reader_of(service, reveal=reveal)
        made = partial(_orders, found, language)
        orders = looked_at(service, "orders", found.id, token, reason, made)
    if as_json:
        show_json({"case_id": str(found.id), "reference": found.reference, "orders": orders})
        return
    if orders:
        names = ("order_id", "state_label", "trigger_label", "led_by_label")
        rows = [[*map(each.get, names), time_of(each["occurred_at"])] for each in orders]
        show_table(CASE_COLUMNS, rows, language)
    for each in orders:
        _show_what_came(each, language)
    say(how_many_listed(len(orders), "order", language))


def _orders(case: ConflictCase, language: str, reader: Reader) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = follow_up_parts(case, reader)["orders"]
    name_states("orders", found, language)
    label = partial(case.edition.label, language=language)
    for each in found:
        each["trigger_label"] = label("order_triggers", each["trigger"])
        each["led_by_label"] = label("escalation_levels", each["led_by"])
        name_owners(each["plan"]["steps"] if each["plan"] else (), language)
    return found


def _show_what_came(order: dict[str, Any], language: str) -> None:
    said = partial(line, language=language, order_id=order["order_id"])
    if order["plan"]:
        show(said("order_plan", plan=line_of(order["plan"]["plan"], language)))
        for step in order["plan"]["steps"]:
            action, owner = line_of(step["action"], language), step["owner_label"]
            show(said("order_step", action=action, owner=owner, due=step["due"]))
    if order["closing"]:
        show(said("order_result", result=line_of(order["closing"]["result"], language)))
