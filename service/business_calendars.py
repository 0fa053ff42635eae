"""Makes the book of service calendars: `python -m service.business_calendars VERSION`.

The dates come from the `holidays` package once, and are frozen in the book: a due time that was
computed with a version of the book stays as it is, whatever later releases of the package say.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import holidays

from domain.reference_books import BOOKS_DIRECTORY

YEARS = range(2020, 2031)
"""After the last of them only weekends are free; make a new version in time."""
OFFICE_HOURS = [["09:00", "17:30"]]
CHINESE_OFFICE_HOURS = [["09:00", "12:00"], ["13:00", "18:00"]]
FIRST_DAY_OF_WEEKEND = 5


@dataclass(frozen=True)
class Source:
    """One calendar: its labels, its zone, the hours of a working day, and who is off when."""

    code: str
    en: str
    zh: str
    time_zone: str
    hours: list[list[str]] | None = None
    free_days: Callable[[], Any] = dict


SOURCES = (
    Source("always", "Around the clock", "全天候", "UTC"),
    Source(
        "cn_mainland",
        "Chinese mainland, office hours",
        "中国大陆工作时间",
        "Asia/Shanghai",
        CHINESE_OFFICE_HOURS,
        lambda: holidays.country_holidays("CN", years=YEARS),
    ),
    Source(
        "gb_england",
        "England, office hours",
        "英格兰工作时间",
        "Europe/London",
        OFFICE_HOURS,
        lambda: holidays.country_holidays("GB", subdiv="ENG", years=YEARS),
    ),
    Source(
        "eu_target",
        "Euro area, office hours on TARGET days",
        "欧元区工作时间",
        "Europe/Berlin",
        OFFICE_HOURS,
        lambda: holidays.financial_holidays("XECB", years=YEARS),
    ),
    Source(
        "us_federal",
        "United States, office hours in the East",
        "美国东部工作时间",
        "America/New_York",
        OFFICE_HOURS,
        lambda: holidays.country_holidays("US", years=YEARS),
    ),
)


def book(version: int) -> dict[str, Any]:
    """The content of the book, in its canonical form."""
    return {
        "name": "service_calendars",
        "version": version,
        "title": {"en": "Service calendars", "zh": "服务日历"},
        "source": "S40",
        "entries": [_entry(source) for source in SOURCES],
    }


def _entry(source: Source) -> dict[str, Any]:
    details: dict[str, Any] = {"time_zone": source.time_zone}
    if source.hours is not None:
        free = source.free_days()
        moved = getattr(free, "weekend_workdays", ())
        details |= {
            "holidays": _texts(day for day in free if day.weekday() < FIRST_DAY_OF_WEEKEND),
            "week": [source.hours] * FIRST_DAY_OF_WEEKEND + [[], []],
            "workdays": _texts(moved),
        }
    labels = {"en": source.en, "zh": source.zh}
    return {"code": source.code, "labels": labels, "details": dict(sorted(details.items()))}


def _texts(days: Any) -> list[str]:
    in_range: set[date] = {day for day in days if day.year in YEARS}
    return [day.isoformat() for day in sorted(in_range)]


def main(version: int) -> None:
    """Write the file of a version; an edition has to name it before anything uses it."""
    path = BOOKS_DIRECTORY / f"service_calendars.v{version}.json"
    path.write_text(json.dumps(book(version), ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]))
