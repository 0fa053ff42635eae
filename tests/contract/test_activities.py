"""Every step has a name as an activity: a new one needs a row in projections/mining."""

from __future__ import annotations

import pytest

from domain.lifecycle import TABLE
from domain.reference_books import CURRENT_EDITION, edition
from domain.values import Status
from projections.mining.activities import ACTIVITIES


def test_every_step_is_called_something_in_both_languages() -> None:
    steps = {step.command: step for step in TABLE}

    named = {step for step, labels in ACTIVITIES.items() if labels.en and labels.zh}

    assert named == steps.keys()
    for language in ("en", "zh"):
        labels = [each.in_language(language) for each in ACTIVITIES.values()]
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_step_that_leads_to_a_stage_is_called_like_the_stage(language: str) -> None:
    leading = {
        "report": Status.REPORTED,
        "confirm": Status.CONFIRMED,
        "analyse": Status.ANALYSED,
        "propose_solution": Status.SOLUTION_PROPOSED,
        "assess_risk": Status.RISK_ASSESSED,
        "resolve": Status.RESOLVED,
        "follow_up": Status.FOLLOWED_UP,
    }

    statuses = edition(CURRENT_EDITION).book("statuses")

    named = [ACTIVITIES[step].in_language(language) for step in leading]

    assert named == [statuses.entry(each).labels.in_language(language) for each in leading.values()]
