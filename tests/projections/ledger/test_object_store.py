"""Checkpoints in an S3-compatible store: signed for, locked, never replaced, and compared."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from projections.ledger.findings import Kind
from projections.ledger.notes import Checkpoint, VerifierKey
from projections.ledger.object_store import ObjectStore
from projections.ledger.places import PlaceUnusable, PublishedDiffers, Publisher
from projections.ledger.signing import CheckpointSigner
from projections.ledger.verification import verify_ledger
from service.setting_values import SettingsError
from service.settings import Settings
from tests.projections.ledger.a_bucket import SECRET, ABucket
from tests.projections.ledger.a_ledger import KEPT, ORIGIN, ALedger, as_superuser
from tests.projections.ledger.a_witness import serving

CHANCE = random.Random(9)


@pytest.fixture
def bucket() -> ABucket:
    return ABucket()


@pytest.fixture
def there(bucket: ABucket) -> Iterator[Settings]:
    """Settings that name the bucket."""
    with serving(bucket.respond) as address:
        yield Settings(
            s3_bucket=bucket.name,
            s3_endpoint=address,
            s3_prefix="/amends/",
            s3_region=bucket.region,
            s3_access_key_id=bucket.key_id,
            s3_secret_access_key=SECRET,
            s3_retention_days=30,
        )


@pytest.fixture
def store(there: Settings) -> ObjectStore:
    return opened(there)


def opened(there: Settings) -> ObjectStore:
    """The store as a process that just began sees it."""
    found = ObjectStore.of(there)
    assert found is not None
    return found


def keep(ledger: ALedger, events: int, store: ObjectStore) -> int | None:
    ledger.record(events, CHANCE)
    ledger.keep()
    return Publisher(ledger.engine, store).publish()


def told(ledger: ALedger) -> tuple[int | None, str | None]:
    asked = "SELECT tree_size, fault FROM ledger.publications WHERE place = 'object store'"
    with ledger.engine.connect() as connection:
        return tuple(connection.execute(text(asked)).one())  # type: ignore[return-value]


def test_a_checkpoint_is_signed_for_and_locked(
    ledger: ALedger, bucket: ABucket, store: ObjectStore
) -> None:
    keep(ledger, 12, store)

    (day,) = {name.split("/")[1] for name in bucket.objects} - {"keys"}
    assert timedelta() <= datetime.now(UTC).date() - date.fromisoformat(day) <= timedelta(days=1)
    key = VerifierKey.of(ORIGIN, ledger.key)
    assert bucket.objects.keys() == {
        f"amends/{day}/{12:020d}",
        f"amends/keys/{key.key_id.hex()}",
    }
    for _, mode, until in bucket.objects.values():
        assert mode == "COMPLIANCE"
        assert timedelta(days=29) < until - datetime.now(UTC) <= timedelta(days=30)
    note = bucket.objects[f"amends/{day}/{12:020d}"][0].decode()
    assert note == (ledger.directory.path / "checkpoint").read_text()
    assert store.keys() == [key]
    assert told(ledger) == (12, None)


def test_who_may_shorten_the_lock_is_a_setting(
    ledger: ALedger, bucket: ABucket, there: Settings
) -> None:
    keep(ledger, 3, opened(replace(there, s3_lock_mode="governance")))

    assert {mode for _, mode, _ in bucket.objects.values()} == {"GOVERNANCE"}


def test_the_newest_is_found_again_by_a_process_that_begins(
    ledger: ALedger, bucket: ABucket, there: Settings, store: ObjectStore
) -> None:
    for events in (9, 90, 1, 3, 5):
        keep(ledger, events, store)
    bucket.objects["amends/2020-01-01/not a number"] = bucket.objects.popitem()[1]
    again = opened(there)

    newest = again.newest()

    assert newest is not None
    assert newest.size == 103
    assert [size for size, _ in again.checkpoints()] == [9, 99, 100, 103]


def test_an_empty_bucket_has_nothing(store: ObjectStore) -> None:
    assert store.newest() is None
    assert store.keys() == []
    assert list(store.checkpoints()) == []


def test_nothing_is_replaced(ledger: ALedger, there: Settings, store: ObjectStore) -> None:
    keep(ledger, 10, store)
    other = Checkpoint(ORIGIN, 10, bytes(32)).signed(ledger.key)

    with pytest.raises(PlaceUnusable, match="another checkpoint"):
        opened(there).put(10, other, [])

    ((_, note),) = store.checkpoints()
    assert note == (ledger.directory.path / "checkpoint").read_text()


def test_two_workers_publish_the_same(ledger: ALedger, there: Settings, store: ObjectStore) -> None:
    other = Publisher(ledger.engine, opened(there))
    ledger.record(4, CHANCE)
    ledger.keep()
    other.publish()
    keep(ledger, 6, store)

    published = other.publish()

    assert published == 10
    assert told(ledger) == (10, None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"s3_secret_access_key": "wrong"}, "SignatureDoesNotMatch"),
        ({"s3_bucket": "elsewhere"}, "NoSuchBucket"),
        ({"s3_endpoint": "http://127.0.0.1:1"}, "EndpointConnectionError"),
    ],
)
def test_a_store_that_refuses_is_told_and_no_secret_is(
    ledger: ALedger, there: Settings, changes: dict[str, str], code: str
) -> None:
    refused = opened(replace(there, **changes))  # type: ignore[arg-type]

    with pytest.raises(PlaceUnusable) as problem:
        keep(ledger, 4, refused)

    assert told(ledger) == (None, str(problem.value))
    assert str(problem.value).endswith(code)
    assert SECRET not in str(problem.value)
    assert "wrong" not in str(problem.value)


def test_a_store_that_was_away_is_caught_up_with(
    ledger: ALedger, bucket: ABucket, there: Settings, store: ObjectStore
) -> None:
    keep(ledger, 4, store)
    bucket.away = "SlowDown"
    with pytest.raises(PlaceUnusable, match="SlowDown"):
        keep(ledger, 4, store)
    assert told(ledger) == (4, "cannot be written in the object store: SlowDown")
    bucket.away = None

    size = keep(ledger, 4, store)

    assert size == 12
    assert told(ledger) == (12, None)


def test_a_history_that_contradicts_the_bucket_is_neither_signed_nor_published(
    ledger: ALedger, there: Settings, store: ObjectStore, postgres_url: str
) -> None:
    keep(ledger, 50, store)
    ledger.directory.path.rename(ledger.directory.path.with_name("kept"))
    directory = type(ledger.directory)(ledger.directory.path)
    with as_superuser(ledger.superuser_dsn(postgres_url)) as cursor:
        cursor.execute(f"TRUNCATE {', '.join(KEPT)}")
    ledger.record(60, CHANCE)
    ledger.feeder.catch_up()
    again = opened(there)

    with pytest.raises(PublishedDiffers) as refusal:
        CheckpointSigner(
            ledger.engine, ledger.feeder, ORIGIN, [ledger.key], [directory, again]
        ).sign()

    assert refusal.value.place == "object store"


def test_a_bucket_that_is_away_stops_no_signature(
    ledger: ALedger, bucket: ABucket, store: ObjectStore
) -> None:
    bucket.away = "SlowDown"
    ledger.record(5, CHANCE)
    ledger.feeder.catch_up()
    places = [ledger.directory, store]

    signed = CheckpointSigner(ledger.engine, ledger.feeder, ORIGIN, [ledger.key], places).sign()

    assert signed == 5


def test_verification_compares_with_the_bucket(
    ledger: ALedger, bucket: ABucket, store: ObjectStore
) -> None:
    for events in (30, 20, 10):
        keep(ledger, events, store)
    key = VerifierKey.of(ORIGIN, ledger.key)

    clean = verify_ledger(ledger.engine, [ledger.directory, store], [key])

    name = next(name for name in bucket.objects if name.endswith(f"{50:020d}"))
    forged = Checkpoint(ORIGIN, 50, bytes(32)).signed(Ed25519PrivateKey.generate())
    bucket.objects[name] = (str(forged).encode(), *bucket.objects[name][1:])
    found = verify_ledger(ledger.engine, [ledger.directory, store], [key])
    assert clean.ok
    assert clean.published == 6
    assert [(wrong.kind, wrong.index) for wrong in found.wrong] == [(Kind.CHECKPOINT, 49)]
    assert "(object store)" in found.wrong[0].says


def test_a_tail_cut_off_everywhere_else_is_found_in_the_bucket(
    ledger: ALedger, store: ObjectStore, postgres_url: str, tmp_path: Path
) -> None:
    keep(ledger, 30, store)
    with as_superuser(ledger.superuser_dsn(postgres_url)) as cursor:
        cursor.execute(f"TRUNCATE {', '.join(KEPT)}")
    empty = type(ledger.directory)(tmp_path / "empty")

    found = verify_ledger(ledger.engine, [empty, store], [VerifierKey.of(ORIGIN, ledger.key)])

    assert Kind.MISSING in {wrong.kind for wrong in found.wrong}


@pytest.mark.parametrize("bucket_name", ["a", "With Space", "UPPER", "a/b"])
def test_what_is_no_bucket_is_refused(bucket_name: str) -> None:
    with pytest.raises(SettingsError, match="AMENDS_S3_BUCKET"):
        Settings.from_environment({"AMENDS_S3_BUCKET": bucket_name})


def test_one_half_of_a_key_is_refused() -> None:
    with pytest.raises(SettingsError, match="AMENDS_S3_SECRET_ACCESS_KEY"):
        Settings.from_environment({"AMENDS_S3_ACCESS_KEY_ID": "only this"})


def test_without_the_library_it_is_said_what_to_install(
    there: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)

    with pytest.raises(SettingsError, match=r"amends\[s3\]"):
        ObjectStore.of(there)


def test_the_secret_is_read_from_a_file_and_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    environment = {"AMENDS_S3_ACCESS_KEY_ID": "id", "AMENDS_S3_SECRET_ACCESS_KEY_FILE": str(file)}

    settings = Settings.from_environment(environment)

    assert settings.s3_secret_access_key == SECRET
    assert SECRET not in repr(settings)
