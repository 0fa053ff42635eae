"""The audit trail names each step with its actor, both clocks, and old and new values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from domain.conflict_case import ConflictCase
from domain.lifecycle import STEP_OF_EVENT
from domain.personal import PersonalText
from projections import audit_trail
from projections.audit_questions import AuditEntry, AuditFilter, AuditPage, AuditQuestions
from projections.cursors import InvalidCursor, encode
from projections.engine import Sizes
from projections.read_models import READ_MODELS, build_engine
from service.assembly import Service
from service.event_store import PositionNotInLog
from tests.every_event import stories
from tests.given import Story
from tests.projections.rows import stored_rows


@dataclass(frozen=True)
class Reading:
    """A service with every kind of event recorded and read."""

    service: Service
    stories: tuple[Story, ...]

    def ask(self, *, limit: int = 200, cursor: str | None = None, **asked: Any) -> AuditPage:
        newest_first = asked.pop("newest_first", False)
        questions = AuditQuestions(self.service.keys, self.service.mapper)
        with self.service.engine.connect() as connection:
            return questions.entries(
                connection,
                AuditFilter(**asked),
                newest_first=newest_first,
                limit=limit,
                cursor=cursor,
            )

    def of(self, story: Story) -> list[AuditEntry]:
        return list(self.ask(case_id=story.case.id).entries)


@pytest.fixture(scope="module")
def reading(shared_service: Service) -> Reading:
    known = stories()
    for story in known:
        shared_service.cases.record(story.events)
    engine = build_engine(shared_service)
    engine.catch_up()
    assert engine.parked_cases(audit_trail.NAME) == []
    return Reading(shared_service, known)


def test_every_event_has_its_entry(reading: Reading) -> None:
    for story in reading.stories:
        entries = reading.of(story)

        case = ConflictCase(story.case.id)
        assert len(entries) == len(story.events)
        for entry, event in zip(entries, story.events, strict=True):
            before = case.status if case.version else None
            case.remember(event)
            assert (entry.version, entry.event) == (event.version, event.NAME)
            assert entry.step == STEP_OF_EVENT[type(event)].command
            assert (entry.actor_id, entry.via) == (event.actor.id, event.via)
            assert entry.occurred_at == event.occurred_at
            assert entry.recorded_at > entry.occurred_at or entry.recorded_at
            assert (entry.status_before, entry.status_after) == (before, case.status)
            assert entry.reference == case.reference


def changes_of(entry: AuditEntry) -> dict[str, tuple[Any, Any]]:
    """Old and new value by field."""
    return {change.field: (change.old, change.new) for change in entry.changes}


def test_a_first_value_has_nothing_before_it(reading: Reading) -> None:
    report = changes_of(reading.of(reading.stories[0])[0])

    assert report["channel"] == (None, "phone")
    old, new = report["summary"]
    assert old is None
    assert new == PersonalText("The parcel came three weeks late 包裹晚到三周")


def test_a_decision_is_taken_back_by_a_rejection(reading: Reading) -> None:
    setbacks = reading.stories[4]
    rejection = next(e for e in reading.of(setbacks) if e.event == "solution_rejected")

    changes = changes_of(rejection)

    assert changes["choice.solution_id"] == ("S1", None)
    assert changes["solutions.S1.rejection.reason"][0] is None


def test_a_revised_plan_shows_the_steps_it_replaces(reading: Reading) -> None:
    setbacks = reading.stories[4]
    revision = next(e for e in reading.of(setbacks) if e.event == "plan_revised")
    chosen = setbacks.events[[e.NAME for e in setbacks.events].index("plan_revised")]

    old, new = changes_of(revision)["plan.steps"]

    assert len(new) == len(chosen.steps)  # type: ignore[attr-defined]
    assert old
    assert {step["owner"] for step in old} == {"ann"}


def test_what_the_trail_shows_is_what_the_case_shows(reading: Reading) -> None:
    """Old values chained: each is the newest value that was not taken back since."""
    for story in reading.stories:
        shown: dict[str, Any] = {}
        for entry in reading.of(story):
            for change in entry.changes:
                if change.field in shown:
                    assert change.old == shown[change.field]
                shown[change.field] = change.new
        chosen = story.case.choice.solution_id if story.case.choice else None
        assert shown.get("choice.solution_id") == chosen


@pytest.mark.parametrize("newest_first", [False, True])
def test_pages_make_up_the_whole_trail(reading: Reading, newest_first: bool) -> None:
    whole = [
        entry.position
        for story in reading.stories
        for entry in reading.ask(case_id=story.case.id).entries
    ]
    paged, cursor = [], None

    while True:
        page = reading.ask(limit=7, cursor=cursor, newest_first=newest_first)
        paged += [entry.position for entry in page.entries]
        if (cursor := page.next_cursor) is None:
            break

    assert paged == sorted(whole, reverse=newest_first)


def test_filters_name_actor_step_and_time(reading: Reading) -> None:
    approvals = reading.ask(step="approve_solution").entries
    by_bob = reading.ask(actor_id="bob").entries
    first = reading.of(reading.stories[0])[0]

    assert {entry.step for entry in approvals} == {"approve_solution"}
    assert {entry.actor_id for entry in by_bob} == {"bob"}
    assert all(
        entry.occurred_at < first.occurred_at
        for entry in reading.ask(occurred_to=first.occurred_at).entries
    )
    assert reading.ask(recorded_to=first.recorded_at).entries == []
    assert reading.ask(actor_id="nobody").entries == []


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_cursor_of_an_event_that_the_log_has_lost_is_named(
    reading: Reading, newest_first: bool
) -> None:
    lost = reading.ask(limit=200).entries[-1].position + (1 << 12)

    with pytest.raises(PositionNotInLog, match=str(lost)):
        reading.ask(cursor=encode(newest_first, lost), newest_first=newest_first)


@pytest.mark.parametrize("position", [-1, 1 << 63])
def test_a_cursor_that_could_name_no_event_is_refused(reading: Reading, position: int) -> None:
    with pytest.raises(InvalidCursor):
        reading.ask(cursor=encode(False, position))


def test_a_cursor_of_the_other_order_is_refused(reading: Reading) -> None:
    cursor = reading.ask(limit=1).next_cursor

    with pytest.raises(InvalidCursor):
        reading.ask(cursor=cursor, newest_first=True)


def test_no_readable_text_is_in_any_read_model(reading: Reading) -> None:
    found = ""
    with reading.service.engine.connect() as connection:
        for model in READ_MODELS:
            for table in model.tables:
                rows = connection.execute(text(f"SELECT t::text FROM {table} t"))
                found += "\n".join(rows.scalars())

    for word in ("张三", "parcel", "包裹", "zhang", "charged twice"):
        assert word not in found


@pytest.mark.parametrize("model", READ_MODELS, ids=[model.name for model in READ_MODELS])
def test_a_rebuilt_read_model_equals_one_fed_live(reading: Reading, model: Any) -> None:
    engine = build_engine(reading.service)
    engine.sizes = Sizes(page=17, rebuild_page=17)
    live = stored_rows(reading.service.engine, model)

    engine.begin_rebuilds([model.name])
    engine.catch_up()

    rebuilt = stored_rows(reading.service.engine, model)
    assert rebuilt == live
