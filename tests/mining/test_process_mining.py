"""The exports as a tool for process mining reads them: every event, and the seven stages."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from domain.reference_books import CURRENT_EDITION, edition
from domain.values import Status
from service.assembly import Service
from tests.cli.conftest import Run
from tests.every_event import stories
from tests.given import STAGES, Story, an_imported_story

READER = Path(__file__).with_name("read_by_pm4py.py")
SEVEN = STAGES[:7]

Found = dict[str, Any]


@pytest.fixture
def told(service: Service) -> list[Story]:
    """A log in which everything happens, imported cases among it."""
    every = [*stories(), an_imported_story(Status.CLOSED)]
    record(service, every)
    return every


def record(service: Service, told: list[Story]) -> None:
    """Record stories, each under a reference of its own."""
    for number, story in enumerate(told, 1):
        first, *others = story.events
        reference = f"C-2026-{number:06d}"
        service.cases.record([replace(first, reference=reference), *others])  # type: ignore[call-arg]


def read(form: str, file: Path) -> Found:
    """What pm4py finds in a file."""
    command = [sys.executable, str(READER), form, str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


def words_of(statuses: tuple[Status, ...], language: str = "en") -> list[str]:
    entries = edition(CURRENT_EDITION).book("statuses")
    return [entries.entry(each).labels.in_language(language) for each in statuses]


def test_pm4py_reads_every_event_of_the_xes(
    run: Run, service: Service, told: list[Story], tmp_path: Path
) -> None:
    file = tmp_path / "log.xes"

    result = run("export", "--format", "xes", str(file))

    found = read("xes", file)
    stored = [each for story in told for each in service.recorder.select_events(story.case.id)]
    assert result.exit_code == 0
    assert found["events"] == len(stored)
    assert found["positions"] == sorted(each.id for each in stored)
    assert (found["cases"], found["imported"]) == (len(told), 2)
    assert f"Exported {len(told)} cases with {len(stored)} events." in result.stderr


def test_pm4py_reads_every_event_of_the_ocel(
    run: Run, service: Service, told: list[Story], tmp_path: Path
) -> None:
    file = tmp_path / "log.jsonocel"

    result = run("export", "--format", "ocel2", str(file))

    found = read("ocel2", file)
    stored = [each for story in told for each in service.recorder.select_events(story.case.id)]
    assert result.exit_code == 0
    assert found["events"] == len(stored)
    assert found["positions"] == sorted(each.id for each in stored)
    assert found["objects"]["case"] == len(told) - 2
    assert found["objects"]["imported_case"] == 2
    assert found["objects"]["solution"] == sum(len(story.case.solutions) for story in told)
    assert found["relations"]["case"] == len(stored)
    assert {"of", "proposed for"} <= set(found["between_objects"])


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", ["xes", "ocel2"])
def test_the_discovered_process_shows_the_seven_stages_in_order(
    run: Run, service: Service, tmp_path: Path, form: str, language: str
) -> None:
    record(service, [Story().to(Status.CLOSED) for _ in range(3)])
    file = tmp_path / "log"

    run("export", "--format", form, "--language", language, "--origin", "reported", str(file))

    found = read(form, file)
    stages = words_of(SEVEN, language)
    ways = {(one, other) for one, other, _ in found["follows"]}
    assert set(stages) <= set(found["activities"])
    assert found["begins"] == {stages[0]: 3}
    assert all(leads(ways, one, other) for one, other in pairwise(stages))
    assert not any(leads(ways, other, one) for one, other in pairwise(stages))
    if form == "xes":
        assert set(stages) <= set(found["in_the_net"])
        assert found["fitness"] == 1.0


def leads(ways: set[tuple[str, str]], start: str, end: str) -> bool:
    """Whether one activity can come after another in a directly-follows graph."""
    seen, look = set(), [start]
    while look:
        here = look.pop()
        after = {other for one, other in ways if one == here} - seen
        seen |= after
        look += after
    return end in seen
