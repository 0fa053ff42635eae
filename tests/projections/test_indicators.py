"""What early warning counts of a case: facts with their scopes, each under its indicator."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import events
from domain.early_warning.rules import ALL, rules_of
from domain.events import CaseEvent
from domain.reference_books import CURRENT_EDITION, edition
from domain.values import SatisfactionScore, Status
from projections.indicator_tables import FACTS, SCOPES
from projections.indicators import READ_MODEL
from projections.read_model import Fact, Row, fold
from projections.risk_backtest import RISK_SCORE
from tests.every_event import one_of_each, stories
from tests.given import BEGAN_AT, Story, an_imported_story


def facts_of(*told: CaseEvent) -> list[Row]:
    """What the read model counts of these events, all of one case."""
    facts = [
        Fact(told[0].case_id, number, number, BEGAN_AT + timedelta(days=9), "x:1", event)
        for number, event in enumerate(told, start=1)
    ]
    (case,) = fold(READ_MODEL, facts)
    return [row for name, row in case.added if name == FACTS.name]


def counted(*told: CaseEvent) -> list[tuple[str, int, int]]:
    """Indicator, occasions and thousandths of each fact."""
    return [(row["indicator"], row["occasions"], row["thousandths"]) for row in facts_of(*told)]


def told(story: Story, *kinds: type[CaseEvent]) -> list[CaseEvent]:
    return [event for event in story.events if isinstance(event, kinds)]


def test_a_life_counts_as_complaint_conflict_solution_and_score() -> None:
    story = Story().to(Status.CLOSED).after("reopen")

    found = counted(*story.events)

    assert found[:2] == [("complaints_reported", 1, 0), ("breach_rate", 1, 0)]
    assert ("conflicts_confirmed", 1, 0) in found
    assert ("reopen_rate", 1, 0) in found
    assert found[-1] == ("reopen_rate", 0, 1_000)


def test_facts_lie_where_they_occurred_and_say_when_they_were_recorded() -> None:
    story = Story()
    story.take("report", touchpoint="delivery")

    row = facts_of(*story.events)[0]

    assert row["occurred_at"] == story.events[0].occurred_at
    assert row["recorded_at"] == BEGAN_AT + timedelta(days=9)
    assert row["touchpoint"] == "delivery"
    assert row["customer"] == story.events[0].subject_ref


def test_facts_are_told_apart_by_what_is_known_of_the_case_by_then() -> None:
    story = Story().to(Status.CONFIRMED)
    story.take("assign", unit="仓库")
    (kind,) = told(story, events.ConflictConfirmed)
    resolved = replace(one_of_each()[events.ConflictResolved], originator_id=story.case.id)

    reported, confirmed, ended = (
        next(row for row in facts_of(*story.events, resolved) if row["indicator"] == indicator)
        for indicator in ("complaints_reported", "conflicts_confirmed", "reopen_rate")
    )

    assert (reported["conflict_type"], reported["unit"]) == (None, None)
    assert confirmed["conflict_type"] == kind.conflict_type
    assert (ended["conflict_type"], ended["unit"]) == (kind.conflict_type, "仓库")


@pytest.mark.parametrize(
    ("scale", "value", "expected"),
    [
        ("csat_1_5", 1, ("satisfaction", 1_000)),
        ("csat_1_5", 5, ("satisfaction", 5_000)),
        ("csat_1_10", 1, ("satisfaction", 1_000)),
        ("csat_1_10", 6, ("satisfaction", 3_222)),
        ("csat_1_10", 10, ("satisfaction", 5_000)),
        ("nps", 10, ("nps", 100_000)),
        ("nps", 9, ("nps", 100_000)),
        ("nps", 8, ("nps", 0)),
        ("nps", 7, ("nps", 0)),
        ("nps", 6, ("nps", -100_000)),
        ("nps", 0, ("nps", -100_000)),
    ],
)
def test_scores_count_on_one_scale(scale: str, value: int, expected: tuple[str, int]) -> None:
    score = SatisfactionScore(scale=scale, value=value)
    followed_up = replace(
        one_of_each()[events.ConflictFollowedUp], score=score, touchpoint="billing"
    )

    (row,) = facts_of(followed_up)

    assert (row["indicator"], row["thousandths"]) == expected
    assert (row["occasions"], row["touchpoint"]) == (1, "billing")


def test_an_answer_is_about_the_touchpoint_that_the_survey_asked_about() -> None:
    sent = replace(one_of_each()[events.SurveySent], survey_id="Y1", touchpoint="billing")
    answered = replace(
        one_of_each()[events.SurveyAnswered],
        originator_id=sent.originator_id,
        survey_id="Y1",
        scale="csat_1_5",
        value=4,
    )

    (row,) = facts_of(sent, answered)

    assert (row["indicator"], row["thousandths"]) == ("satisfaction", 4_000)
    assert row["touchpoint"] == "billing"
    assert counted(sent, replace(answered, value=None)) == []


def test_anger_counts_at_the_report_and_at_each_contact() -> None:
    story = Story()
    story.take("report", emotion="angry")
    story.take("log_interaction", emotion="angry", direction="inbound", channel="chat")
    story.take("log_interaction", emotion="calm", sentiment=None, direction="inbound")

    found = [row for row in facts_of(*story.events) if row["indicator"] == "angry_contacts"]

    assert [row["channel"] for row in found] == [story.events[0].channel, "chat"]


def test_anger_that_a_person_and_a_model_heard_counts_once() -> None:
    story = Story()
    story.take("report", emotion="calm")
    story.take("log_interaction", emotion="angry", direction="inbound")
    heard = one_of_each()[events.EmotionRecognised]
    by_model = [
        replace(heard, originator_id=story.case.id, heard_in=version, sentiment="negative")
        for version in (1, 2, 1)
    ]

    found = counted(*story.events, *by_model)

    assert [each for each in found if each[0] == "angry_contacts"] == [("angry_contacts", 1, 0)] * 2


def test_what_an_import_tells_later_counts_once() -> None:
    story = an_imported_story(Status.REPORTED)
    (imported,) = told(story, events.CaseImported)
    entry = one_of_each()[events.ImportedEntryNoted]
    late = replace(entry, originator_id=imported.case_id, timely=False)
    opened = replace(imported, timely=None, disputed=True)

    found = counted(opened, late, late)

    assert found == [
        ("complaints_imported", 1, 0),
        ("imported_untimely_rate", 1, 0),
        ("imported_dispute_rate", 1, 1_000),
        ("imported_untimely_rate", 0, 1_000),
    ]


def test_a_missed_deadline_counts_for_the_rate_of_breaches() -> None:
    missed = one_of_each()[events.DeadlineMissed]

    (row,) = facts_of(missed)

    assert (row["indicator"], row["occasions"], row["thousandths"]) == ("breach_rate", 0, 1_000)


def test_promises_count_when_made_and_when_broken() -> None:
    made, broken = one_of_each()[events.CommitmentMade], one_of_each()[events.CommitmentBroken]

    found = counted(made, replace(broken, originator_id=made.case_id))

    assert found == [("broken_promise_rate", 1, 0), ("broken_promise_rate", 0, 1_000)]


def test_every_indicator_of_the_book_is_counted_and_every_scope_is_a_column() -> None:
    books = edition(CURRENT_EDITION)
    shown: set[Any] = {row["indicator"] for story in stories() for row in facts_of(*story.events)}
    nps = replace(
        one_of_each()[events.ConflictFollowedUp], score=SatisfactionScore(scale="nps", value=9)
    )
    shown |= {row["indicator"] for row in facts_of(nps)}

    shown.add(RISK_SCORE)  # what records tell, see `projections.risk_backtest`
    assert shown == set(books.book("indicators").codes)
    assert {ALL, *SCOPES} == set(books.book("warning_scopes").codes)
    assert {rule.indicator for rule in rules_of().values()} == shown
