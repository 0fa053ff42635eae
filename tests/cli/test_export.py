"""The export: every event as stored, in order, and nothing in it that a person could read."""

import json
from pathlib import Path

import pytest
from eventsourcing.persistence import StoredEvent
from sqlalchemy import text

from api.cli.exits import Exit
from domain.personal import PersonalText
from domain.values import Customer
from service.assembly import Service
from tests.cli.conftest import Run
from tests.given import Story

PLANTED = ("Zhang Wei", "zhang.wei@example.org", "The kettle burned my kitchen", "水壶烧坏了厨房")


@pytest.fixture
def story(service: Service) -> Story:
    """A case with personal texts in it."""
    name, contact, summary, description = map(PersonalText, PLANTED)
    customer = Customer(ref="customer-7", name=name, contact=contact)
    story = Story()
    story.take("report", customer=customer, summary=summary, description=description)
    story.after("acknowledge")
    service.cases.record(story.events)
    return story


def test_every_event_is_a_line_as_it_is_stored(run: Run, service: Service, story: Story) -> None:
    stored = service.recorder.select_events(story.case.id)

    result = run("export", "-")

    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [line["position"] for line in lines] == [event.id for event in stored]
    assert [(line["case_id"], line["version"], line["event"]) for line in lines] == [
        (str(story.case.id), 1, "conflict_reported:1"),
        (str(story.case.id), 2, "conflict_acknowledged:1"),
    ]
    for line, event in zip(result.stdout.splitlines(), stored, strict=True):
        assert f'"state":{event.state.decode()}' in line


def test_no_personal_text_can_be_read(run: Run, story: Story, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"

    result = run("export", str(file))

    content = file.read_text(encoding="utf-8")
    assert result.exit_code == 0
    assert "sealed1." in content
    for planted in PLANTED:
        assert planted not in content
        assert json.dumps(planted).strip('"') not in content


def test_a_file_is_private_and_standard_output_stays_empty(
    run: Run, story: Story, tmp_path: Path
) -> None:
    file = tmp_path / "events.jsonl"

    result = run("export", str(file))

    assert file.stat().st_mode & 0o777 == 0o600
    assert result.stdout == ""
    assert result.stderr.startswith("Exported 2 events, the last one at position ")


def test_a_failed_export_leaves_nothing(
    run: Run, story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(event: object) -> bytes:
        raise OSError(28, "No space left on device", "events.jsonl")

    monkeypatch.setattr("api.cli.export.line_of", fail)

    result = run("export", str(tmp_path / "events.jsonl"))

    assert result.exit_code == 1
    assert result.stderr == "amends: events.jsonl: No space left on device\n"
    assert list(tmp_path.glob("*events*")) == []


def test_more_events_than_a_page(run: Run, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.cli.export.PAGE_SIZE", 1)

    result = run("export", "-")

    assert [json.loads(line)["version"] for line in result.stdout.splitlines()] == [1, 2]


def test_a_directory_that_is_not_there(run: Run, tmp_path: Path) -> None:
    result = run("export", str(tmp_path / "gone" / "events.jsonl"))

    assert result.exit_code == Exit.FOUND
    assert result.stderr.startswith("amends: FILE cannot be written: No such file")
    assert list(tmp_path.iterdir()) == []


def test_an_event_of_a_newer_version_is_a_line_like_any_other(
    run: Run, service: Service, story: Story
) -> None:
    state = '{"of": "the future"}'
    service.recorder.append([StoredEvent(story.case.id, 3, "case_sold:1", state.encode())])

    result = run("export", "-")

    last = result.stdout.splitlines()[-1]
    assert result.exit_code == 0
    assert json.loads(last)["event"] == "case_sold:1"
    assert f'"state":{state}' in last


@pytest.mark.parametrize("state", [b"", b"secret words", b'{"a": "\xff"}'])
def test_a_damaged_event_ends_the_export_and_is_named(
    run: Run, service: Service, story: Story, tmp_path: Path, state: bytes
) -> None:
    damaged = StoredEvent(story.case.id, 3, "case_closed:1", state)
    (recorded,) = service.recorder.append([damaged])

    result = run("export", str(tmp_path / "events.jsonl"))

    assert result.exit_code == 5
    assert f"the state of case_closed:1 at position {recorded.id} is not JSON" in result.stderr
    assert "secret" not in result.stderr
    assert list(tmp_path.glob("*events*")) == []


def test_what_is_held_back_is_not_passed_over_in_silence(
    run: Run, service: Service, story: Story
) -> None:
    with service.engine.connect() as writer:
        writer.execute(text("SELECT pg_current_xact_id()"))
        story.after("acknowledge")
        service.cases.record(story.events[-1:])

        result = run("export", "-")

        writer.rollback()
    whole = run("export", "-")
    assert (result.exit_code, whole.exit_code) == (1, 0)
    assert (len(result.stdout.splitlines()), len(whole.stdout.splitlines())) == (2, 3)
    assert "1 newer events are held back" in result.stderr


@pytest.mark.parametrize("form", ["xes", "ocel2"])
def test_a_period_that_ends_before_it_begins_is_refused(
    run: Run, story: Story, tmp_path: Path, form: str
) -> None:
    period = ("--from", "2026-12-01", "--to", "2026-01-01")

    result = run("export", str(tmp_path / "cases"), "--format", form, *period)

    assert result.exit_code == 2
    assert "--to must lie after --from" in result.stderr
    assert list(tmp_path.glob("*cases*")) == []
