"""What a worker does for the ledger, again and again: add what is new, sign it, publish it."""

from __future__ import annotations

from projections.ledger.directory import CheckpointDirectory
from projections.ledger.feeding import LedgerFeeder
from projections.ledger.places import Publisher
from projections.ledger.signing import CheckpointSigner
from service.assembly import Service
from service.ledger_key import load_ledger_key


class LedgerRound:
    """One round each time it is called. Without a signing key the tree grows unsigned."""

    def __init__(self, service: Service) -> None:
        settings, database = service.settings, service.engine
        directory = CheckpointDirectory(settings.published_dir)
        self._feeder = LedgerFeeder(database)
        self._publisher = Publisher(database, directory)
        key = load_ledger_key(settings)
        self._signer = (
            CheckpointSigner(database, self._feeder, settings.ledger_origin, key, directory)
            if key is not None
            else None
        )

    def __call__(self) -> None:
        """Raises what went wrong; a fault of publishing is noted in the database before."""
        self._feeder.catch_up()
        if self._signer is not None:
            self._sign(self._signer)
            self._publisher.publish()

    def _sign(self, signer: CheckpointSigner) -> None:
        try:
            signer.sign()
        except Exception as error:
            self._publisher.failed(error)
            raise
