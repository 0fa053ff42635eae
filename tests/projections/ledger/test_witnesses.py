"""Witnesses cosign what continues the history, and nothing else; who is away stops nobody."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from projections.ledger.cosigning import Cosigner
from projections.ledger.findings import Kind, Verified
from projections.ledger.notes import Note, VerifierKey
from projections.ledger.places import PlaceUnusable, PublishedDiffers
from projections.ledger.signing import newest_checkpoint
from projections.ledger.verification import verify_ledger
from projections.ledger.witnesses import Witness, witnesses_of
from service.setting_values import SettingsError
from service.settings import Settings
from tests.projections.ledger.a_ledger import KEPT, ORIGIN, ALedger, as_superuser
from tests.projections.ledger.a_witness import Answer, AWitness, serving

CHANCE = random.Random(6)


@pytest.fixture
def witness(ledger: ALedger) -> AWitness:
    return AWitness([str(VerifierKey.of(ORIGIN, ledger.key))])


@pytest.fixture
def known(witness: AWitness) -> Iterator[Witness]:
    """The witness, as we know it."""
    with serving(witness.respond) as address:
        lines = f"# ours\n\nwitness w1 {witness.vkey} {address}/\n"
        yield witnesses_of(Settings(witnesses=lines))[0]


def keep(ledger: ALedger, events: int, witness: Witness) -> int | None:
    """Record, sign, publish, and have it cosigned."""
    ledger.record(events, CHANCE)
    ledger.keep()
    return Cosigner(ledger.engine, witness).publish()


def told(ledger: ALedger, place: str = "witness w1") -> tuple[int | None, str | None]:
    """What the database says about a place: the size there, and what is wrong."""
    asked = text("SELECT tree_size, fault FROM ledger.publications WHERE place = :place")
    with ledger.engine.connect() as connection:
        return tuple(connection.execute(asked, {"place": place}).one())  # type: ignore[return-value]


def verified(ledger: ALedger, *witnesses: Witness) -> Verified:
    keys = [VerifierKey.of(ORIGIN, ledger.key)]
    return verify_ledger(ledger.engine, [ledger.directory], keys, witnesses=witnesses)


def test_each_checkpoint_is_cosigned_and_kept_with_its_cosignature(
    ledger: ALedger, witness: AWitness, known: Witness
) -> None:
    sizes = [keep(ledger, events, known) for events in (5, 1, 300, 27)]

    assert sizes == [5, 6, 306, 333]
    assert witness.asked == [(0, 200), (5, 200), (6, 200), (306, 200)]
    assert told(ledger) == (333, None)
    with ledger.engine.connect() as connection:
        found = newest_checkpoint(connection)
    assert found is not None
    log_key = VerifierKey.of(ORIGIN, ledger.key)
    assert Note.parse(str(found[1])).signers([log_key, known.key]) == [log_key, known.key]


def test_what_is_cosigned_is_not_sent_again(
    ledger: ALedger, witness: AWitness, known: Witness
) -> None:
    keep(ledger, 5, known)

    again = Cosigner(ledger.engine, known).publish()

    assert again is None
    assert len(witness.asked) == 1


def test_an_empty_ledger_is_not_sent(ledger: ALedger, witness: AWitness, known: Witness) -> None:
    sent = Cosigner(ledger.engine, known).publish()

    assert sent is None
    assert witness.asked == []


@pytest.mark.parametrize("forgotten", [True, False])
def test_a_witness_that_knows_another_size_is_told_from_there_on(
    ledger: ALedger, witness: AWitness, known: Witness, forgotten: bool
) -> None:
    """409: an answer that never arrived, or a witness set back to an older state."""
    keep(ledger, 5, known)
    older = witness.size, witness.root
    keep(ledger, 8, known)
    if forgotten:
        witness.size, witness.root = older
    else:
        with ledger.engine.begin() as connection:
            connection.execute(text("DELETE FROM ledger.publications"))
    witness.asked.clear()

    size = keep(ledger, 4, known)

    assert size == 17
    assert witness.asked == [(13, 409), (5, 200)] if forgotten else [(0, 409), (13, 200)]
    assert told(ledger) == (17, None)


def test_a_witness_that_is_away_stops_nobody_and_catches_up(
    ledger: ALedger, witness: AWitness
) -> None:
    with serving(witness.respond) as address:
        pass  # it is gone again: nobody listens there
    away = Witness("w1", VerifierKey.parse(witness.vkey), address)

    with pytest.raises(PlaceUnusable, match="cannot be reached"):
        keep(ledger, 5, away)

    assert told(ledger) == (None, "cannot be reached: URLError")
    assert told(ledger, "directory") == (5, None)
    with serving(witness.respond) as address:
        back = Witness("w1", away.key, address)
        assert keep(ledger, 3, back) == 8
    assert told(ledger) == (8, None)


def cut(ledger: ALedger, postgres_url: str) -> None:
    """Another history begins: the tables are emptied, and the directory is moved away."""
    ledger.directory.path.rename(ledger.directory.path.with_name("kept"))
    ledger.directory = type(ledger.directory)(ledger.directory.path)
    ledger.publisher = type(ledger.publisher)(ledger.engine, ledger.directory)
    with as_superuser(ledger.superuser_dsn(postgres_url)) as cursor:
        cursor.execute("ALTER TABLE ledger.cosignatures DISABLE TRIGGER USER")
        tables = [*KEPT, "ledger.publications", "ledger.cosignatures"]
        cursor.execute(f"TRUNCATE {', '.join(tables)}")


@pytest.mark.parametrize("events", [20, 50, 60])
def test_a_history_that_was_replaced_is_not_cosigned_and_is_found(
    ledger: ALedger, witness: AWitness, known: Witness, postgres_url: str, events: int
) -> None:
    """Shorter, as long, and longer than what the witness saw; nothing else is left to tell."""
    keep(ledger, 50, known)
    cut(ledger, postgres_url)

    with pytest.raises(PublishedDiffers):
        keep(ledger, events, known)

    assert told(ledger) == (None, "published checkpoints contradict the ledger")
    assert verified(ledger).ok
    found = verified(ledger, known)
    assert [wrong.kind for wrong in found.wrong] == [Kind.WITNESS]
    assert witness.size == 50


def test_verification_asks_witnesses(ledger: ALedger, witness: AWitness, known: Witness) -> None:
    keep(ledger, 30, known)
    with serving(witness.respond) as address:
        gone = Witness("w2", known.key, address)

    found = verified(ledger, known, gone)

    assert found.ok
    assert (found.witnesses, found.cosignatures) == (1, 1)
    assert found.unreached == ["witness w2 cannot be reached: URLError"]


def test_a_stored_cosignature_that_is_wrong_is_found(
    ledger: ALedger, known: Witness, postgres_url: str
) -> None:
    keep(ledger, 30, known)
    with as_superuser(ledger.superuser_dsn(postgres_url)) as cursor:
        cursor.execute("ALTER TABLE ledger.cosignatures DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger.checkpoints SET note = replace(note, '30', '31')")

    found = verified(ledger, known)

    says = [wrong.says for wrong in found.wrong]
    assert "a cosignature over 30 events is wrong" in says


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"thanks\n"),
        (200, "\N{EM DASH} witness.example/w1 AAAA\n".encode()),
        (400, b""),
        (403, b""),
        (404, b""),
        (500, b"secret words"),
        (302, b""),
    ],
)
def test_an_answer_that_is_no_cosignature_is_told_and_not_repeated(
    ledger: ALedger, status: int, body: bytes
) -> None:
    def respond(*request: object) -> Answer:
        return status, "text/plain", body

    with serving(respond) as address:
        stubborn = Witness("w1", VerifierKey.parse(AWitness([]).vkey), address)

        with pytest.raises(PlaceUnusable):
            keep(ledger, 5, stubborn)

    size, fault = told(ledger)
    assert size is None
    assert fault is not None
    assert "secret" not in fault


def test_a_cosignature_of_another_checkpoint_is_not_kept(
    ledger: ALedger, witness: AWitness, known: Witness
) -> None:
    other = AWitness(witness.log_keys, witness.name)
    with serving(other.respond) as address:
        wrong = Witness("w1", known.key, address)

        with pytest.raises(PlaceUnusable, match="no cosignature"):
            keep(ledger, 5, wrong)

    with ledger.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM ledger.cosignatures")).scalar() == 0


def test_a_witness_that_never_agrees_is_left(ledger: ALedger, witness: AWitness) -> None:
    sizes = iter(range(4, 100))

    def respond(*request: object) -> Answer:
        return 409, "text/x.tlog.size", f"{next(sizes)}\n".encode()

    with serving(respond) as address:
        undecided = Witness("w1", VerifierKey.parse(witness.vkey), address)

        with pytest.raises(PlaceUnusable, match="other sizes"):
            keep(ledger, 50, undecided)


GOOD = AWitness([], key=Ed25519PrivateKey.from_private_bytes(bytes(32))).vkey


@pytest.mark.parametrize(
    "lines",
    [
        "w1",
        f"witness w1 {GOOD}",
        f"witness w1 {GOOD} http://witness.example",
        f"witness w1 {GOOD} ftp://127.0.0.1",
        "witness w1 key https://witness.example",
        f"witness w1 {VerifierKey('log', bytes(32))} https://witness.example",
        f"witness w1 {GOOD} https://a.example\nwitness w1 {GOOD} https://b.example",
        f"witness w1 {GOOD} https://a.example\nquorum w1",
    ],
)
def test_what_names_no_witness_is_refused(lines: str) -> None:
    with pytest.raises(SettingsError, match="AMENDS_WITNESSES"):
        witnesses_of(Settings(witnesses=lines))


def test_nobody_need_be_named() -> None:
    assert witnesses_of(Settings()) == []
