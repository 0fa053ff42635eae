"""Checkpoints are signed once, published outside the database, and never of two histories."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from projections.ledger.directory import CheckpointDirectory
from projections.ledger.notes import Checkpoint, Note, VerifierKey, opened
from projections.ledger.places import PlaceUnusable, PublishedDiffers, root_over
from tests.projections.ledger.a_ledger import KEPT, ORIGIN, ALedger, as_superuser

CHANCE = random.Random(5)


def publication(ledger: ALedger) -> tuple[int | None, str | None]:
    """What the database says about the directory: the size there, and what is wrong."""
    with ledger.engine.connect() as connection:
        asked = text("SELECT tree_size, fault FROM ledger.publications")
        return tuple(connection.execute(asked).one())  # type: ignore[return-value]


def test_a_checkpoint_says_what_the_tree_is(ledger: ALedger) -> None:
    ledger.record(40, CHANCE)

    ledger.keep()

    (file,) = ledger.directory.files()
    key = VerifierKey.of(ORIGIN, ledger.key)
    with ledger.engine.connect() as connection:
        expected = Checkpoint(ORIGIN, 40, root_over(connection, 40))
    assert opened(file.read_text(), [key]) == expected
    assert (ledger.directory.path / "checkpoint").read_text() == file.read_text()
    assert ledger.directory.keys() == [key]
    assert publication(ledger) == (40, None)


def test_nothing_new_is_not_signed_again(ledger: ALedger) -> None:
    ledger.record(5, CHANCE)
    ledger.keep()

    again = ledger.signer().sign()

    assert again is None
    assert ledger.publisher.publish() is None


def test_an_empty_ledger_is_not_signed(ledger: ALedger) -> None:
    signed = ledger.signer().sign()

    assert signed is None
    assert ledger.publisher.publish() is None


def test_only_one_worker_signs(ledger: ALedger) -> None:
    ledger.record(5, CHANCE)
    ledger.feeder.catch_up()

    with ledger.engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(0x6C6564676572)"))
        signed = ledger.signer().sign()

    assert signed is None
    assert ledger.signer().sign() == 5


def test_a_new_key_signs_from_now_on_and_the_old_one_stays_known(ledger: ALedger) -> None:
    ledger.grow(30, CHANCE)
    old = VerifierKey.of(ORIGIN, ledger.key)
    ledger.key = Ed25519PrivateKey.generate()
    ledger.grow(30, CHANCE)
    new = VerifierKey.of(ORIGIN, ledger.key)

    keys = ledger.directory.keys()

    assert keys == [old, new]
    newest = ledger.directory.path / "checkpoint"
    assert Note.parse(newest.read_text()).signers([new])
    assert [each.name for each in ledger.directory.path.iterdir() if each.name[0] == "."] == []


def test_published_files_cannot_be_written_and_are_never_replaced(ledger: ALedger) -> None:
    ledger.grow(10, CHANCE)
    (*_, file) = ledger.directory.files()
    other = Checkpoint(ORIGIN, 10, bytes(32)).signed(ledger.key)

    with pytest.raises(PlaceUnusable, match="another checkpoint"):
        ledger.directory.put(10, other, [])

    assert file.stat().st_mode & 0o777 == 0o444
    assert "AAAAAAA" not in file.read_text()


def test_the_same_checkpoint_twice_is_no_fault(ledger: ALedger) -> None:
    ledger.grow(10, CHANCE)
    note = Note.parse((ledger.directory.path / "checkpoint").read_text())

    ledger.directory.put(10, note, [])

    assert ledger.verify().ok


def test_a_directory_that_cannot_be_written_is_told_and_tried_again(ledger: ALedger) -> None:
    ledger.directory.path.parent.mkdir()
    ledger.directory.path.write_text("a file is in the way")
    ledger.record(5, CHANCE)

    with pytest.raises(PlaceUnusable):
        ledger.keep()

    assert publication(ledger) == (None, "cannot be written: Not a directory")
    ledger.directory.path.unlink()
    ledger.keep()
    assert publication(ledger) == (5, None)


def test_a_ledger_that_was_cut_is_neither_signed_nor_published(
    ledger: ALedger, postgres_url: str
) -> None:
    """What a database restored from an old backup looks like, or one that was tampered with."""
    ledger.grow(50, CHANCE)
    with as_superuser(ledger.superuser_dsn(postgres_url)) as cursor:
        cursor.execute(f"TRUNCATE {', '.join(KEPT)}")
    ledger.record(20, CHANCE)
    ledger.feeder.catch_up()

    with pytest.raises(PublishedDiffers):
        ledger.signer().sign()

    assert ledger.verify().first is not None


def test_a_history_that_differs_is_not_published(ledger: ALedger, postgres_url: str) -> None:
    ledger.grow(50, CHANCE)
    path = ledger.directory.path.with_name("another place")
    ledger.directory.path.rename(path)
    with as_superuser(ledger.superuser_dsn(postgres_url)) as cursor:
        cursor.execute(f"TRUNCATE {', '.join(KEPT)}")
    ledger.grow(60, CHANCE)
    ledger.directory.path.rename(ledger.directory.path.with_name("third place"))
    path.rename(ledger.directory.path)

    with pytest.raises(PublishedDiffers):
        ledger.publisher.publish()

    assert publication(ledger) == (60, "published checkpoints contradict the ledger")


def test_a_directory_without_anything_has_nothing_newest(tmp_path: Path) -> None:
    directory = CheckpointDirectory(tmp_path / "none")

    assert directory.newest() is None
    assert directory.keys() == []
