"""Whether a person is past their time is asked again in the turn that erases them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.reference_books import CURRENT_EDITION, edition
from service.assembly import Service
from service.erasure import Erasures
from service.erasure_records import Erasure
from service.retention import Outcome, Retention
from tests.given import circumstances
from tests.risk_history import RiskLog, supplied, told
from tests.service.privacy_steps import a_case_of, count, privacy_officer, summary_of

NOW = datetime.now(UTC)
CUSTOMER = "K-1"
TWO_YEARS = timedelta(days=2 * 366)


def retention(service: Service) -> Retention:
    return Retention(
        service.cases,
        service.subjects,
        service.holds,
        service.erasures,
        service.risks,
        edition(CURRENT_EDITION),
    )


def decide(service: Service) -> Outcome:
    (decided,) = retention(service).decide(iter([CUSTOMER]), privacy_officer(), dry_run=False)
    return decided.outcome


@pytest.fixture
def known_by_indicators(service: Service) -> None:
    """A customer without a case whose only value was recorded two years ago."""
    service.keys.living(CUSTOMER)
    RiskLog(service.engine).record(told(CUSTOMER, NOW - TWO_YEARS, {"open_tickets": "1"}))


def just_before_the_turn(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen once it is decided who is due, and before they are erased."""
    erase = Erasures.erase

    def late(erasures: Erasures, *asked: Any, **others: Any) -> Erasure:
        happens()
        return erase(erasures, *asked, **others)

    monkeypatch.setattr(Erasures, "erase", late)


@pytest.mark.usefixtures("known_by_indicators")
def test_who_reports_a_case_before_the_turn_is_kept_with_its_words(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported = []
    just_before_the_turn(monkeypatch, lambda: reported.append(a_case_of(service, CUSTOMER)))

    outcome = decide(service)

    assert outcome is Outcome.KEPT
    assert summary_of(service, reported[0]) == "Late parcel"
    assert service.keys.live_keys(CUSTOMER)
    assert service.erasures.of(CUSTOMER) == []


@pytest.mark.usefixtures("known_by_indicators")
def test_of_whom_something_is_told_before_the_turn_is_kept(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, crm = supplied(NOW, {"open_tickets": "2"}), circumstances("crm", at=NOW)
    just_before_the_turn(monkeypatch, lambda: service.risks.supply(CUSTOMER, new, crm))

    outcome = decide(service)

    assert outcome is Outcome.KEPT
    assert len(service.risks.risk_of(CUSTOMER, NOW).values) == 1


@pytest.mark.usefixtures("known_by_indicators")
def test_who_is_still_due_in_the_turn_is_erased_once(service: Service) -> None:
    outcomes = [decide(service), decide(service)]

    assert outcomes == [Outcome.ERASED, Outcome.ERASED]
    assert count(service, "records") == 2
    assert service.keys.live_keys(CUSTOMER) == []
