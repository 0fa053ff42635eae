"""Text to values, as JSON bodies and query parameters write them. Faults are codes."""

from __future__ import annotations

import re
from datetime import MAXYEAR, UTC, date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from domain.checking import EARLIEST_YEAR


class Fault(ValueError):
    """The text cannot be read as asked; `code` says why, its limit after a space."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_INSTANT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_AMOUNT: Final = re.compile(r"-?\d{1,15}(\.\d{1,4})?", re.ASCII)
_MOST_DIGITS: Final = 15
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def instant(text: str) -> datetime:
    """An RFC 3339 time with offset, in UTC; parts of a microsecond are cut off. Raises Fault."""
    found = _INSTANT.fullmatch(text)
    if not found:
        raise Fault("not_an_instant")
    if found.group(2) is None:
        raise Fault("no_offset")
    try:
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        raise Fault("year_out_of_range") from None
    except ValueError:
        raise Fault("year_out_of_range" if text.startswith("0000") else "not_an_instant") from None
    if not EARLIEST_YEAR <= moment.year < MAXYEAR:
        raise Fault("year_out_of_range")
    return moment


def day(text: str) -> date:
    """A calendar day, YYYY-MM-DD. Raises Fault."""
    if not _DATE.fullmatch(text):
        raise Fault("not_a_date")
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Fault("not_a_date") from None
    if not EARLIEST_YEAR <= found.year < MAXYEAR:
        raise Fault("year_out_of_range")
    return found


def amount(text: str) -> Decimal:
    """An amount with at most four decimals; "-0" is 0. Raises Fault."""
    if not _AMOUNT.fullmatch(text):
        raise Fault("not_an_amount")
    found = Decimal(text)
    return found or found.copy_abs()


def figure(given: int | Decimal | str) -> Decimal:
    """A figure with at most four decimals, from a JSON number or as text. Raises Fault."""
    try:
        # A short number such as 1e999999 may have a text without end.
        if isinstance(given, Decimal) and abs(given.adjusted()) > _MOST_DIGITS:
            raise Fault("not_an_amount")
        return amount(format(given, "f") if isinstance(given, Decimal) else str(given))
    except Fault:
        raise Fault("not_a_figure") from None


def uuid(text: str) -> UUID:
    """A UUID in its usual form with hyphens. Raises Fault."""
    if not _UUID.fullmatch(text):
        raise Fault("not_an_id")
    return UUID(text)
