"""Several places of publication: each goes on by itself, and each that is behind is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from threading import Event

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.cli.exits import Exit
from api.ledger_health import LedgerMetrics, ledger_checks, look_at_ledger
from projections.ledger.keeping import at_once, keeping
from projections.ledger.notes import VerifierKey
from projections.ledger.places import PlaceUnusable
from projections.ledger.rounds import LedgerRound, Publication
from service.assembly import Service
from tests.cli.conftest import Run
from tests.projections.ledger.a_bucket import SECRET, ABucket
from tests.projections.ledger.a_ledger import ORIGIN, ALedger
from tests.projections.ledger.a_witness import AWitness, serving


@pytest.fixture
def witness(ledger: ALedger) -> AWitness:
    return AWitness([str(VerifierKey.of(ORIGIN, ledger.key))])


@pytest.fixture
def bucket() -> ABucket:
    return ABucket()


@pytest.fixture
def places(bucket: ABucket, witness: AWitness) -> Iterator[dict[str, str]]:
    """The variables that name a bucket and a witness."""
    with serving(bucket.respond) as store, serving(witness.respond) as address:
        yield {
            "AMENDS_S3_BUCKET": bucket.name,
            "AMENDS_S3_ENDPOINT": store,
            "AMENDS_S3_REGION": bucket.region,
            "AMENDS_S3_ACCESS_KEY_ID": bucket.key_id,
            "AMENDS_S3_SECRET_ACCESS_KEY": SECRET,
            "AMENDS_WITNESSES": f"witness w1 {witness.vkey} {address}",
        }


def a_worker_of(ledger: ALedger, service: Service, places: dict[str, str]) -> LedgerRound:
    """What a worker with the ledger's key and these places does again and again."""
    forms = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    settings = replace(
        service.settings,
        ledger_key=ledger.key.private_bytes(*forms).decode(),
        ledger_origin=ORIGIN,
        s3_bucket=places.get("AMENDS_S3_BUCKET"),
        s3_endpoint=places.get("AMENDS_S3_ENDPOINT"),
        s3_region=places.get("AMENDS_S3_REGION", ""),
        s3_access_key_id=places.get("AMENDS_S3_ACCESS_KEY_ID"),
        s3_secret_access_key=places.get("AMENDS_S3_SECRET_ACCESS_KEY"),
        witnesses=places.get("AMENDS_WITNESSES"),
    )
    return LedgerRound(replace(service, settings=settings))


def test_a_worker_publishes_everywhere_and_verification_looks_everywhere(
    ledger: ALedger,
    service: Service,
    run: Run,
    bucket: ABucket,
    witness: AWitness,
    places: dict[str, str],
) -> None:
    work = a_worker_of(ledger, service, places)
    work()
    for place in work.elsewhere:
        place()

    result = run("ledger", "verify", "--json", env=places)

    found = json.loads(result.stdout)
    assert (result.exit_code, found["ok"]) == (Exit.OK, True)
    assert (found["published"], found["witnesses"], found["cosignatures"]) == (2, 1, 1)
    assert witness.size == 30
    assert len(bucket.objects) == 2
    assert [place.place for place in look_at_ledger(ledger.engine).places] == [
        "directory",
        "object store",
        "witness w1",
    ]


def test_places_that_are_away_are_told_and_stop_nobody(
    ledger: ALedger, service: Service, run: Run, bucket: ABucket, places: dict[str, str]
) -> None:
    bucket.away = "SlowDown"
    refusing = AWitness([])
    with serving(refusing.respond) as address:
        lines = f"witness w1 {refusing.vkey} {address}"
        work = a_worker_of(ledger, service, {**places, "AMENDS_WITNESSES": lines})
        work()
        for place in work.elsewhere:
            with pytest.raises(PlaceUnusable):
                place()

    told = {each["check"]: each for each in json.loads(run("doctor", "--json").stdout)["findings"]}

    assert told["published to directory"]["level"] == "ok"
    assert "SlowDown" in told["published to object store"]["says"]
    assert "403" in told["published to witness w1"]["says"]
    rows = {each["name"]: each["ok"] for each in ledger_checks(look_at_ledger(ledger.engine))}
    assert rows["publishing to directory"]
    assert not rows["publishing to object store"]
    assert not rows["publishing to witness w1"]
    failing = next(
        family
        for family in LedgerMetrics(ledger.engine).collect()
        if family.name == "amends_ledger_publishing_failing_seconds"
    )
    by_place = {sample.labels["place"]: sample.value for sample in failing.samples}
    assert by_place["directory"] == 0
    assert min(by_place["object store"], by_place["witness w1"]) > 0


def test_a_place_that_is_not_set_any_more_is_forgotten(
    ledger: ALedger, service: Service, places: dict[str, str]
) -> None:
    before = a_worker_of(ledger, service, places)
    before()
    for place in before.elsewhere:
        place()

    a_worker_of(ledger, service, {}).begin()

    assert [place.place for place in look_at_ledger(ledger.engine).places] == ["directory"]


def test_a_worker_without_a_key_forgets_nothing_and_publishes_nowhere(
    ledger: ALedger, service: Service, places: dict[str, str]
) -> None:
    a_worker_of(ledger, service, places)()

    without = LedgerRound(service)
    without.begin()

    assert without.elsewhere == ()
    assert len(look_at_ledger(ledger.engine).places) == 1


def test_verification_says_whom_it_could_not_ask(ledger: ALedger, run: Run) -> None:
    ledger.keep()
    witness = AWitness([])
    with serving(witness.respond) as address:
        lines = f"witness w1 {witness.vkey} {address}"

    result = run("ledger", "verify", env={"AMENDS_WITNESSES": lines})

    assert result.exit_code == Exit.OK
    assert "Not asked: witness w1 cannot be reached" in result.stderr


def test_a_store_that_cannot_be_read_ends_the_verification(
    ledger: ALedger, run: Run, bucket: ABucket, places: dict[str, str]
) -> None:
    ledger.keep()
    bucket.away = "AccessDenied"

    result = run("ledger", "verify", env=places)

    assert result.exit_code == Exit.CONFIGURATION
    assert "in the object store: AccessDenied" in result.stderr
    assert SECRET not in result.stderr


def test_a_place_is_asked_every_few_seconds_only() -> None:
    asked: list[int] = []
    publication = Publication(lambda: asked.append(1), 600.0)

    publication()
    publication()

    assert asked == [1]


def test_a_worker_that_ends_leaves_slow_places_behind() -> None:
    slow, began = Event(), Event()

    def hang() -> None:
        began.set()
        slow.wait()

    with keeping(hang, patience_seconds=0.0):
        began.wait()
    at_once(hang, patience_seconds=0.0)

    assert not slow.is_set()
    slow.set()
