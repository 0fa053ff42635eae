"""Every state that stands in no reference book has a label in both languages, and one only."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from api.follow_up_json import ORDER_STATES
from api.reports.page_promises import STATES as ON_THE_PAGE
from api.reports.words import WORDS
from api.state_labels import (
    ACTION_STATES,
    ALARM_STATES,
    CHANGE_REASONS,
    DECISION_STATES,
    ORDER_LABELS,
    PROMISE_STATES,
    REVIEW_STATES,
)
from domain.book import Labels
from domain.commitments import CommitmentState
from domain.early_warning.alarms import AlarmState
from domain.reviews.corrective import ActionState
from domain.reviews.decisions import DecisionState
from domain.reviews.review import ReviewState
from domain.reviews.values import ChangeReason


@pytest.mark.parametrize(
    ("states", "labels"),
    [
        (CommitmentState, PROMISE_STATES),
        (ORDER_STATES, ORDER_LABELS),
        (AlarmState, ALARM_STATES),
        (ReviewState, REVIEW_STATES),
        (ActionState, ACTION_STATES),
        (DecisionState, DECISION_STATES),
        (ChangeReason, CHANGE_REASONS),
    ],
)
def test_every_state_has_a_label_and_no_two_the_same(
    states: type[CommitmentState], labels: Mapping[str, Labels]
) -> None:
    assert set(labels) == set(states)
    assert len({each.en for each in labels.values()}) == len(labels)
    assert len({each.zh for each in labels.values()}) == len(labels)
    assert all(not each.zh.isascii() for each in labels.values())


def test_the_managers_page_calls_promises_what_lists_call_them() -> None:
    on_the_page = {state: WORDS[word] for state, word, _ in ON_THE_PAGE}

    assert on_the_page == PROMISE_STATES
