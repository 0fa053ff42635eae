"""What an audit pack is about, as it is named on the command line."""

from datetime import UTC, datetime
from typing import Any

import click

from api import params
from api.cli.exits import CommandError, Exit
from api.cli.finding import find_case
from api.parsing import Fault
from projections.packs.scope import Scope, of_case, of_customer, of_period
from service.assembly import Service


class _Moment(click.ParamType[datetime]):
    """A time with offset, or a day, which begins at midnight UTC."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        """Read it. Raises click's UsageError."""
        try:
            return params.instant_or_day(str(value))
        except Fault:
            self.fail("a time with offset or a day: 2026-03-01T09:30:00+08:00 or 2026-03-01")


moment = _Moment()


def chosen_scope(
    service: Service,
    case: str | None,
    customer: str | None,
    begin: datetime | None,
    end: datetime | None,
) -> Scope:
    """A case, a customer or a period: exactly one of them. Raises CommandError, UsageError."""
    period = begin is not None or end is not None
    if sum((case is not None, customer is not None, period)) != 1:
        raise click.UsageError("Name one of these: --case, --customer, or --from and --to.")
    if case is not None:
        return of_case(find_case(case, service))
    if customer is not None:
        case_ids = list(service.subjects.cases_of(customer)) if _is_reference(customer) else []
        if not case_ids:
            raise CommandError(Exit.NOT_FOUND, "there is no such customer")
        return of_customer(customer, case_ids)
    if begin is None or end is None or end <= begin or end > datetime.now(UTC):
        raise click.UsageError("A period has --from and --to, in this order, and is over.")
    return of_period(begin, end)


def _is_reference(text: str) -> bool:
    return params.is_reference(text)
