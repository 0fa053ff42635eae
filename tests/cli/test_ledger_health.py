"""A ledger that stands still, is not signed or cannot be published is told, wherever one asks."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.cli.exits import Exit
from api.ledger_health import LedgerMetrics, ledger_checks, look_at_ledger
from projections.ledger import rounds
from projections.ledger.places import PlaceUnusable, PublishedDiffers
from projections.ledger.rounds import LedgerRound
from service.assembly import Service
from tests.cli.conftest import Run
from tests.projections.ledger.a_ledger import ORIGIN, ALedger, as_superuser

Check = dict[str, object]


def readiness(ledger: ALedger) -> dict[str, Check]:
    return {each["name"]: each for each in ledger_checks(look_at_ledger(ledger.engine))}


def gauges(ledger: ALedger) -> dict[str, float]:
    samples = [each for family in LedgerMetrics(ledger.engine).collect() for each in family.samples]
    return {sample.name.removeprefix("amends_ledger_"): sample.value for sample in samples}


def findings(run: Run) -> dict[str, Check]:
    told = json.loads(run("doctor", "--json").stdout)["findings"]
    return {each["check"]: each for each in told}


def make_older(ledger: ALedger, postgres_url: str) -> None:
    """Let two minutes pass for everything that was recorded and published."""
    with as_superuser(ledger.superuser_dsn(postgres_url)) as cursor:
        for table, column in (
            ("events", "recorded_at"),
            ("records", "recorded_at"),
            ("ledger.publications", "published_at"),
        ):
            cursor.execute(f"UPDATE {table} SET {column} = {column} - interval '2 minutes'")


def test_all_is_well_while_everything_is_kept_up(
    ledger: ALedger, run: Run, postgres_url: str
) -> None:
    ledger.keep()
    make_older(ledger, postgres_url)

    told = findings(run)

    assert all(check["ok"] for check in readiness(ledger).values())
    assert {told[name]["level"] for name in ("ledger", "checkpoints")} == {"ok"}
    assert told["published to directory"]["level"] == "ok"
    assert gauges(ledger) | {"published_age_seconds": 0} == {
        "size": 30,
        "position": ledger.positions[-1],
        "lag_seconds": 0,
        "signed_size": 30,
        "unsigned_seconds": 0,
        "published_age_seconds": 0,
        "unpublished_seconds": 0,
        "publishing_failing_seconds": 0,
    }
    assert 120 < gauges(ledger)["published_age_seconds"] < 240


def nothing(ledger: ALedger) -> None:
    """No worker."""


def feed(ledger: ALedger) -> None:
    """A worker without a key, but somebody had one before."""
    ledger.keep()
    ledger.record(3, random.Random(1))
    ledger.feeder.catch_up()


def sign(ledger: ALedger) -> None:
    """A worker that signs, and ends before it publishes."""
    ledger.keep()
    ledger.record(3, random.Random(1))
    ledger.feeder.catch_up()
    ledger.signer().sign()


@pytest.mark.parametrize(
    ("work", "check", "row", "gauge"),
    [
        (nothing, "ledger", "ledger", "lag_seconds"),
        (feed, "checkpoints", "ledger", "unsigned_seconds"),
        (sign, "published to directory", "publishing to directory", "unpublished_seconds"),
    ],
)
def test_what_stands_still_is_told(
    ledger: ALedger,
    run: Run,
    postgres_url: str,
    work: Callable[[ALedger], None],
    check: str,
    row: str,
    gauge: str,
) -> None:
    work(ledger)
    make_older(ledger, postgres_url)

    told = run("doctor", "--json")

    assert told.exit_code == Exit.FOUND
    assert findings(run)[check]["level"] == "fault"
    assert not readiness(ledger)[row]["ok"]
    assert gauges(ledger)[gauge] > 60


def test_a_ledger_that_nobody_signs_is_worth_a_warning(ledger: ALedger, run: Run) -> None:
    ledger.feeder.catch_up()

    told = findings(run)

    assert told["checkpoints"]["level"] == "warning"
    assert all(check["ok"] for check in readiness(ledger).values())


def test_publishing_that_fails_is_told_with_its_reason(ledger: ALedger, run: Run) -> None:
    ledger.keep()
    ledger.publisher.failed(PlaceUnusable("cannot be written: No space left on device"))

    told = findings(run)["published to directory"]

    assert told["level"] == "fault"
    assert "No space left on device" in str(told["says"])
    assert not readiness(ledger)["publishing to directory"]["ok"]
    assert gauges(ledger)["publishing_failing_seconds"] > 0


def a_worker_of(ledger: ALedger, service: Service) -> LedgerRound:
    """What a worker with the ledger's key does again and again."""
    forms = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem = ledger.key.private_bytes(*forms).decode()
    settings = replace(service.settings, ledger_key=pem, ledger_origin=ORIGIN)
    return LedgerRound(replace(service, settings=settings))


def test_a_worker_feeds_signs_and_publishes(
    ledger: ALedger, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "PUBLISH_SECONDS", 600.0)
    work = a_worker_of(ledger, service)

    work()

    ledger.record(2, random.Random(1))
    work()
    soon = [path.name for path in ledger.directory.files()]
    work.finish()
    at_the_end = [path.name for path in ledger.directory.files()]
    assert gauges(ledger)["signed_size"] == 32
    assert soon == [f"{30:020d}"]
    assert at_the_end == [f"{30:020d}", f"{32:020d}"]
    assert ledger.verify().ok


def test_a_worker_tells_whether_a_round_left_nothing_to_do(
    ledger: ALedger, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "PUBLISH_SECONDS", 0.0)
    work = a_worker_of(ledger, service)

    first, second = work(), work()
    ledger.record(2, random.Random(1))
    third, fourth = work(), work()

    assert [first, second, third, fourth] == [False, True, False, True]


def test_a_round_that_has_still_to_publish_left_something_to_do(
    ledger: ALedger, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "PUBLISH_SECONDS", 600.0)
    work = a_worker_of(ledger, service)
    work()
    ledger.record(2, random.Random(1))

    left_nothing = [work(), work(), work()]

    assert left_nothing == [False, False, False]


def test_a_worker_tells_of_a_ledger_that_was_cut_off(
    ledger: ALedger, service: Service, run: Run, postgres_url: str
) -> None:
    work = a_worker_of(ledger, service)
    work()
    with as_superuser(ledger.superuser_dsn(postgres_url)) as cursor:
        cursor.execute("TRUNCATE events, records, ledger.leaves, ledger.checkpoints")
    ledger.record(2, random.Random(1))

    with pytest.raises(PublishedDiffers):
        work()

    told = findings(run)["published to directory"]
    assert told["level"] == "fault"
    assert "contradict" in str(told["says"])
    assert "amends ledger verify" in str(told["advice"])


def test_a_worker_without_a_key_only_feeds(ledger: ALedger, service: Service) -> None:
    work = LedgerRound(service)

    work()

    assert (gauges(ledger)["size"], gauges(ledger)["signed_size"]) == (30, 0)
