"""The ledger's pulse: a long round beats page by page, unless rounds fail."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from projections.ledger import rounds
from projections.ledger.feeding import LedgerFeeder
from projections.ledger.places import Publisher
from projections.ledger.rounds import LedgerRound
from projections.watches import Pulse
from service.assembly import Service
from service.event_store import EventRecorder
from tests.projections.ledger.conftest import recording


@pytest.fixture
def ledger(service: Service, monkeypatch: pytest.MonkeyPatch) -> LedgerRound:
    """The rounds of a worker that signs, in pages of ten."""
    monkeypatch.setattr(rounds, "PUBLISH_SECONDS", 0.0)
    monkeypatch.setattr(rounds, "LedgerFeeder", partial(LedgerFeeder, page_size=10))
    forms = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem = Ed25519PrivateKey.generate().private_bytes(*forms).decode()
    return LedgerRound(replace(service, settings=replace(service.settings, ledger_key=pem)))


def fail(_: Publisher) -> None:
    raise PermissionError


def fails_after_pages(ledger: LedgerRound, service: Service) -> bool:
    """Whether it beats in a round that adds two pages and more, and then fails."""
    recording(EventRecorder(service.engine))(25)
    ledger.pulse = Pulse("ledger")
    with pytest.raises(PermissionError):
        ledger()
    return ledger.pulse.silent_seconds() is not None


def test_rounds_that_fail_do_not_beat_however_much_they_add(
    ledger: LedgerRound, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Publisher, "publish", fail)
        beat = [fails_after_pages(ledger, service) for _ in range(3)]

    ledger()

    assert beat == [True, False, False], "nothing had failed before the first"
    assert ledger.pulse.silent_seconds() is not None


def test_once_a_round_went_well_pages_beat_again(
    ledger: LedgerRound, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Publisher, "publish", fail)
    fails_after_pages(ledger, service)
    with monkeypatch.context() as mended:
        mended.setattr(Publisher, "publish", lambda _: None)
        ledger()

    assert fails_after_pages(ledger, service)
