"""What a worker does for the ledger, again and again: add what is new, sign it, publish it."""

from __future__ import annotations

import time
from typing import Final

from projections.ledger.directory import CheckpointDirectory
from projections.ledger.feeding import LedgerFeeder
from projections.ledger.places import Publisher
from projections.ledger.signing import CheckpointSigner
from service.assembly import Service
from service.ledger_key import load_ledger_key

PUBLISH_SECONDS: Final = 1.0
"""A file for each second is enough: a later checkpoint covers what an earlier one did."""


class LedgerRound:
    """One round each time it is called, with a publication a second at most.

    Without a signing key the tree grows unsigned.
    """

    def __init__(self, service: Service) -> None:
        settings, database = service.settings, service.engine
        directory = CheckpointDirectory(settings.published_dir)
        self._feeder = LedgerFeeder(database)
        self._publisher = Publisher(database, directory)
        self._publish_at = 0.0
        key = load_ledger_key(settings)
        self._signer = (
            CheckpointSigner(database, self._feeder, settings.ledger_origin, key, directory)
            if key is not None
            else None
        )

    def __call__(self) -> None:
        """Raises what went wrong; a fault of publishing is noted in the database before."""
        if self._add_and_sign() and time.monotonic() >= self._publish_at:
            self._publish_at = time.monotonic() + PUBLISH_SECONDS
            self._publisher.publish()

    def finish(self) -> None:
        """The last round: what is new is published, however short the last publication ago."""
        if self._add_and_sign():
            self._publisher.publish()

    def _add_and_sign(self) -> bool:
        self._feeder.catch_up()
        if self._signer is not None:
            self._sign(self._signer)
        return self._signer is not None

    def _sign(self, signer: CheckpointSigner) -> None:
        try:
            signer.sign()
        except Exception as error:
            self._publisher.failed(error)
            raise
