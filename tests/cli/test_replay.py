"""Replaying a case: what each event changed, personal text by right only."""

import json
from datetime import timedelta
from subprocess import PIPE
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent
from sqlalchemy import text

from api.cli.case_changes import changes, state_of
from api.rendering import Reader
from api.witness import Witness
from domain.conflict_case import ConflictCase
from domain.personal import PersonalText
from domain.values import Status
from projections.read_models import build_engine
from service.access_tokens import AccessTokens
from service.assembly import Service
from service.settings import Settings
from tests.cli.conftest import Run, Start
from tests.cli.processes import environment_of
from tests.given import BEGAN_AT, Story, a_whole_story, circumstances

SUMMARY = "The kettle burned my kitchen"
REFERENCE = "C-2026-000007"
NOBODY = Reader(frozenset(), Witness())


@pytest.fixture
def story(service: Service) -> Story:
    """A case on its way, with one summary to look for."""
    story = Story()
    story.take("report", summary=PersonalText(SUMMARY))
    story.to(Status.RISK_ASSESSED)
    service.cases.record(story.events)
    return story


def steps_of(run: Run, *arguments: str, given: str | None = None) -> list[dict[str, Any]]:
    result = run("replay", *arguments, "--json", given=given)
    assert result.exit_code == 0, result.stderr
    steps: list[dict[str, Any]] = json.loads(result.stdout)["steps"]
    return steps


def test_each_event_says_who_when_and_what_changed(run: Run, story: Story) -> None:
    steps = steps_of(run, str(story.case.id))

    assert [step["event"] for step in steps] == [event.NAME for event in story.events]
    assert [step["version"] for step in steps] == list(range(1, len(steps) + 1))
    confirmed = next(step for step in steps if step["event"] == "conflict_confirmed")
    assert confirmed["actor"] == {"id": "ann", "kind": "person"}
    assert confirmed["occurred_at"] < confirmed["recorded_at"]
    assert {"field": "status", "old": "reported", "new": "confirmed"} in confirmed["changes"]
    fields = [change["field"] for change in confirmed["changes"]]
    assert "confirmation.severity" in fields
    assert "report.channel" not in fields


def test_what_belongs_to_an_attempt_is_named_like_the_rest(run: Run, service: Service) -> None:
    story = Story().to(Status.RESOLVED).after("record_lessons")
    service.cases.record(story.events)

    fields = {change["field"] for change in steps_of(run, str(story.case.id))[-1]["changes"]}

    assert {"lessons.1.attempt", "lessons.1.root"} <= fields


def test_replayed_changes_add_up_to_the_case(run: Run, story: Story) -> None:
    held: dict[str, Any] = {}
    for step in steps_of(run, str(story.case.id)):
        for change in step["changes"]:
            held[change["field"]] = change["new"]

    now = changes(state_of(ConflictCase(story.case.id)), state_of(story.case), NOBODY.text)

    assert {field: new for field, new in held.items() if new is not None} == {
        "status": story.case.status.value,
        **{change.field: change.new for change in now},
    }


def test_personal_text_is_hidden(run: Run, story: Story) -> None:
    plain = run("replay", str(story.case.id))

    shown = plain.stdout + json.dumps(steps_of(run, str(story.case.id)))

    assert "report.summary: (hidden)" in plain.stdout
    assert SUMMARY not in shown
    assert "sealed1." not in shown


@pytest.mark.parametrize(("role", "sees"), [("handler", True), ("analyst", False)])
def test_reveal_shows_what_the_key_may_see(
    run: Run, service: Service, story: Story, role: str, sees: bool
) -> None:
    _, key = AccessTokens(service.engine).create("ann", [role])

    result = run("replay", str(story.case.id), "--reveal", given=f"{key}\n")

    assert result.exit_code == 0
    assert (f"report.summary: {SUMMARY}" in result.stdout) is sees
    assert result.stderr == "The access log says that ann was shown these texts.\n"
    assert key not in result.output


def test_a_script_hands_the_key_over_on_standard_input(
    start: Start, settings: Settings, service: Service, story: Story
) -> None:
    _, key = AccessTokens(service.engine).create("ann", ["handler"])
    process = start(
        *("replay", str(story.case.id), "--reveal"), env=environment_of(settings), stdin=PIPE
    )

    out, err = process.communicate(f"{key}\n", timeout=60)

    assert process.returncode == 0
    assert SUMMARY in out
    assert err == "The access log says that ann was shown these texts.\n"


@pytest.mark.parametrize("key", ["", "amends_nonsense", f"amends_{'0' * 32}_{'x' * 43}"])
def test_reveal_needs_a_key_in_force(run: Run, story: Story, key: str) -> None:
    result = run("replay", str(story.case.id), "--reveal", given=f"{key}\n")

    assert result.exit_code == 5
    assert SUMMARY not in result.output


def test_an_erased_person_reads_erased(run: Run, service: Service, story: Story) -> None:
    service.keys.destroy(story.case.subject_ref)
    _, key = AccessTokens(service.engine).create("ann", ["handler"])

    result = run("replay", str(story.case.id), "--reveal", given=f"{key}\n")

    assert "report.summary: (erased)" in result.stdout


def test_a_case_is_found_by_its_reference(run: Run, story: Story) -> None:
    by_reference = steps_of(run, REFERENCE)

    assert by_reference == steps_of(run, str(story.case.id))


def test_the_case_list_finds_a_reference_without_a_look_at_every_case(
    run: Run, service: Service, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_engine(service).catch_up()
    monkeypatch.setattr("api.cli.finding.FIRST_EVENT", text("SELECT NULL WHERE :reference IS NULL"))

    result = run("replay", REFERENCE, "--json")

    assert json.loads(result.stdout)["case_id"] == str(story.case.id)


def test_a_text_never_looks_like_a_line_of_the_replay(run: Run, service: Service) -> None:
    story = Story()
    story.take("report", summary=PersonalText("One\n     recorded 2020-01-01\u009b2J"))
    service.cases.record(story.events)
    _, key = AccessTokens(service.engine).create("ann", ["handler"])

    result = run("replay", str(story.case.id), "--reveal", given=f"{key}\n")

    (line,) = (line for line in result.stdout.splitlines() if "report.summary" in line)
    assert line.strip() == "report.summary: One\\n     recorded 2020-01-01\\x9b2J"


@pytest.mark.parametrize(
    "case", [str(UUID(int=0)), "C-2026-999999", "C-2026-٠٠٠٠٠٧", "nonsense", "' OR true --"]
)
def test_a_case_that_is_not_there(run: Run, story: Story, case: str) -> None:
    result = run("replay", case)

    assert result.exit_code == 6
    assert result.stderr.startswith("amends: there is no such case")


def test_every_kind_of_event_can_be_replayed(run: Run, service: Service) -> None:
    story = a_whole_story()
    service.cases.record(story.events)

    steps = steps_of(run, str(story.case.id))

    assert len(steps) == len(story.events)
    assert all(step["changes"] for step in steps)


@pytest.mark.parametrize("topic", ["case_sold:1", "conflict_acknowledged:2"])
def test_an_event_of_a_newer_version_is_named(
    run: Run, service: Service, story: Story, topic: str
) -> None:
    version = story.case.version + 1
    service.recorder.append([StoredEvent(story.case.id, version, topic, b'{"secret": 1}')])

    result = run("replay", str(story.case.id))

    assert result.exit_code == 5
    assert result.stderr.startswith(
        f"amends: cannot read {topic} (case {story.case.id}, version {version}): "
        "this version of Amends"
    )
    assert "secret" not in result.output


@pytest.fixture
def late(service: Service) -> Story:
    """A case with a call that was written down after the confirmation it preceded."""
    story = Story().to(Status.CONFIRMED)
    by = circumstances(at=BEGAN_AT + timedelta(days=9), occurred_at=BEGAN_AT + timedelta(hours=1))
    story.take("log_interaction", by)
    for event in story.events:
        service.cases.record([event])
    return story


def test_as_of_tells_what_was_recorded_late_where_it_occurred(run: Run, late: Story) -> None:
    before, after = ((BEGAN_AT + timedelta(hours=hours)).isoformat() for hours in (0.5, 1.5))

    names = [
        [step["event"] for step in steps_of(run, str(late.case.id), "--as-of", moment)]
        for moment in (before, after)
    ]

    assert "interaction_logged" not in names[0]
    assert names[1][-1] == "interaction_logged"
    assert "conflict_confirmed" not in names[1]


def test_known_at_leaves_out_what_was_not_recorded_yet(
    run: Run, service: Service, late: Story
) -> None:
    history = service.cases.history(late.case.id)

    steps = steps_of(run, str(late.case.id), "--known-at", history[-2].recorded_at.isoformat())

    assert [step["event"] for step in steps] == [event.NAME for event in late.events[:-1]]


@pytest.mark.parametrize(
    ("option", "moment", "code", "said"),
    [
        ("--as-of", "1999-01-01T00:00:00Z", 6, "the case was not there then"),
        ("--known-at", "1999-01-01T00:00:00Z", 6, "the case was not there then"),
        ("--as-of", "2999-01-01T00:00:00Z", 2, "lies in the future"),
        ("--known-at", "yesterday", 2, "RFC 3339"),
        ("--known-at", "2026-01-01T00:00:00", 2, "needs an offset"),
    ],
)
def test_a_time_that_cannot_be_shown(
    run: Run, late: Story, option: str, moment: str, code: int, said: str
) -> None:
    result = run("replay", str(late.case.id), option, moment)

    assert result.exit_code == code
    assert said in result.stderr
