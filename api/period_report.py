"""What reports over a period share: how one asks, and what stands around the figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection

from api import params, two_clocks
from api.front import Front
from api.json_body import rfc3339, rfc3339_or_null
from api.json_schema import TEXT, TIME, Json, an_object, or_null
from api.lessons_report import end_of_period, period_of
from api.pages import reading
from api.routes import ALL_BUT_REPORTERS, Answer, Call, Route
from domain.book import Labels
from domain.reference_books import EDITIONS, edition
from projections.lessons_period import Period
from projections.rewinding import Past, Rewinding
from service.instants import Instants

Figures = dict[str, Any]
PARAMS: Final = (
    end_of_period("from", "This day (UTC) or this time, and later. By default a year ago."),
    end_of_period("to", "Up to this day (UTC), included, or before this time."),
    params.LANGUAGE,
    *two_clocks.CLOCKS,
    params.WAIT_FOR,
)


@dataclass(frozen=True, kw_only=True)
class ReportFrame:
    """What stands around the figures of a report. `definitions`: what each figure means."""

    code: str
    definitions: Mapping[str, Labels]

    def framed(
        self, figures: Figures, period: Period, instants: Instants, language: str
    ) -> Figures:
        """The answer that shows these figures."""
        return {
            "report": self.code,
            "language": language,
            "period": {"from": rfc3339(period.start), "to": rfc3339(period.end)},
            "made_at": rfc3339(datetime.now(UTC)),
            "as_of": rfc3339_or_null(instants.as_of),
            "known_at": rfc3339_or_null(instants.known_at),
            **figures,
            "definitions": {
                name: each.in_language(language) for name, each in self.definitions.items()
            },
        }

    def schema(self, **figures: Json) -> Json:
        """The shape of the whole answer, by that of its figures."""
        return an_object(
            report={"const": self.code},
            language={"enum": ["en", "zh"]},
            period=an_object(**{"from": TIME, "to": TIME}),
            made_at=TIME,
            as_of=or_null(TIME),
            known_at=or_null(TIME),
            **figures,
            definitions={"type": "object", "additionalProperties": TEXT},
        )


@dataclass(frozen=True, kw_only=True)
class PeriodReport(ReportFrame):
    """A report of its own route. `read_model`: what it is counted from, `past` what rewinds that.

    `count` gives the figures of a period as they stand at an instant, with labels in a language;
    its connection is in one snapshot.
    """

    read_model: str
    past: Callable[[Front], Rewinding]
    count: Callable[[Connection, Period, datetime, str], Figures]

    def show(self, call: Call) -> Answer:
        """Counted by the database, in one snapshot; by the instant, where one is asked for."""
        instants, now = two_clocks.instants(call), two_clocks.moment(call)
        period = period_of(call, now.date()) or Period.last_twelve_months(now.date())
        language = call.language
        with reading(call, self.read_model) as (connection, state):
            # The report reads in a snapshot of its own, which no earlier statement may have begun.
            connection.rollback()
            figures = Past(self.past(call.front)).ask(
                connection, instants, lambda at: self.count(at, period, now, language)
            )
        headers = {
            "Amends-Read-Position": str(state.position),
            "Amends-Lag-Seconds": f"{state.lag_seconds:.3f}",
            "Content-Language": language,
            "Vary": "Accept-Language",
        }
        return Answer(self.framed(figures, period, instants, language), headers=headers)

    def route(self, name: str, summary: str, shows: str) -> Route:
        """`GET /v1/reports/CODE`."""
        return Route(
            method="GET",
            path=f"/v1/reports/{self.code}",
            name=name,
            summary=summary,
            tag="Reports",
            view=self.show,
            roles=ALL_BUT_REPORTERS,
            params=PARAMS,
            shows=shows,
        )


def labelled(name: str, book: str, code: str | None, language: str) -> dict[str, str | None]:
    """A code of a book, and what the newest edition that has it calls it."""
    known = (edition(n) for n in sorted(EDITIONS, reverse=True) if book in EDITIONS[n])
    found = (each.label(book, code, language) for each in known if code and each.has(book, code))
    label = next(found, None)
    return {name: code, f"{name}_label": label}
