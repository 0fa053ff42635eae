"""A promise to take further steps on, and how it stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.commitments import CommitmentState
from tests.given import BEGAN_AT, Story


def a_promise(**changes: Any) -> Story:
    """A spoken promise, made an hour after the report and due a day after it."""
    story = Story().after("report")
    story.take("make_commitment", **{"in_writing": False, **changes})
    return story


def state(story: Story, commitment_id: str = "C1", **duration: float) -> CommitmentState:
    owed = story.case.commitments[commitment_id].owed
    return owed.state(story.case.occasions, BEGAN_AT + timedelta(**duration))
