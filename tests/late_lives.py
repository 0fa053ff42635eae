"""Random lives of cases, some of whose events are recorded long after they occurred."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from domain.events import CaseEvent
from tests.given import Story


def with_late_events(story: Story, dice: Random, share: float = 0.3) -> list[CaseEvent]:
    """The story's events, a share of which occurred earlier than the ones recorded before them.

    None occurred before the first: what a case tells begins with its report.
    """
    began = story.events[0].occurred_at
    told = []
    for event in story.events:
        is_late = event is not story.events[0] and dice.random() < share
        since = event.occurred_at - began
        told.append(replace(event, occurred_at=began + since * dice.random()) if is_late else event)
    return told


def some_instants(times: Iterable[datetime], dice: Random, count: int) -> list[datetime]:
    """Random instants among some times: at them, just before, and just after."""
    known = sorted(times)
    nudges = (timedelta(0), timedelta(microseconds=-1), timedelta(microseconds=1))
    return [dice.choice(known) + dice.choice(nudges) for _ in range(count)]
