"""Promises, work, orders, scores and their reports as they were, and as they were known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection

from domain.early_warning.answering import ALARM_WORK
from domain.events import CaseEvent
from domain.reviews.work import REVIEW_WORK
from domain.satisfaction import IDENTICAL_IN_A_ROW
from domain.values import Customer, Status, SurveyOccasion
from projections import deadlines, satisfaction
from projections.commitment_questions import CommitmentFilter, list_commitments
from projections.lessons_period import Period
from projections.past_lists import (
    past_orders,
    past_promises,
    past_scores,
    past_work,
    rewinding_deadlines,
    rewinding_satisfaction,
)
from projections.promise_report import promise_report
from projections.read_models import build_engine
from projections.rewinding import Past, TooMuchHasMoved
from projections.satisfaction_questions import OrderFilter, ScoreFilter, list_orders, list_scores
from projections.satisfaction_report import satisfaction_report
from projections.work_questions import WorkFilter, list_work
from service.assembly import Service
from service.instants import NOW, Instants
from tests.every_event import a_story_with_an_order, a_story_with_promises, stories
from tests.given import BEGAN_AT, Story
from tests.late_lives import with_late_events

SEED = 126
LOOKS = 8
LIMIT = 9
DAY = timedelta(days=1)
PERIOD = Period(BEGAN_AT - DAY, BEGAN_AT + 40 * DAY)
JUDGED_AT = BEGAN_AT + 1.5 * DAY
"""Some promises and clocks are overdue by then, others not."""
MODELS = (deadlines.READ_MODEL, satisfaction.READ_MODEL)
Answers = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """A service that records lives event by event, and everything that is asked of it."""

    service: Service

    def record(self, events: list[CaseEvent]) -> datetime:
        """Record, read, and tell when the last of them was recorded."""
        recorded = [self.service.cases.record([event])[0] for event in events]
        build_engine(self.service, MODELS).catch_up()
        return recorded[-1].recorded_at

    def answers(self, instants: Instants = NOW) -> Answers:
        """Every list with some filters, and both reports."""
        found: Answers = {}
        due = rewinding_deadlines(self.service.mapper)
        asked = rewinding_satisfaction(self.service.mapper)
        for promises in PROMISES:
            past = past_promises(due, promises)
            found[str(promises)] = self._all(past, instants, list_commitments, promises)
        for work in WORK:
            found[str(work)] = self._all(past_work(due, work), instants, list_work, work)
        for orders in ORDERS:
            past = past_orders(asked, orders)
            found[str(orders)] = self._all(past, instants, list_orders, orders)
        for scores in SCORES:
            past = past_scores(asked, scores)
            found[str(scores)] = self._all(past, instants, list_scores, scores)
        for rewinding, report in ((due, promise_report), (asked, satisfaction_report)):
            found[report.__name__] = self._ask(
                Past(rewinding), instants, partial(report, period=PERIOD, now=JUDGED_AT)
            )
        return found

    def _all(
        self, past: Past, instants: Instants, ask: Callable[..., Any], wanted: Any
    ) -> list[Any]:
        """The whole list, page by page."""
        found: list[Any] = []
        cursor: str | None = None
        while True:
            asked = partial(ask, wanted=wanted, limit=LIMIT, cursor=cursor)
            rows, cursor = vars(self._ask(past, instants, asked)).values()
            found += rows
            if cursor is None:
                return found

    def _ask(self, past: Past, instants: Instants, ask: Callable[[Connection], Any]) -> Any:
        with self.service.engine.connect() as connection:
            return past.ask(connection, instants, ask)


PROMISES = (
    CommitmentFilter(now=JUDGED_AT),
    CommitmentFilter(now=JUDGED_AT, owner="财务组"),
    CommitmentFilter(now=JUDGED_AT, state="broken"),
    CommitmentFilter(now=JUDGED_AT, state="replaced", due_before=BEGAN_AT + 2 * DAY),
)
WORK = (
    WorkFilter(now=JUDGED_AT),
    WorkFilter(now=JUDGED_AT, overdue=True),
    WorkFilter(now=JUDGED_AT, paused=True),
    WorkFilter(now=JUDGED_AT, owner="财务组", clock="commitment"),
    WorkFilter(now=JUDGED_AT, clock="open_points"),
)
ORDERS = (
    OrderFilter(now=JUDGED_AT),
    OrderFilter(now=JUDGED_AT, subject_ref="K-1001", state="closed", opened_from=BEGAN_AT),
)
SCORES = (ScoreFilter(), ScoreFilter(subject_ref="K-9", valid=False), ScoreFilter(low=True))


@pytest.fixture
def reading(service: Service) -> Reading:
    return Reading(service)


@pytest.fixture(scope="module")
def other(shared_service: Service) -> Reading:
    return Reading(shared_service)


def a_log(dice: Random) -> list[CaseEvent]:
    """The events of many lives, with late ones among them, in some order of recording."""
    more = [made() for made in (a_story_with_promises, a_story_with_an_order) for _ in range(6)]
    more.append(a_story_of_one_answer())
    lives = [with_late_events(story, dice) for story in (*stories(), *more)]
    log = []
    while lives:
        life = dice.choice(lives)
        log.append(life.pop(0))
        lives = [each for each in lives if each]
    return log


def a_story_of_one_answer() -> Story:
    """A customer who gives the same score so often that it says nothing."""
    story = Story()
    story.take("report", customer=Customer(ref="K-9"))
    story.to(Status.CONFIRMED).after("log_interaction")
    for number in range(1, IDENTICAL_IN_A_ROW + 2):
        story.take("send_survey", occasion=SurveyOccasion.CONTACT, scale="csat_1_5")
        story.take("answer_survey", survey_id=f"Q{number}", value=5)
    return story


def test_what_was_answered_is_answered_again_with_known_at(reading: Reading) -> None:
    log = a_log(Random(SEED))
    answered = {}
    for look in range(LOOKS):
        moment = reading.record(log[look * len(log) // LOOKS : (look + 1) * len(log) // LOOKS])
        answered[moment] = reading.answers()

    for moment, before in answered.items():
        assert reading.answers(Instants(known_at=moment)) == before
    for name in before:
        assert len({str(each[name]) for each in answered.values()}) > 1, name


def test_as_of_they_say_what_a_store_would_that_has_only_what_had_occurred(
    reading: Reading, other: Reading
) -> None:
    dice = Random(SEED)
    log = a_log(dice)
    as_of = BEGAN_AT + timedelta(hours=11, seconds=dice.randrange(3600))
    begun = {event.case_id for event in log if event.version == 1 and event.occurred_at <= as_of}
    reading.record(log)
    other.record([e for e in log if e.occurred_at <= as_of and e.case_id in begun])

    was = reading.answers(Instants(as_of=as_of))

    assert was == other.answers()
    assert was != reading.answers()


@pytest.mark.parametrize("kind", [*ALARM_WORK, *REVIEW_WORK])
def test_for_work_that_belongs_to_no_case_nothing_is_folded(reading: Reading, kind: str) -> None:
    story = stories()[0]
    moment = reading.record(story.events[:3])
    reading.record(story.events[3:])
    due = rewinding_deadlines(reading.service.mapper)
    folds_nothing = type(due)(due.model, due.spanned, due.mapper, most_events=0)

    def asked(wanted: WorkFilter) -> Any:
        with reading.service.engine.connect() as connection:
            past = past_work(folds_nothing, wanted)
            return past.ask(connection, Instants(known_at=moment), lambda at: list_work(at, wanted))

    assert asked(WorkFilter(now=JUDGED_AT, clock=kind)).work == []
    with pytest.raises(TooMuchHasMoved):
        asked(WorkFilter(now=JUDGED_AT))


def test_only_cases_that_can_be_in_the_list_are_folded(reading: Reading) -> None:
    promising, plain = a_story_with_promises(), stories()[0]
    moment = reading.record([*promising.events[:5], *plain.events[:5]])
    reading.record([*promising.events[5:], *plain.events[5:]])
    due = rewinding_deadlines(reading.service.mapper)
    tight = type(due)(due.model, due.spanned, due.mapper, most_events=5)
    wanted = PROMISES[0]

    with reading.service.engine.connect() as connection:
        page = past_promises(tight, wanted).ask(
            connection, Instants(known_at=moment), lambda at: list_commitments(at, wanted)
        )
        with pytest.raises(TooMuchHasMoved):
            past_work(tight, WORK[0]).ask(
                connection, Instants(known_at=moment), lambda at: list_work(at, WORK[0])
            )

    assert [each.about for each in page.commitments] == ["C1"]
