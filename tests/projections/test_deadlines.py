"""The read model of due times says what the clocks of the folded case say."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from domain.clocks.policy import policy_of
from domain.clocks.run import State
from domain.clocks.running import clock_runs
from domain.values import Status
from projections.deadline_tables import ESCALATION
from projections.deadlines import CASES, READ_MODEL, RUNS
from projections.read_model import CaseRows, Fact, fold
from tests.every_event import stories
from tests.given import BEGAN_AT, Story, an_imported_story, circumstances
from tests.projections.lessons_history import Life

DAY = timedelta(days=1)
REST_OF_THE_DAY = timedelta(hours=15)
"""Cases are reported at 09:00 UTC."""
CLOCKS = ("first_reply", "first_plan", "progress_update")
"""What begins with every case."""
NO_TERMS = dict.fromkeys(
    ("urgency", "request_kind", "customer_tier", "regulation", "calendar", "reason")
)


def facts_of(story: Story) -> list[Fact]:
    return [
        Fact(event.case_id, event.version, event.version, event.occurred_at, event.NAME, event)
        for event in story.events
    ]


def rows_of(story: Story) -> CaseRows:
    (case,) = fold(READ_MODEL, facts_of(story))
    return case


def shown(row: dict[str, Any]) -> tuple[Any, ...]:
    names = ("clock", "run", "rule", "state", "started_at", "due_at", "warn_at", "paused_since")
    return tuple(row[name] for name in names)


def computed(story: Story) -> list[tuple[Any, ...]]:
    case = story.case
    runs = clock_runs(policy_of(case.edition.number), case.occasions)
    recorded = {(event.clock, event.run) for event in case.deadlines_missed}
    return sorted(
        (
            run.clock,
            run.number,
            run.rule,
            State.MISSED if (run.clock, run.number) in recorded else run.state,
            run.started_at,
            run.due_at,
            run.warn_at,
            run.paused_since,
        )
        for run in runs
    )


@pytest.mark.parametrize("number", range(len(stories())))
def test_the_rows_of_every_kind_of_story_are_its_clocks(number: int) -> None:
    story = stories()[number]

    rows = rows_of(story).rows(RUNS)

    assert [shown(row) for row in rows if row["rule"]] == computed(story)


def random_life(random: Random, number: int) -> Story:
    """A case whose clocks were started, paused, set anew, and told of late."""
    life = Life(random, number)
    life.report()
    for _ in range(random.randrange(8)):
        step = random.choice(("await", "hear", "contact", "late", "terms", "escalate", "assign"))
        if step == "await" and not life.case.awaits_customer:
            life.take("await_customer")
        elif step in ("contact", "late"):
            began, since = life.story.events[0].occurred_at, random.random() * (step == "late")
            by = circumstances(at=life.now, occurred_at=life.now - since * (life.now - began))
            heard = {"direction": random.choice(("inbound", "outbound")), "channel": "video_call"}
            emotion = random.choice(("angry", "calm"))
            life.story.take("log_interaction", by, emotion=emotion, **heard)
        elif step == "terms":
            tier = random.choice(("gold", "bronze"))
            life.take("set_service_terms", **{**NO_TERMS, "customer_tier": tier})
        elif step in ("escalate", "assign"):
            life.take(step)
    return life.story


def test_the_rows_of_random_lives_are_their_clocks() -> None:
    random = Random(7)
    for number in range(60):
        story = random_life(random, number)

        rows = [row for row in rows_of(story).rows(RUNS) if row["clock"] != ESCALATION]

        standing = [shown(row) for row in rows if row["is_open"] or row["state"] != "cancelled"]
        assert standing == [row for row in computed(story) if row[3] != "cancelled"]


def test_rows_do_not_depend_on_where_a_page_ends() -> None:
    random = Random(11)
    for number in range(200):
        story = random_life(random, number)
        one_by_one = READ_MODEL.new_case(story.case.id)

        for fact in facts_of(story):
            READ_MODEL.take(one_by_one, fact)
            READ_MODEL.settle_rows(one_by_one)

        assert one_by_one.changed == rows_of(story).changed


def next_looks(story: Story) -> dict[str, timedelta | None]:
    """When timers look at each clock, counted from the report."""
    return {
        row["clock"]: row["next_at"] and row["next_at"] - BEGAN_AT
        for row in rows_of(story).rows(RUNS)
    }


def test_a_timer_looks_first_to_warn_and_then_for_the_breach() -> None:
    story = Story()
    story.take("report", urgency="urgent")
    before = next_looks(story)
    story.take(
        "warn_deadline",
        circumstances("timer", ["admin"], BEGAN_AT + timedelta(minutes=25)),
        clock="first_reply",
        run=1,
    )
    warned = next_looks(story)
    story.take("miss_deadline", clock="first_reply", run=1)

    assert before["first_reply"] == timedelta(minutes=20)
    assert warned["first_reply"] == timedelta(minutes=30)
    assert next_looks(story)["first_reply"] is None


def test_no_timer_looks_at_what_was_met_paused_or_cancelled() -> None:
    met = Story().after("report", "acknowledge")
    paused = Story().after("report", "await_customer")
    withdrawn = Story().to(Status.REPORTED).after("withdraw")

    assert next_looks(met)["first_reply"] is None
    assert next_looks(paused) == {
        "first_reply": None,
        "first_plan": None,
        # It does not pause, and is warned of a day before.
        "progress_update": 6 * DAY + REST_OF_THE_DAY,
    }
    assert set(next_looks(withdrawn).values()) == {None}


def test_a_reply_that_came_too_late_leaves_a_breach_to_record() -> None:
    story = Story()
    story.take("report", urgency="urgent")
    story.take("acknowledge")

    assert next_looks(story)["first_reply"] == timedelta(minutes=30)


def test_open_runs_follow_the_handler() -> None:
    story = Story().after("report", "acknowledge", "assign")

    handlers = {row["clock"]: row["handler"] for row in rows_of(story).rows(RUNS)}

    assert handlers == {"first_reply": None, "first_plan": "ann", "progress_update": "ann"}


def test_an_imported_case_owes_nothing_until_it_is_taken_on_here() -> None:
    imported = an_imported_story(Status.RESOLVED)
    before = rows_of(imported).rows(RUNS)

    imported.after("reopen")

    assert before == []
    assert {row["clock"] for row in rows_of(imported).rows(RUNS)} == set(CLOCKS)
    assert rows_of(imported).row(CASES)["occasions"]
