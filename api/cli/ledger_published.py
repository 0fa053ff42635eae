"""The published checkpoints as commands read them: the keys beside them, and why they cannot."""

from pathlib import Path

from api.cli.exits import CommandError, Exit
from api.cli.ledger_trust import keys_of
from projections.ledger.claims import trusted_keys
from projections.ledger.directory import CheckpointDirectory
from projections.ledger.notes import VerifierKey
from projections.ledger.places import PlaceUnusable


def trusted(directory: CheckpointDirectory, keys_file: Path | None) -> list[VerifierKey]:
    """The keys in the file, or else those that were published. Raises CommandError."""
    try:
        return trusted_keys(directory, keys_of(keys_file))
    except PlaceUnusable as problem:
        raise unusable(problem) from None


def unusable(problem: PlaceUnusable) -> CommandError:
    """Published checkpoints that cannot be read."""
    return CommandError(
        Exit.CONFIGURATION,
        f"the published checkpoints {problem}",
        "AMENDS_CHECKPOINT_DIR names their directory.",
    )
