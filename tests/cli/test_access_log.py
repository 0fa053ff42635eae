"""Who looked, on the command line: looks by `replay` are listed like those over HTTP."""

import json

import pytest
from click.testing import Result

from service.access_tokens import AccessTokens
from service.assembly import Service
from tests.cli.conftest import Run
from tests.given import Story


@pytest.fixture
def story(service: Service) -> Story:
    story = Story().after("report", "assign")
    service.cases.record(story.events)
    return story


@pytest.fixture
def key(service: Service) -> str:
    return AccessTokens(service.engine).create("ann", ["handler"])[1]


def nothing(result: Result) -> bool:
    found: bool = json.loads(result.stdout) == {"accesses": [], "more": False}
    return found


def test_a_revealing_replay_is_on_record(run: Run, story: Story, key: str) -> None:
    shown = run("replay", str(story.case.id), "--reveal", "--reason", "t-7", given=f"{key}\n")

    result = run("access-log", "--case", str(story.case.id), "--json")
    by_reference = run("access-log", "--case", str(story.case.reference), "--json")
    of_no_case = run("access-log", "--case", "C-2026-999999")

    (access,) = json.loads(result.stdout)["accesses"]
    assert shown.exit_code == 0
    assert by_reference.stdout == result.stdout
    assert of_no_case.exit_code == 6
    assert (access["actor"]["id"], access["via"], access["what"]) == ("ann", "cli", "replay")
    assert access["cases"] == [str(story.case.id)]
    assert access["texts"] > 0
    assert access["reason"] == "t-7"


def test_a_replay_that_shows_no_text_is_not(run: Run, story: Story, service: Service) -> None:
    key = AccessTokens(service.engine).create("rob", ["reporter"])[1]

    run("replay", str(story.case.id))
    run("replay", str(story.case.id), "--reveal", given=f"{key}\n")

    assert nothing(run("access-log", "--json"))


def test_where_a_reason_is_required_replay_asks_for_it(run: Run, story: Story, key: str) -> None:
    env = {"AMENDS_REQUIRE_ACCESS_REASON": "yes"}

    result = run("replay", str(story.case.id), "--reveal", given=f"{key}\n", env=env)

    assert result.exit_code == 5
    assert "--reason" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("reason", ["", " ", "\u200b", "Mr Jones asked"])
def test_a_reason_is_read_as_over_http(run: Run, story: Story, key: str, reason: str) -> None:
    result = run("replay", str(story.case.id), "--reveal", "--reason", reason, given=f"{key}\n")

    assert result.exit_code == 2
    assert "no spaces" in result.stderr
    assert nothing(run("access-log", "--json"))


def test_that_a_day_is_taken_too_is_said_where_neither_is_given(run: Run) -> None:
    result = run("access-log", "--since", "nope")

    assert result.exit_code == 2
    assert "or 2026-03-01." in result.stderr
    assert "nope" not in result.stderr


def test_the_newest_come_first_and_are_limited(run: Run, story: Story, key: str) -> None:
    for number in range(3):
        run("replay", str(story.case.id), "--reveal", "--reason", f"r-{number}", given=f"{key}\n")

    table = run("access-log", "--limit", "2", "--subject", "K-1001")
    whole = run("access-log", "--limit", "3", "--since", "2020-01-01")

    lines = [line.split() for line in table.stdout.splitlines()[1:]]
    assert [line[-1] for line in lines] == ["r-2", "r-1"]
    assert all(line[1].endswith("Z") for line in lines)
    assert nothing(run("access-log", "--until", "2020-01-01T00:00:00+00:00", "--json"))
    assert nothing(run("access-log", "--until", "2020-01-01", "--json"))
    assert table.stderr == "The first 2 accesses; there are more: --limit.\n"
    assert (len(whole.stdout.splitlines()), whole.stderr) == (4, "3 accesses.\n")
