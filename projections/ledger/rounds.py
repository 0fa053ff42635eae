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

    def __call__(self) -> bool:
        """Whether there was nothing to do. Raises what went wrong.

        A fault of publishing is noted in the database before.
        """
        was_idle = self._add_and_sign()
        if self._signer is None:
            return was_idle
        if time.monotonic() < self._publish_at:
            return False
        self._publish_at = time.monotonic() + PUBLISH_SECONDS
        return self._publisher.publish() is None and was_idle

    def finish(self) -> None:
        """The last round: what is new is published, however short the last publication ago."""
        self._add_and_sign()
        if self._signer is not None:
            self._publisher.publish()

    def _add_and_sign(self) -> bool:
        """Whether there was nothing to add and nothing to sign."""
        added = self._feeder.catch_up()
        signed = self._sign(self._signer) if self._signer is not None else None
        return not added and signed is None

    def _sign(self, signer: CheckpointSigner) -> int | None:
        try:
            return signer.sign()
        except Exception as error:
            self._publisher.failed(error)
            raise
