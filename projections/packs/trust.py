"""The checkpoint of a pack: who signed it, and whether it is the one that was published."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from projections.ledger.notes import (
    Checkpoint,
    MalformedNote,
    Note,
    NoteRefused,
    VerifierKey,
    opened,
    parse_keys,
)
from projections.packs import layout
from projections.packs.contents import PackFiles, Refused

Published = Callable[[int], str | None]
"""The published checkpoint over so many events, from outside of the pack; None: there is none."""


@dataclass(frozen=True)
class SignedCheckpoint:
    """The checkpoint as it lies in the pack (`note`), and the keys by which it is believed."""

    note: str
    checkpoint: Checkpoint
    signed_by: list[VerifierKey]


def signed_checkpoint(
    files: PackFiles, keys: Collection[VerifierKey], published: Published | None
) -> SignedCheckpoint:
    """The checkpoint, signed by one of `keys`; without any, by one of the pack's own.

    `checkpoint-key.pem` may be another one that signed: while the ledger's key changes, two do.
    Raises Refused.
    """
    text = files.text(layout.CHECKPOINT)
    try:
        own = parse_keys(files.text(layout.KEYS).splitlines())
    except MalformedNote:
        raise Refused(layout.KEYS, "it is not a list of public keys") from None
    try:
        note = Note.parse(text)
        checkpoint = opened(text, own)
        signers = signed_by = note.signers(own)
        if keys:
            opened(text, keys)
            signed_by = note.signers(keys)
    except (MalformedNote, NoteRefused) as problem:
        raise Refused(layout.CHECKPOINT, f"it is refused: {problem}") from None
    if files.text(layout.SIGNER) not in [key.pem for key in signers]:
        raise Refused(layout.SIGNER, "it is not the key that signed the checkpoint")
    if published is not None:
        _hold_against(published(checkpoint.size), checkpoint, keys or signed_by)
    return SignedCheckpoint(text, checkpoint, signed_by)


def _hold_against(
    text: str | None, checkpoint: Checkpoint, trusted: Collection[VerifierKey]
) -> None:
    """Raises Refused where this published one is not the same."""
    if text is None:
        says = f"none over {checkpoint.size} events was published there"
        raise Refused(layout.CHECKPOINT, says)
    try:
        published = opened(text, trusted)
    except (MalformedNote, NoteRefused) as problem:
        says = f"the published checkpoint to compare with is refused: {problem}"
        raise Refused(layout.CHECKPOINT, says) from None
    if published.size != checkpoint.size:
        says = (
            f"it is over {checkpoint.size} events, the published one over {published.size}: "
            f"compare with the one over {checkpoint.size}"
        )
        raise Refused(layout.CHECKPOINT, says)
    if published != checkpoint:
        raise Refused(layout.CHECKPOINT, "the published one over as many events is another")
