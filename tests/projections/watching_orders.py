"""A desk's customers, and the watch over directors' orders."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from domain.events import DirectorOrderOpened
from projections.order_watch import OrderWatch
from projections.read_models import build_engine
from projections.satisfaction_tables import CASES
from service.assembly import Service
from tests.given import BEGAN_AT

HOUR = timedelta(hours=1)


def read(service: Service) -> None:
    build_engine(service).catch_up()


def watch(service: Service, now: datetime = BEGAN_AT + HOUR) -> int:
    return OrderWatch(service.engine, service.orders, lambda: now).look()


def opened(service: Service, customer: str) -> list[DirectorOrderOpened]:
    """Every order of the customer, in order of their numbers."""
    cases = service.cases.find(list(service.subjects.cases_of(customer)))
    orders = [order for case in cases.values() for order in case.orders.values()]
    return sorted(orders, key=lambda order: order.number)


def to_check(service: Service) -> int:
    """How many customers the watch will look at."""
    with service.engine.connect() as connection:
        wanted = select(func.count()).where(CASES.c.check_from.is_not(None))
        return connection.execute(wanted).scalar_one()
