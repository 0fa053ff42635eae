"""Whom the case list takes for past their time is whoever the log does, and few others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.conflict_case import ConflictCase
from domain.personal import PersonalText
from domain.reference_books import CURRENT_EDITION, edition
from domain.retention import aged, kept_until
from domain.values import Customer, Role
from projections.read_models import build_engine
from projections.retention_candidates import candidates
from service.assembly import Service
from service.retention import Outcome, Retention
from tests.given import circumstances, details_for

BOOKS = edition(CURRENT_EDITION)
BEGAN = datetime(2020, 3, 2, 9, 0, tzinfo=UTC)
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)
ERASE = "erase"
LIVES = {
    "IN-ORDER": (("report", 0), ("dismiss", 1)),
    "TOLD-LATE": (("report", 0), ("acknowledge", 9), ("dismiss", 2)),
    "ERASED": (("report", 0), ("dismiss", 3), (ERASE, 5)),
    "ERASED-BY-A-SLOW-CLOCK": (("report", 0), ("acknowledge", 9), ("dismiss", 4), (ERASE, 6)),
    "TOLD-LATE-AFTER-AN-ERASURE": (("report", 0), (ERASE, 9), ("dismiss", 5)),
    "ERASED-AGAIN": (("report", 0), (ERASE, 9), ("dismiss", 6), (ERASE, 7)),
}
"""What was recorded of each person's case, in this order, and on which day it occurred."""
ENDED = dict(zip(LIVES, (1, 9, 3, 9, 5, 6), strict=True))


@pytest.fixture
def people(service: Service) -> Service:
    """Each of them lives through it, and has a key whatever was erased."""
    for ref, life in LIVES.items():
        _live(service, ref, life)
        service.keys.living(ref)
    build_engine(service).catch_up()
    return service


def _live(service: Service, ref: str, life: tuple[tuple[str, int], ...]) -> None:
    case_id = uuid4()
    for step, day in life:
        at = BEGAN + day * DAY
        if step == ERASE:
            service.keys.living(ref)
            by = circumstances("pia", [Role.PRIVACY], at)
            service.erasures.erase(ref, by, ground="consent_withdrawn")
            continue
        case = service.cases.get(case_id) if step != "report" else ConflictCase(case_id)
        details = details_for(step, case)
        if step == "report":
            details |= {"customer": Customer(ref=ref, name=PersonalText("Jo Doe"))}
        service.cases.record([case.take(step, details, circumstances(at=at))])


def listed(service: Service, now: datetime) -> set[str]:
    with service.engine.connect() as connection:
        return set(candidates(connection, service.risks, BOOKS, now))


def due(service: Service, now: datetime) -> set[str]:
    """Whom the log itself takes for past their time."""
    retention = Retention(
        service.cases, service.subjects, service.holds, service.erasures, service.risks, BOOKS
    )
    decided = retention.decide(iter(LIVES), circumstances(at=now), dry_run=True)
    return {each.subject_ref for each in decided if each.outcome is Outcome.DUE}


def end_of(service: Service, ref: str) -> datetime:
    (case_id,) = service.subjects.cases_of(ref)
    end = kept_until(aged([logged.event for logged in service.cases.history(case_id)]), BOOKS)
    assert end is not None
    return end


def test_a_case_ends_with_the_newest_time_of_what_was_lived_however_late_it_was_told(
    people: Service,
) -> None:
    ends = {ref: end_of(people, ref) for ref in LIVES}

    assert ends == {ref: datetime(2023, 3, 2 + day, 9, 0, tzinfo=UTC) for ref, day in ENDED.items()}


@pytest.mark.parametrize("day", sorted({0, *ENDED.values(), 10}))
@pytest.mark.parametrize("off", [-MOMENT, timedelta(), MOMENT], ids=["before", "then", "after"])
def test_the_list_and_the_log_agree_at_any_instant(
    people: Service, day: int, off: timedelta
) -> None:
    now = datetime(2023, 3, 2, 9, 0, tzinfo=UTC) + day * DAY + off

    by_list, by_log = listed(people, now), due(people, now)

    never_erased = {ref for ref, life in LIVES.items() if ERASE not in dict(life)}
    assert by_log == {ref for ref in LIVES if end_of(people, ref) <= now}
    assert by_log <= by_list
    assert by_list & never_erased == by_log & never_erased
