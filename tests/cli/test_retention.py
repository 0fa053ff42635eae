"""Erasing what is past its time: nobody else, nobody under a hold, and first a look."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.conflict_case import ConflictCase
from domain.personal import PersonalText
from domain.values import Customer
from projections.read_models import build_engine
from service.assembly import Service
from tests.cli.conftest import Run
from tests.given import circumstances, details_for
from tests.risk_history import RiskLog, told
from tests.service.privacy_steps import a_case_of, erase, hold, is_erased

NOW = datetime.now(UTC)
YEAR = timedelta(days=366)
POSITIONS = count(1, 100)
FOUR_YEARS = timedelta(days=4 * 365)


def dismissed(service: Service, ref: str, ago: timedelta = FOUR_YEARS) -> UUID:
    """A case of this person that was dismissed so long ago."""
    case = ConflictCase(uuid4())
    at = NOW - ago
    customer = Customer(ref=ref, name=PersonalText("Jo Doe"))
    report = case.take(
        "report", details_for("report", case) | {"customer": customer}, circumstances(at=at)
    )
    end = case.take("dismiss", details_for("dismiss", case), circumstances(at=at))
    service.cases.record([report, end])
    return case.id


@pytest.fixture
def people(service: Service) -> dict[str, UUID]:
    """Old, recent, old with an open case, and old under a hold."""
    cases = {
        "OLD": dismissed(service, "OLD"),
        "RECENT": dismissed(service, "RECENT", timedelta(days=30)),
        "BACK": dismissed(service, "BACK"),
        "HELD": dismissed(service, "HELD"),
    }
    a_case_of(service, "BACK")
    hold(service, case_id=cases["HELD"])
    build_engine(service).catch_up()
    return cases


def outcome(run: Run, *options: str) -> dict[str, Any]:
    result = run("retention", "run", "--json", *options)
    assert result.exit_code == 0, result.stderr
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def by_person(answer: dict[str, Any]) -> dict[str, str]:
    return {each["subject_ref"]: each["outcome"] for each in answer["people"]}


def test_a_dry_run_says_who_and_erases_nobody(
    run: Run, service: Service, people: dict[str, UUID]
) -> None:
    answer = outcome(run, "--dry-run")

    assert answer["dry_run"]
    assert by_person(answer) == {"OLD": "due", "HELD": "held"}
    assert not any(is_erased(service, case_id) for case_id in people.values())


def test_a_run_erases_whoever_is_due_and_under_no_hold(
    run: Run, service: Service, people: dict[str, UUID]
) -> None:
    answer = outcome(run)

    assert by_person(answer) == {"OLD": "erased", "HELD": "held"}
    assert answer["counts"] == {"erased": 1, "held": 1}
    assert {ref for ref in people if not service.keys.live_keys(ref)} == {"OLD"}
    (event,) = service.cases.get(people["OLD"]).erasures
    assert (event.ground, event.request_ref) == ("retention_period_over", "retention_periods.v2")
    assert (event.actor.id, event.actor.kind, event.via) == ("retention", "system", "cli")
    assert by_person(outcome(run)) == {"HELD": "held"}


def test_a_person_whose_new_case_the_list_does_not_know_yet_is_kept(
    run: Run, service: Service, people: dict[str, UUID]
) -> None:
    a_case_of(service, "OLD", "Broken again")

    answer = outcome(run)

    assert by_person(answer) == {"OLD": "kept", "HELD": "held"}
    assert not is_erased(service, people["OLD"])


def test_for_people_it_is_a_table(run: Run, service: Service, people: dict[str, UUID]) -> None:
    result = run("retention", "run", "--limit", "2")

    assert [line.split() for line in result.stdout.splitlines()[1:]] == [
        ["HELD", "held", "1"],
        ["OLD", "erased", "1"],
    ]
    assert result.stderr == "1 person erased, 1 kept by a legal hold.\n"


def test_a_dry_run_tells_people_what_would_be(run: Run, people: dict[str, UUID]) -> None:
    result = run("retention", "run", "--dry-run")

    assert result.stderr == "1 person would be erased, 1 kept by a legal hold.\n"


def told_of(service: Service, ref: str, ago: timedelta) -> None:
    """A value about this customer that was recorded so long ago, under their key."""
    service.keys.living(ref)
    at = NOW - ago
    RiskLog(service.engine, next(POSITIONS)).record(told(ref, at, {"open_tickets": "1"}))


@pytest.fixture
def customers(service: Service, people: dict[str, UUID]) -> None:
    """Known by indicators alone: past their time, not yet, and past it under a hold."""
    for ref in ("CRM-OLD", "CRM-HELD"):
        told_of(service, ref, YEAR + timedelta(days=1))
    told_of(service, "CRM-NEW", YEAR - timedelta(days=2))
    told_of(service, "BACK", 2 * YEAR)
    hold(service, "CRM-HELD")


@pytest.mark.usefixtures("customers")
def test_whoever_is_known_by_indicators_alone_is_erased_a_year_after_the_last(
    run: Run, service: Service
) -> None:
    dry = by_person(outcome(run, "--dry-run"))

    answer = outcome(run)

    expected = {"HELD": "held", "CRM-HELD": "held"}
    assert dry == {**expected, "OLD": "due", "CRM-OLD": "due"}
    assert by_person(answer) == {**expected, "OLD": "erased", "CRM-OLD": "erased"}
    (erasure,) = service.erasures.of("CRM-OLD")
    assert (erasure.record.ground, erasure.record.cases) == ("retention_period_over", 0)
    assert service.risks.risk_of("CRM-OLD", NOW).values == {}
    assert service.keys.live_keys("CRM-NEW")
    assert by_person(outcome(run)) == expected


@pytest.fixture
def erased_long_ago(service: Service, people: dict[str, UUID]) -> None:
    """Erased lately, their old cases with them; then something was supplied about them."""
    for ref, supplied_ago in (("OLD", YEAR + timedelta(days=1)), ("RECENT", timedelta(days=30))):
        erase(service, ref)
        told_of(service, ref, supplied_ago)
    build_engine(service).catch_up()


@pytest.mark.usefixtures("erased_long_ago")
def test_of_whom_only_indicators_are_left_after_an_erasure_is_erased_a_year_after_the_last(
    run: Run, service: Service
) -> None:
    dry = by_person(outcome(run, "--dry-run"))

    answer = outcome(run)

    assert dry == {"OLD": "due", "HELD": "held"}
    assert by_person(answer) == {"OLD": "erased", "HELD": "held"}
    assert len(service.erasures.of("OLD")) == 2
    assert service.keys.live_keys("RECENT")
    assert by_person(outcome(run)) == {"HELD": "held"}


def test_an_erasure_keeps_nobody_longer_who_has_another_old_case(
    run: Run, service: Service, people: dict[str, UUID]
) -> None:
    erase(service, "OLD")
    dismissed(service, "OLD")
    build_engine(service).catch_up()

    answer = outcome(run)

    assert by_person(answer) == {"OLD": "erased", "HELD": "held"}
    assert service.keys.live_keys("OLD") == []


def test_without_a_case_list_nobody_is_looked_at(run: Run, service: Service) -> None:
    result = run("retention", "run")

    assert result.exit_code == 5
    assert "the case list is not built yet" in result.stderr
