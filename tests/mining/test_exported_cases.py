"""Which cases an export has, what it tells of them, and what it keeps to itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from itertools import count
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from eventsourcing.persistence import StoredEvent
from sqlalchemy import text

from api.cli.exits import Exit
from domain.personal import PersonalText
from domain.values import Actor, ActorKind, Customer, Status
from projections.mining.cases import MinedLog
from projections.mining.selection import Selection
from service.assembly import Service
from tests.cli.conftest import Run
from tests.given import BEGAN_AT, Story, an_imported_story, circumstances

FORMS = ("xes", "ocel2")
XES = "{http://www.xes-standard.org/}"
NUMBERS = count(1)

Traces = dict[str, tuple[dict[str, str], list[dict[str, str]]]]


def a_case(service: Service, status: Status = Status.REPORTED, customer: str = "K-1") -> Story:
    """A recorded case with a reference of its own."""
    story = Story()
    by = circumstances(reference_number=next(NUMBERS))
    story.take("report", by, customer=Customer(ref=customer))
    service.cases.record(story.to(status).events)
    return story


def traces(xml: str) -> Traces:
    """The cases in a XES log by their id: what it says of each, and of its events."""
    found = [
        (_attributes(trace), [_attributes(each) for each in trace.iter(f"{XES}event")])
        for trace in Xml.fromstring(xml).iter(f"{XES}trace")  # noqa: S314, it is our own
    ]
    return {about["case_id"]: (about, events) for about, events in found}


def _attributes(element: Xml.Element) -> dict[str, str]:
    return {each.attrib["key"]: each.attrib["value"] for each in element if "key" in each.attrib}


def exported(run: Run, *options: str) -> set[str]:
    """The ids of the cases in an export with these options."""
    result = run("export", "--format", "xes", *options, "-")
    assert result.exit_code == 0, result.stderr
    return set(traces(result.stdout))


def test_a_selection_takes_whole_cases(run: Run, service: Service) -> None:
    new, done = a_case(service), a_case(service, Status.CONFIRMED, customer="K-2")
    imported = an_imported_story(Status.CLOSED)
    service.cases.record(imported.events)
    n, d, i = (str(story.case.id) for story in (new, done, imported))

    found = {
        "all": exported(run),
        "status": exported(run, "--status", "confirmed", "--status", "reported"),
        "type": exported(run, "--type", "quality"),
        "customer": exported(run, "--customer", "K-2"),
        "nobody": exported(run, "--customer", "K-9"),
        "case": exported(run, "--case", n, "--case", done.case.reference),
        "both": exported(run, "--case", n, "--customer", "K-2"),
        "reported": exported(run, "--origin", "reported"),
        "imported": exported(run, "--origin", "imported"),
    }

    assert found == {
        "all": {n, d, i},
        "status": {n, d},
        "type": {d},
        "customer": {d},
        "nobody": set(),
        "case": {n, d},
        "both": set(),
        "reported": {n, d},
        "imported": {i},
    }


def test_a_period_takes_the_cases_that_began_in_it(run: Run, service: Service) -> None:
    story = a_case(service, Status.CONFIRMED)
    day = f"{BEGAN_AT:%Y-%m-%d}"
    next_day = f"{BEGAN_AT + timedelta(days=1):%Y-%m-%d}"

    within = exported(run, "--from", day, "--to", next_day)
    outside = exported(run, "--from", next_day) | exported(run, "--to", day)

    assert within == {str(story.case.id)}
    assert outside == set()


def test_the_stored_events_know_no_selection(run: Run, service: Service) -> None:
    result = run("export", "--status", "closed", "-")

    assert result.exit_code == Exit.USAGE
    assert "--format xes" in result.stderr


@pytest.mark.parametrize("form", FORMS)
def test_nobody_is_named(run: Run, service: Service, form: str) -> None:
    """Neither a text, nor a customer's reference, nor somebody of the staff."""
    story = Story()
    customer = Customer(ref="zhang-wei", name=PersonalText("Zhang Wei"), contact=PersonalText("王"))
    story.take("report", circumstances("li.na"), customer=customer)
    story.take("assign", circumstances("li.na"), handler="wang.fang", unit="客诉组")
    service.cases.record(story.events)

    result = run("export", "--format", form, "-")

    assert result.exit_code == 0
    assert "客诉组" in result.stdout
    for word in ("zhang", "Zhang", "王", "li.na", "wang.fang", "sealed1.", "Arrived"):
        assert word not in result.stdout


def test_a_pseudonym_is_the_same_everywhere_and_belongs_to_one(run: Run, service: Service) -> None:
    stories = [a_case(service, customer=ref) for ref in ("K-1", "K-1", "K-2")]
    handed = Story()
    handed.take("report", circumstances("bob", reference_number=next(NUMBERS)))
    handed.take("assign", circumstances("bob"), handler="ann")
    service.cases.record(handed.events)

    first = traces(run("export", "--format", "xes", "-").stdout)
    again = traces(run("export", "--format", "xes", "-").stdout)
    objects = json.loads(run("export", "--format", "ocel2", "-").stdout)["objects"]

    one, same, other = (first[str(story.case.id)][0]["customer"] for story in stories)
    assert first == again
    assert one == same != other
    staff = {event["org:resource"] for _, events in first.values() for event in events}
    assert len(staff) == 2
    assert {each["id"] for each in objects if each["type"] == "staff"} == staff


def test_a_service_keeps_its_name(run: Run, service: Service) -> None:
    story = Story()
    shop = Actor(id="web-shop", kind=ActorKind.SERVICE)
    by = circumstances(reference_number=next(NUMBERS))
    story.take("report", by.__class__(**{**vars(by), "actor": shop}))
    service.cases.record(story.events)

    told = traces(run("export", "--format", "xes", "-").stdout)
    objects = json.loads(run("export", "--format", "ocel2", "-").stdout)["objects"]

    ((_, (event,)),) = told.values()
    assert event["org:resource"] == "web-shop"
    assert ("service:web-shop", "service") in {(each["id"], each["type"]) for each in objects}


def test_an_event_that_occurred_earlier_stands_where_it_occurred(
    run: Run, service: Service
) -> None:
    story = a_case(service, Status.CONFIRMED)
    late = circumstances(at=BEGAN_AT + timedelta(days=2), occurred_at=BEGAN_AT + timedelta(hours=1))
    service.cases.record([story.take("log_interaction", late)])

    told = traces(run("export", "--format", "xes", "-").stdout)

    _, events = told[str(story.case.id)]
    times = [event["time:timestamp"] for event in events]
    assert times == sorted(times)
    assert events[-1]["step"] != "log_interaction"


@pytest.mark.parametrize("topic", ["case_sold:1", "a\x01<&\"'\ud7ff:9"])
def test_an_event_of_a_newer_version_is_exported_under_its_stored_name(
    run: Run, service: Service, topic: str
) -> None:
    story = a_case(service)
    service.recorder.append([StoredEvent(story.case.id, 2, topic, b'{"name": "Zhang"}')])

    xes = run("export", "--format", "xes", "-")
    ocel = run("export", "--format", "ocel2", "-")

    name = topic.partition(":")[0]
    ((_, events),) = traces(xes.stdout).values()
    assert [event["concept:name"] for event in events] == ["Reported", name.replace("\x01", "�")]
    assert [each["type"] for each in json.loads(ocel.stdout)["events"]] == ["Reported", name]
    assert "Zhang" not in xes.stdout + ocel.stdout


@pytest.mark.parametrize("form", FORMS)
def test_what_is_held_back_is_not_passed_over_in_silence(
    run: Run, service: Service, form: str
) -> None:
    story = a_case(service)
    with service.engine.connect() as writer:
        writer.execute(text("SELECT pg_current_xact_id()"))
        service.cases.record([story.take("acknowledge")])

        result = run("export", "--format", form, "-")

        writer.rollback()
    assert result.exit_code == Exit.FOUND
    assert "1 newer events are held back" in result.stderr


def test_an_empty_store_is_an_empty_log(run: Run, service: Service) -> None:
    xes = run("export", "--format", "xes", "-")
    ocel = run("export", "--format", "ocel2", "-")

    assert traces(xes.stdout) == {}
    assert json.loads(ocel.stdout)["events"] == []
    assert json.loads(ocel.stdout)["objects"] == []


def test_pages_end_anywhere_in_a_case(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    stories = [a_case(service, Status.CONFIRMED) for _ in range(4)]
    monkeypatch.setattr("projections.mining.cases.PAGE_SIZE", 3)

    mined = list(MinedLog(service.recorder, service.mapper).cases(Selection()))

    expected = sorted((story.case.id, story.case.version) for story in stories)
    assert [(each.case.id, len(each.events)) for each in mined] == expected


def test_no_more_is_read_than_is_written(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is never in memory: the first case is there after a page or two."""
    for _ in range(6):
        a_case(service, Status.CONFIRMED)
    monkeypatch.setattr("projections.mining.cases.PAGE_SIZE", 5)
    pages = StringIO()
    recorder = service.recorder
    read = recorder.select_events_by_case

    def counted(*place: object) -> object:
        pages.write(".")
        return read(*place)  # type: ignore[arg-type]

    monkeypatch.setattr(type(recorder), "select_events_by_case", lambda _, *place: counted(*place))
    cases: Iterator[object] = MinedLog(recorder, service.mapper).cases(Selection())

    next(cases)

    assert len(pages.getvalue()) <= 3


def test_a_file_appears_whole_and_for_its_owner_only(
    run: Run, service: Service, tmp_path: Path
) -> None:
    a_case(service)
    file = tmp_path / "log.xes"

    result = run("export", "--format", "xes", str(file))

    assert (result.exit_code, result.stdout) == (0, "")
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["log.xes"]


def test_a_solution_and_its_case_belong_together(run: Run, service: Service) -> None:
    story = a_case(service, Status.RESOLVED)

    log = json.loads(run("export", "--format", "ocel2", "-").stdout)

    objects = {each["id"]: each for each in log["objects"]}
    solution = objects[f"{story.case.id}/S1"]
    assert solution["relationships"] == [
        {"objectId": str(story.case.id), "qualifier": "proposed for"}
    ]
    types = {each["name"] for each in log["eventTypes"]}
    assert {each["type"] for each in log["events"]} == types
    declared = {
        (kind["name"], each["name"]) for kind in log["objectTypes"] for each in kind["attributes"]
    }
    used = {(each["type"], a["name"]) for each in objects.values() for a in each["attributes"]}
    assert used <= declared
    touched = {r["objectId"] for each in log["events"] for r in each["relationships"]}
    assert touched <= objects.keys()


def test_nothing_points_at_a_case_that_was_not_chosen(run: Run, service: Service) -> None:
    merged = a_case(service)
    target = a_case(service)
    service.cases.record([merged.take("merge_into", into_case_id=target.case.id)])

    whole = json.loads(run("export", "--format", "ocel2", "-").stdout)
    alone = json.loads(
        run("export", "--format", "ocel2", "--case", str(merged.case.id), "-").stdout
    )

    def ways(log: dict[str, list[dict[str, object]]]) -> set[str]:
        return {
            r["qualifier"]
            for each in log["objects"]
            for r in each["relationships"]  # type: ignore[attr-defined]
        }

    assert ways(whole) == {"of", "merged into"}
    assert ways(alone) == {"of"}
