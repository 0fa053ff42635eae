"""Looking after the read models: list, rebuild, retry, skip."""

import getpass
import json
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from sqlalchemy import text

from projections import rebuild
from projections.read_models import READ_MODELS, build_engine
from service.assembly import Service
from tests.cli.conftest import Run
from tests.given import Story

PROJECTION = "case_list"


@pytest.fixture
def parked(service: Service, fed: Story) -> UUID:
    """The case has an event that nobody can read, so every read model has parked it."""
    unreadable = StoredEvent(fed.case.id, fed.case.version + 1, "no_such_event:1", b"{}")
    service.recorder.append([unreadable])
    build_engine(service).catch_up()
    return fed.case.id


def test_list_says_how_far_each_one_is(run: Run, fed: Story) -> None:
    result = run("projections", "list", "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert [each["projection"] for each in found["projections"]] == [
        model.name for model in READ_MODELS
    ]
    assert all(each["lag_events"] == 0 for each in found["projections"])
    assert found["parked"] == []


def test_list_names_parked_cases_and_why(run: Run, parked: UUID) -> None:
    result = run("projections", "list")

    assert result.exit_code == 1
    assert str(parked) in result.stdout
    assert "no_such_event:1" in result.stdout
    assert "UnreadableEvent" in result.stdout
    assert "skip" in result.stderr


def test_retry_tells_what_stays_parked(run: Run, parked: UUID) -> None:
    one = run("projections", "retry", PROJECTION, str(parked), "--json")
    every = run("projections", "retry", PROJECTION)

    assert (one.exit_code, every.exit_code) == (1, 1)
    assert json.loads(one.stdout)["parked"][0]["case_id"] == str(parked)
    assert str(parked) in every.stdout


def test_skip_passes_over_the_event_on_record(run: Run, parked: UUID, service: Service) -> None:
    result = run("projections", "skip", PROJECTION, str(parked), "--reason", "ticket 12")

    assert result.exit_code == 0
    assert (
        json.loads(run("projections", "list", "--json").stdout)["projections"][0]["parked_cases"]
        == 0
    )
    with service.engine.connect() as connection:
        skipped = connection.execute(text("SELECT reason, actor FROM skipped_events")).one()
    assert tuple(skipped) == ("ticket 12", f"cli:{getpass.getuser()}")


def test_skip_needs_a_reason(run: Run, parked: UUID) -> None:
    result = run("projections", "skip", PROJECTION, str(parked))

    assert result.exit_code == 2
    assert "--reason" in result.stderr


def test_rebuild_ends_with_a_new_build_in_use(run: Run, fed: Story, service: Service) -> None:
    result = run("projections", "rebuild", PROJECTION)

    assert result.exit_code == 0
    assert result.stderr == f"{PROJECTION}: rebuilt and in use.\n"
    (found, *_) = build_engine(service).projection_health()
    assert (found.version, found.rebuilding_version) == (READ_MODELS[0].version, None)
    with service.engine.connect() as connection:
        rows = connection.execute(text(f"SELECT count(*) FROM {PROJECTION}.cases")).scalar()
    assert rows == 1


def test_rebuild_leaves_alone_what_a_newer_release_builds(
    run: Run, fed: Story, service: Service
) -> None:
    newer = replace(READ_MODELS[0], version=READ_MODELS[0].version + 1)
    rebuild.begin(service.engine, newer)

    left = run("projections", "rebuild", PROJECTION, READ_MODELS[1].name)
    instead = run("projections", "rebuild", PROJECTION, "--instead-of-newer")

    assert (left.exit_code, instead.exit_code) == (1, 0)
    assert f"{READ_MODELS[1].name}: rebuilt" in left.stderr
    assert f"{PROJECTION}: not rebuilt" in left.stderr
    assert instead.stderr == f"{PROJECTION}: rebuilt and in use.\n"
    (found, *_) = build_engine(service).projection_health()
    assert (found.version, found.rebuilding_version) == (READ_MODELS[0].version, None)


@pytest.mark.parametrize("reason", ["", " ", "\u200b", "a\ufffe", "x" * 201])
def test_a_reason_that_nobody_can_read_skips_nothing(run: Run, parked: UUID, reason: str) -> None:
    result = run("projections", "skip", PROJECTION, str(parked), "--reason", reason)

    assert result.exit_code == 2
    assert str(parked) in run("projections", "list").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("rebuild", "no_such"),
        ("retry", "no_such"),
        ("retry", PROJECTION, str(uuid4())),
        ("skip", PROJECTION, str(uuid4()), "--reason", "none"),
    ],
)
def test_what_is_not_there_says_so(run: Run, fed: Story, arguments: tuple[str, ...]) -> None:
    result = run("projections", *arguments)

    assert result.exit_code == 6
    assert "projections list" in result.stderr
