"""Corrective actions: one for each figure that deviates, late once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.records import CorrectiveActionMissed, CorrectiveActionOpened, Record
from domain.reviews.review import review_id
from domain.reviews.values import FigureGiven
from domain.values import Actor, ActorKind
from service.assembly import Service, build
from service.corrective_actions import CorrectiveActions
from service.settings import Settings
from tests.given import circumstances
from tests.projections.watching_reviews import BEGAN, DAY, occurrence, of_kind, watch


def audit(service: Service, found: Mapping[str, str], at: datetime | None = None) -> None:
    """Tell figures of the audit of April."""
    when = occurrence("2026-04-10", "quarterly_audit")
    figures = [
        FigureGiven(figure=code, sampled=40, expected=Decimal(80), found=Decimal(each))
        for code, each in found.items()
    ]
    by = circumstances(at=at or when.opens_at + DAY)
    version = service.reviews.get(review_id(when)).standing.version
    service.reviews.record_figures(review_id(when), by, expected_version=version, figures=figures)


FOUND = {"records_complete": "70", "cases_within_time": "76", "cases_with_finding": "85"}


def test_each_figure_that_deviates_opens_one_action(service: Service) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 40 * DAY)

    audit(service, FOUND)
    audit(service, {"records_complete": "60"})
    watch(service, BEGAN + 41 * DAY)

    actions = of_kind(service, CorrectiveActionOpened)
    assert Counter(each.figure for each in actions) == {
        "records_complete": 1,
        "cases_with_finding": 1,
    }


def test_an_action_that_a_broken_request_left_is_opened_by_any_worker_once(
    service: Service, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 40 * DAY)
    with monkeypatch.context() as patch:
        patch.setattr(CorrectiveActions, "open_for", lambda self, review: 0)
        audit(service, FOUND)
    before = of_kind(service, CorrectiveActionOpened)

    workers = [build(settings) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda each: watch(each, BEGAN + 41 * DAY), workers))

    told_at = occurrence("2026-04-10", "quarterly_audit").opens_at + DAY
    actions = of_kind(service, CorrectiveActionOpened)
    assert before == []
    assert [each.occurred_at for each in actions] == [told_at] * 2
    for worker in workers:
        worker.engine.dispose()


def test_a_deviation_whose_request_broke_opens_its_action_though_it_was_told_better_since(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 40 * DAY)
    with monkeypatch.context() as patch:
        patch.setattr(CorrectiveActions, "open_for", lambda self, review: 0)
        audit(service, {"records_complete": "50"})
        audit(service, {"records_complete": "80"}, BEGAN + 40 * DAY)

    watch(service, BEGAN + 41 * DAY)

    told_at = occurrence("2026-04-10", "quarterly_audit").opens_at + DAY
    (action,) = of_kind(service, CorrectiveActionOpened)
    assert (action.figure, action.found, action.occurred_at) == (
        "records_complete",
        Decimal(50),
        told_at,
    )


def test_a_look_writes_no_action_that_is_on_record(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 40 * DAY)
    audit(service, FOUND)
    written: list[Record] = []
    append = service.records.append

    def counted(record: Record, **more: Any) -> object:
        written.append(record)
        return append(record, **more)

    monkeypatch.setattr(service.records, "append", counted)
    watch(service, BEGAN + 40 * DAY)

    assert len(of_kind(service, CorrectiveActionOpened)) == 2
    assert written == []


def test_an_action_that_is_not_done_in_time_is_late_once(service: Service) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 40 * DAY)
    audit(service, FOUND)
    (late, done) = of_kind(service, CorrectiveActionOpened)
    service.reviews.actions.do(
        done.originator_id, circumstances(at=BEGAN + 45 * DAY), expected_version=1,
        measure="train_staff",
    )  # fmt: skip

    for days in (60, 100, 101, 102):
        watch(service, BEGAN + days * DAY)

    assert [each.originator_id for each in of_kind(service, CorrectiveActionMissed)] == [
        late.originator_id
    ]


def test_an_action_that_is_sent_back_is_missed_at_its_new_time_and_not_before(
    service: Service,
) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 40 * DAY)
    audit(service, {"records_complete": "50"})
    (first,) = of_kind(service, CorrectiveActionOpened)
    actions, other = service.reviews.actions, Actor(id="bob", kind=ActorKind.PERSON)
    in_time = circumstances(at=first.due_at - DAY)
    actions.do(first.originator_id, in_time, expected_version=1, measure="train_staff")
    sent_back = replace(in_time, now=first.due_at + DAY, actor=other)
    actions.verify(first.originator_id, sent_back, expected_version=2, result="deviation_remains")
    due_at = actions.get(first.originator_id).standing.due_at

    watch(service, due_at)
    before = of_kind(service, CorrectiveActionMissed)
    watch(service, due_at + timedelta(seconds=1))

    (missed,) = of_kind(service, CorrectiveActionMissed)
    assert before == []
    assert missed.occurred_at == due_at > first.due_at
