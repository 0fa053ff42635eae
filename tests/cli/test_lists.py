"""Promises, orders and playbooks on the command line, for operators and auditors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from domain.personal import PersonalText, StaffText
from domain.values import Status
from projections import deadlines, satisfaction
from projections.read_models import build_engine
from service.assembly import Service
from tests.cli.conftest import Run, key_of
from tests.every_event import a_story_with_an_order, a_story_with_promises
from tests.given import Story

PROMISED = "We refund the delivery fee 退还配送费"


def read(service: Service, story: Story) -> Story:
    """The story, recorded and read by the read models that the lists ask."""
    service.cases.record(story.events)
    build_engine(service, [deadlines.READ_MODEL, satisfaction.READ_MODEL]).catch_up()
    return story


@pytest.fixture
def promising(service: Service) -> Story:
    return read(service, a_story_with_promises())


@pytest.fixture
def ordered(service: Service) -> Story:
    return read(service, a_story_with_an_order())


def told(run: Run, *arguments: str, given: str | None = None) -> dict[str, Any]:
    result = run(*arguments, "--json", given=given)
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_promises_are_listed_with_what_became_of_them(run: Run, promising: Story) -> None:
    listed = told(run, "promises", "list")["promises"]
    broken = told(run, "promises", "list", "--state", "broken", "--owner", "财务组")["promises"]
    first = told(run, "promises", "list", "--limit", "1")["promises"]

    kept = promising.case.commitments
    assert {each["commitment_id"] for each in listed} == set(kept)
    assert [each["due_at"] for each in listed] == sorted(each["due_at"] for each in listed)
    assert [each["commitment_id"] for each in broken] == ["C3"]
    assert first == listed[:1]
    assert told(run, "promises", "list", "--owner", "nobody")["promises"] == []


def test_promises_are_listed_as_they_were_known(
    run: Run, service: Service, promising: Story
) -> None:
    history = service.cases.history(promising.case.id)
    made = next(each for each in history if each.event.NAME == "commitment_made")
    then = made.recorded_at.isoformat()

    known = told(run, "promises", "list", "--known-at", then)["promises"]
    before = told(run, "promises", "list", "--known-at", "2026-01-01T00:00:00Z")["promises"]

    recorded_with_it = [each for each in history if each.recorded_at <= made.recorded_at]
    promised = [each for each in recorded_with_it if each.event.NAME == "commitment_made"]
    assert len(known) == len(promised)
    assert before == []


def test_people_read_tables(run: Run, promising: Story) -> None:
    listed = run("promises", "list", "--language", "zh")
    one = run("promises", "list", "--limit", "1")

    assert "财务组" in listed.stdout
    assert "赔偿" in listed.stdout
    assert "已违背" in listed.stdout
    assert "broken" not in listed.stdout
    assert f"共 {len(promising.case.commitments)} 项承诺。" in listed.stderr
    assert one.stderr == "The first 1 promise; there are more: --limit.\n"
    assert told(run, "promises", "list", "--limit", "1")["more"]
    assert not told(run, "promises", "list")["more"]


def test_the_promises_of_a_case_are_told_in_words_as_in_the_list(
    run: Run, promising: Story
) -> None:
    name = ("promises", "show", str(promising.case.id))
    listed = {each["commitment_id"]: each for each in told(run, "promises", "list")["promises"]}

    for language in ("en", "zh"):
        shown = told(run, *name, "--language", language)["promises"]
        table = run(*name, "--language", language)
        of_list = told(run, "promises", "list", "--language", language)["promises"]
        assert {each["commitment_id"] for each in shown} == set(listed)
        for label in ("state_label", "kind_label", "owner_label"):
            assert {each["commitment_id"]: each[label] for each in shown} == {
                each["commitment_id"]: each[label] for each in of_list
            }
            assert all(each[label] in table.stdout for each in shown)
    assert table.stdout.split()[:3] == ["承诺", "状态", "类型"]
    assert table.stderr == f"共 {len(listed)} 项承诺。\n"


@pytest.mark.parametrize(("role", "sees"), [("handler", True), ("analyst", False)])
def test_what_was_promised_is_shown_by_right_and_on_record(
    run: Run, service: Service, role: str, sees: bool
) -> None:
    story = Story().after("report")
    story.take("make_commitment", text=PersonalText(PROMISED))
    read(service, story)
    name = ("promises", "show", str(story.case.reference))

    (hidden,) = told(run, *name)["promises"]
    (shown,) = told(run, *name, "--reveal", given=key_of(service, role))["promises"]
    for_people, in_chinese = run(*name), run(*name, "--language", "zh")
    accesses = run("access-log", "--json").stdout

    assert hidden["text"] == {"hidden": True}
    assert (shown["text"] == PROMISED) is sees
    assert "C1: (hidden)" in for_people.stdout
    assert "C1：（已隐藏）" in in_chinese.stdout
    assert ('"what": "promises"' in accesses) is sees


def test_a_promise_to_an_erased_person_shows_as_erased_without_a_key(
    run: Run, service: Service, promising: Story
) -> None:
    service.keys.destroy(promising.case.subject_ref)

    found = told(run, "promises", "show", str(promising.case.id))["promises"]

    assert [each["text"] for each in found] == [{"erased": True}] * len(found)


def test_orders_are_listed_and_shown_with_their_plans(run: Run, ordered: Story) -> None:
    (listed,) = told(run, "orders", "list")["orders"]
    (closed,) = told(run, "orders", "list", "--state", "closed", "--not-overdue")["orders"]
    (shown,) = told(run, "orders", "show", str(ordered.case.id))["orders"]
    for_people = run("orders", "show", str(ordered.case.id))
    one_in_chinese = run("orders", "show", str(ordered.case.id), "--language", "zh")
    chinese = run("orders", "list", "--language", "zh")

    assert listed == closed
    assert (listed["order_id"], shown["order_id"], shown["state"]) == ("D1", "D1", "closed")
    assert shown["plan"]["plan"] == {"hidden": True}
    assert (shown["state_label"], shown["led_by_label"]) == ("Closed", listed["led_by_label"])
    assert "D1 plan: (hidden)" in for_people.stdout
    assert "D1 方案：（已隐藏）" in one_in_chinese.stdout
    assert one_in_chinese.stdout.split()[:2] == ["督办单", "状态"]
    assert "已办结" in one_in_chinese.stdout
    assert one_in_chinese.stderr == "共 1 件督办单。\n"
    assert "1 order." in for_people.stderr
    assert listed["state_label"] == "Closed"
    assert "已办结" in chinese.stdout
    assert "共 1 件督办单。" in chinese.stderr
    assert told(run, "orders", "list", "--overdue")["orders"] == []


def test_a_plan_is_shown_by_right(run: Run, service: Service, ordered: Story) -> None:
    name = ("orders", "show", str(ordered.case.id))

    (shown,) = told(run, *name, "--reveal", given=key_of(service, "approver"))["orders"]

    plan = ordered.case.order_plans["D1"].plan
    assert isinstance(plan, StaffText)
    assert shown["plan"]["plan"] == plan.reveal()


def test_a_playbook_tells_what_was_done(run: Run, service: Service) -> None:
    story = Story().to(Status.CONFIRMED).after("record_playbook")
    service.cases.record(story.events)

    playbook = told(run, "playbook", str(story.case.id), "--language", "zh")
    for_people = run("playbook", str(story.case.id))
    in_chinese = run("playbook", str(story.case.id), "--language", "zh")

    assert (playbook["followed"] > 0, playbook["skipped"], playbook["language"]) == (True, 1, "zh")
    assert "left out" in for_people.stdout
    assert f"{playbook['followed']} followed, 1 left out" in for_people.stderr
    assert "未采用" in in_chinese.stdout
    assert "left out" not in in_chinese.output
    assert f"已执行 {playbook['followed']} 项，未采用 1 项" in in_chinese.stderr


@pytest.mark.parametrize(
    "command", [("promises", "show"), ("orders", "show"), ("playbook",)], ids=" ".join
)
def test_no_such_case(run: Run, service: Service, command: tuple[str, ...]) -> None:
    assert run(*command, "C-2026-999999").exit_code == 6
    assert run(*command, "00000000-0000-4000-8000-000000000000").exit_code == 6


@pytest.mark.parametrize("command", ["promises", "orders"])
def test_before_the_read_model_is_built_there_is_no_list(run: Run, command: str) -> None:
    result = run(command, "list")

    assert result.exit_code == 5
    assert "not built yet" in result.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("promises", "list", "--owner", "a;b"),
        ("promises", "list", "--due-before", "tomorrow"),
        ("promises", "list", "--known-at", "2999-01-01T00:00:00Z"),
        ("orders", "list", "--customer", "a b"),
        ("orders", "list", "--from", "2026-06-01", "--to", "2026-01-01"),
    ],
)
def test_what_cannot_be_meant_is_refused(run: Run, options: tuple[str, ...]) -> None:
    result = run(*options)

    assert result.exit_code == 2
    assert options[3] not in result.stderr


def test_a_case_that_was_not_there_yet_says_since_when_it_is(run: Run, promising: Story) -> None:
    name = ("promises", "show", str(promising.case.id), "--as-of", "2025-01-01T00:00:00Z")

    result = run(*name)

    assert result.exit_code == 6
    assert f"It began {promising.events[0].occurred_at:%Y-%m-%d %H:%M:%S}" in result.stderr


def test_scores_are_listed_and_told_apart(run: Run, ordered: Story) -> None:
    listed = told(run, "scores", "list")["scores"]
    low = told(run, "scores", "list", "--low")["scores"]
    customer = told(run, "scores", "list", "--customer", listed[0]["customer_ref"])["scores"]

    assert {each["version"] for each in listed} >= {each["version"] for each in low}
    assert low
    assert all(each["low"] for each in low)
    assert customer == listed
    for case in (str(ordered.case.id), str(ordered.case.reference)):
        assert told(run, "scores", "list", "--case", case)["scores"] == [
            each for each in listed if each["case_id"] == str(ordered.case.id)
        ]
    assert run("scores", "list", "--case", "C-2026-999999").exit_code == 6
    assert [each["given_at"] for each in listed] == sorted(
        (each["given_at"] for each in listed), reverse=True
    )
    assert told(run, "scores", "list", "--invalid")["scores"] == []
    assert told(run, "scores", "list", "--known-at", "2026-01-01T00:00:00Z")["scores"] == []
    assert told(run, "scores", "list", "--limit", "1")["scores"] == listed[:1]


def test_headings_follow_the_language_as_values_do(run: Run, ordered: Story) -> None:
    english, chinese = (
        run("scores", "list", "--low", "--language", each).stdout.splitlines()
        for each in ("en", "zh")
    )

    assert english[0].split()[:2] == ["Given", "Case"]
    assert chinese[0].split()[:2] == ["评分时间", "案例"]
    assert " yes " in english[1]
    assert " 是 " in chinese[1]


@pytest.mark.parametrize(
    ("group", "english", "chinese"),
    [
        ("promises", "Promises by kind", "按类型的承诺"),
        ("scores", "Directors' orders", "总监督办单"),
    ],
)
def test_reports_over_a_period_are_tables_or_json(
    run: Run, promising: Story, group: str, english: str, chinese: str
) -> None:
    def lines(*options: str) -> list[str]:
        result = run(group, "report", "--from", "2020-01-01", *options)
        assert result.exit_code == 0, result.stderr
        return result.stdout.splitlines()

    answer = told(run, group, "report", "--from", "2020-01-01", "--language", "zh")

    assert english in lines()
    assert chinese in lines("--language", "zh")
    assert (answer["language"], answer["period"]["from"]) == ("zh", "2020-01-01T00:00:00Z")
    assert set(answer["definitions"].values())


def test_the_report_on_promises_counts_what_is_listed(run: Run, promising: Story) -> None:
    listed = told(run, "promises", "list")["promises"]
    report = ("promises", "report", "--from", "2020-01-01")

    now = told(run, *report)["promises"]
    before = told(run, *report, "--known-at", "2021-01-01T00:00:00Z")["promises"]

    assert now["made"] == len(listed)
    assert now["broken"] == sum(each["state"] == "broken" for each in listed)
    assert before["made"] == 0


@pytest.mark.parametrize("period", [("2026-02-01", "2026-01-01"), ("1800-01-01", "2026-01-01")])
def test_a_period_that_is_none_is_refused(run: Run, period: tuple[str, str]) -> None:
    result = run("scores", "report", "--from", period[0], "--to", period[1])

    assert result.exit_code == 2
