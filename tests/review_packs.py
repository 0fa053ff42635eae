"""Packs of a period in which reviews moved, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import quote

from werkzeug.test import TestResponse

from service.assembly import Service
from tests.api.conftest import Callers, Json
from tests.api.reviews.steps import an_action, change, hold, open_one, send
from tests.projections.ledger.a_ledger import ALedger


@dataclass(frozen=True)
class ReviewedPeriod:
    """A period that is over: the case reported in it, its held review, its audit and its action."""

    begin: datetime
    end: datetime
    case: Json
    review: str
    audit: str
    action: str

    @property
    def address(self) -> str:
        return address_of(self.begin, self.end)


def address_of(begin: datetime, end: datetime) -> str:
    """Where the pack of a period is."""
    return f"/v1/audit-pack?from={quote(begin.isoformat())}&to={quote(end.isoformat())}"


def a_reviewed_period(
    callers: Callers, service: Service, ledger: ALedger, *, monday: date, quarter: date
) -> ReviewedPeriod:
    """A review of three records, an audit of two, an action of two, and a case, all signed."""
    begin = datetime.now(UTC)
    review = open_one(service, "voice_of_customer", monday)
    audit = open_one(service, "quarterly_audit", quarter)
    answers = [hold(callers.analyst, review), complete(callers, review)]
    action = an_action(callers, audit)
    answers.append(change(callers.analyst, action, "assign", {"owner": "WAREHOUSE-2"}))
    case = callers.reporter.report()
    end = datetime.now(UTC)
    ledger.keep()
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    return ReviewedPeriod(begin, end, case, review, audit, action)


def complete(callers: Callers, review: str) -> TestResponse:
    """Report the first decision of a held review done."""
    return send(
        callers.handler, f"/v1/reviews/{review}/decisions/1/complete", {"file_ref": "C-31"}, 2
    )
