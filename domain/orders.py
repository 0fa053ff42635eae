"""A director's order inside its case: when it may be opened, planned and closed (S50).

Whether one is due is judged over all cases of the customer: see `domain.order_triggers`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import errors, events

if TYPE_CHECKING:
    from domain.circumstances import Caller, Circumstances
    from domain.conflict_case import ConflictCase
    from domain.events import CaseEvent


def order_id(case: ConflictCase, event: CaseEvent, by: Circumstances) -> str:
    return f"D{len(case.orders) + 1}"


def leader(case: ConflictCase, event: events.DirectorOrderOpened, by: Circumstances) -> str:
    return str(case.edition.entry("order_triggers", event.trigger).details["led_by"])


def open_order_id(case: ConflictCase, event: CaseEvent, by: Circumstances) -> str:
    return case.open_order.order_id if case.open_order else ""


def no_order_open(case: ConflictCase, by: Caller) -> None:
    if case.open_order is not None:
        raise errors.OrderAlreadyOpen(order_id=case.open_order.order_id)


def some_order_open(case: ConflictCase, by: Caller) -> None:
    if case.open_order is None:
        raise errors.NoOrderOpen


def plan_is_missing(case: ConflictCase, by: Caller) -> None:
    if case.open_order and case.open_order.order_id in case.order_plans:
        raise errors.OrderPlanAlreadyDelivered(order_id=case.open_order.order_id)


def plan_is_there(case: ConflictCase, by: Caller) -> None:
    if case.open_order and case.open_order.order_id not in case.order_plans:
        raise errors.OrderPlanMissing(order_id=case.open_order.order_id)
