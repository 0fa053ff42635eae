"""The published checkpoints as commands read them: the keys beside them, and why they cannot."""

from collections.abc import Sequence
from pathlib import Path

from api.cli.exits import CommandError, Exit
from api.cli.ledger_trust import keys_of
from projections.ledger.claims import trusted_keys
from projections.ledger.notes import VerifierKey
from projections.ledger.places import Place, PlaceUnusable


def trusted(places: Sequence[Place], keys_file: Path | None) -> list[VerifierKey]:
    """The keys in the file, or else those that were published. Raises CommandError."""
    try:
        return trusted_keys(places, keys_of(keys_file))
    except PlaceUnusable as problem:
        raise unusable(problem) from None


def unusable(problem: PlaceUnusable) -> CommandError:
    """Published checkpoints that cannot be read."""
    return CommandError(
        Exit.CONFIGURATION,
        f"the published checkpoints {problem}",
        "AMENDS_CHECKPOINT_DIR and AMENDS_S3_BUCKET say where they are.",
    )
