"""What a worker does for the ledger, again and again: add what is new, sign it, publish it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from projections.ledger import statements
from projections.ledger.cosigning import Cosigner
from projections.ledger.feeding import LedgerFeeder
from projections.ledger.known_places import places_of
from projections.ledger.places import PublishedDiffers, Publisher, note_failure
from projections.ledger.signing import CheckpointSigner
from projections.ledger.witnesses import witnesses_of
from projections.watches import Pulse
from service.assembly import Service
from service.ledger_key import load_ledger_key, load_old_ledger_key
from service.settings import Settings

PUBLISH_SECONDS: Final = 1.0
"""A file for each second is enough: a later checkpoint covers what an earlier one did."""


class LedgerRound:
    """One round each time it is called, with a publication to the directory a second at most.

    Without a signing key the tree grows unsigned. `elsewhere` are rounds of their own, one for
    each other place: whoever is slow or away holds up neither signing nor another place.
    """

    def __init__(self, service: Service) -> None:
        settings, database = service.settings, service.engine
        places = places_of(settings)
        directory, *others = places
        self._database = database
        self.pulse = Pulse("ledger")
        self._feeder = LedgerFeeder(database)
        self._directory = directory.name
        self._publisher = Publisher(database, directory)
        self._publish_at = 0.0
        self._is_failing = False
        keys = signing_keys_of(settings)
        self._signer = (
            CheckpointSigner(database, self._feeder, settings.ledger_origin, keys, places)
            if keys
            else None
        )
        witnesses = witnesses_of(settings)
        self._names = [*(each.name for each in places), *(each.name for each in witnesses)]
        elsewhere: list[Publisher | Cosigner] = [Publisher(database, place) for place in others]
        elsewhere += [Cosigner(database, each) for each in witnesses]
        self.elsewhere = tuple(
            Publication(each.publish, settings.publish_seconds) for each in elsewhere if keys
        )

    def __call__(self) -> bool:
        """Whether there was nothing to do. Raises what went wrong.

        A fault of publishing is noted in the database before.
        """
        try:
            return self._round()
        except Exception:
            self._is_failing = True
            raise

    def _round(self) -> bool:
        was_idle = self._add_and_sign()
        if self._signer is not None:
            if time.monotonic() < self._publish_at:
                return False
            self._publish_at = time.monotonic() + PUBLISH_SECONDS
            was_idle = self._publisher.publish() is None and was_idle
        self._is_failing = False
        if not self._feeder.met_another:  # else that one tells how it goes
            self.pulse.beats()
        return was_idle

    def finish(self) -> None:
        """The last round: what is new is published, however short the last publication ago."""
        self._add_and_sign()
        if self._signer is not None:
            self._publisher.publish()

    def begin(self) -> None:
        """Forget places that are not set any more: they would be behind for ever."""
        if self._signer is not None:
            with self._database.begin() as connection:
                connection.execute(statements.FORGET_PLACES, {"places": self._names})

    def _add_and_sign(self) -> bool:
        """Whether there was nothing to add and nothing to sign, and nobody else was at it."""
        added = self._feeder.catch_up(self._after_page)
        was_idle = not added and not self._feeder.met_another
        if self._signer is None:
            return was_idle
        signed = self._sign(self._signer)
        return was_idle and signed is None and not self._signer.met_another

    def _after_page(self) -> None:
        """Adding much goes well, though where signing or publishing fails the round does not."""
        if not self._is_failing:
            self.pulse.beats()

    def _sign(self, signer: CheckpointSigner) -> int | None:
        try:
            return signer.sign()
        except Exception as error:
            place = error.place if isinstance(error, PublishedDiffers) else self._directory
            note_failure(self._database, place, error)
            raise


def signing_keys_of(settings: Settings) -> list[Ed25519PrivateKey]:
    """The keys that sign, the newest first: one, two during a changeover, none without a key.

    Raises SettingsError.
    """
    key, old = load_ledger_key(settings), load_old_ledger_key(settings)
    if key is None:
        return []
    return [key] if old is None or _same(key, old) else [key, old]


def _same(one: Ed25519PrivateKey, other: Ed25519PrivateKey) -> bool:
    return one.private_bytes_raw() == other.private_bytes_raw()


class Publication:
    """Publishing to one place every few seconds; nothing in between."""

    def __init__(self, publish: Callable[[], int | None], seconds: float) -> None:
        self.publish = publish
        self._seconds = seconds
        self._at = 0.0
        self._is_failing = False
        self.pulse = Pulse("publishing")

    def __call__(self) -> None:
        """Raises what went wrong; it is noted in the database."""
        if time.monotonic() >= self._at:
            self._at = time.monotonic() + self._seconds
            self._is_failing = True
            self.publish()
            self._is_failing = False
        if not self._is_failing:
            self.pulse.beats()
