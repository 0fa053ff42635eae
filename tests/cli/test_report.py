"""The lessons-learned report by the command line: figures, three formats, the past."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.personal import PersonalText
from domain.values import Status
from projections.read_models import build_engine
from service.assembly import Service
from tests.cli.conftest import Run
from tests.given import Story, an_imported_story

YEAR = ("--from", "2026-01-01", "--to", "2026-12-31")
SUMMARY = "The kettle burned my kitchen"


@pytest.fixture
def story(service: Service) -> Story:
    """A resolved case, recorded event by event and read."""
    story = Story()
    story.take("report", summary=PersonalText(SUMMARY))
    story.to(Status.RESOLVED)
    for event in story.events:
        service.cases.record([event])
    build_engine(service).catch_up()
    return story


def report_of(run: Run, *options: str) -> dict[str, Any]:
    result = run("report", *YEAR, *options)
    assert result.exit_code == 0, result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def test_the_figures_are_those_of_the_log(run: Run, story: Story) -> None:
    report = report_of(run)

    assert (report["total"]["cases"], report["total"]["standing"]["resolved"]) == (1, 1)
    assert not report["texts"]["shown"]


def test_as_known_at_an_instant_later_events_do_not_count(
    run: Run, service: Service, story: Story
) -> None:
    history = service.cases.history(story.case.id)

    first = report_of(run, "--known-at", history[0].recorded_at.isoformat())
    before = report_of(run, "--known-at", "2026-01-01T00:00:00Z")

    assert (first["total"]["cases"], first["total"]["standing"]["open"]) == (1, 1)
    assert before["total"]["cases"] == 0


@pytest.mark.parametrize(("form", "begins"), [("html", "<!doctype html>"), ("csv", "\ufeff")])
def test_a_file_is_written_in_the_format_asked_for(
    run: Run, story: Story, tmp_path: Path, form: str, begins: str
) -> None:
    file = tmp_path / "lessons"

    result = run("report", str(file), *YEAR, "--format", form, "--language", "zh")

    written = file.read_text(encoding="utf-8")
    assert result.exit_code == 0
    assert written.lower().startswith(begins)
    assert SUMMARY not in written


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "of our own; 1 case imported"), ("zh", "仅自有案例；另有导入案例 1 件")],
)
def test_imported_cases_are_named_where_the_number_of_cases_stands(
    run: Run, service: Service, story: Story, tmp_path: Path, language: str, told: str
) -> None:
    service.cases.record(an_imported_story().events)
    build_engine(service).catch_up()
    file = tmp_path / "page.html"

    run("report", str(file), "--from", "2000-01-01", "--format", "html", "--language", language)

    headlines = file.read_text(encoding="utf-8").partition('<div class="headlines">')[2]
    assert headlines.find(told) < headlines.index("<section>")
    assert told in headlines


@pytest.mark.parametrize(
    "options",
    [
        ("--from", "2026-05-01", "--to", "2026-04-01"),
        ("--from", "May"),
        ("--group-by", "mood"),
        ("--known-at", "2999-01-01T00:00:00Z"),
    ],
)
def test_what_makes_no_report_is_a_fault_of_the_command_line(
    run: Run, story: Story, options: tuple[str, ...]
) -> None:
    result = run("report", *options)

    assert (result.exit_code, result.stdout) == (2, "")


def test_before_the_read_model_is_built_there_is_no_report(run: Run) -> None:
    result = run("report")

    assert result.exit_code == 5
    assert "not built yet" in result.stderr
