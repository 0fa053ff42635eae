"""Verifying a pack: needs nothing but the file, and the keys that one trusts.

From the outside to the inside, each part only where the one before holds: the ZIP, the digests of
its files, the checkpoint and who signed it, then case by case and review by review what is stored,
the receipts, and whether what is readable says the same.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from projections.ledger.notes import Checkpoint, VerifierKey
from projections.packs import layout
from projections.packs.case_files import look_at_case
from projections.packs.container import ContainerRefused, unpacked
from projections.packs.contents import Flaw, PackFiles, Refused, an_object, changed_files
from projections.packs.layout import Json
from projections.packs.listing import about_itself, listed_in, names_of
from projections.packs.proofs import Proofs
from projections.packs.record_files import look_at_records
from projections.packs.streams import ACTIONS, BOTH, REVIEWS
from projections.packs.trust import Published, signed_checkpoint
from service.progress import Tell, tell_nobody


@dataclass
class PackVerified:
    """What a pack holds, and what is wrong with it, the first thing first.

    `records`: those of its reviews and corrective actions.
    """

    of: Json = field(default_factory=dict)
    cases: int = 0
    events: int = 0
    reviews: int = 0
    corrective_actions: int = 0
    records: int = 0
    files: int = 0
    checkpoint: Checkpoint | None = None
    signed_by: list[VerifierKey] = field(default_factory=list)
    wrong: list[Flaw] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.wrong


def verify_pack(
    pack: memoryview,
    keys: Collection[VerifierKey] = (),
    published: Published | None = None,
    tell: Tell = tell_nobody,
) -> PackVerified:
    """Look at every byte of a pack.

    `keys`: those that one trusts; without any, the pack's own are taken, which only shows that it
    agrees with itself. `published`: finds the checkpoint over as many events where it is published.
    """
    found = PackVerified()
    try:
        files = unpacked(pack)
        found.files = len(files)
        found.wrong += changed_files(files)
        if found.ok:
            _look_inside(PackFiles(files), keys, published, found, tell)
    except ContainerRefused as problem:
        found.wrong.append(Flaw(None, str(problem)))
    except Refused as refusal:
        found.wrong.append(refusal.flaw)
    except RecursionError:
        found.wrong.append(Flaw(None, "something in it is nested too deeply"))
    return found


def _look_inside(
    files: PackFiles,
    keys: Collection[VerifierKey],
    published: Published | None,
    found: PackVerified,
    tell: Tell,
) -> None:
    """The files are as they were listed; raises Refused at the first thing that is wrong."""
    for name in sorted(layout.HEAD.difference(files.names)):
        raise Refused(name, "the file is missing")
    signed = signed_checkpoint(files, keys, published)
    found.checkpoint, found.signed_by = signed.checkpoint, signed.signed_by
    about = about_itself(files, signed.checkpoint)
    found.of = an_object(layout.ABOUT, about.get("of"))
    listed = listed_in(files, about)
    proofs = Proofs(files, signed)
    for done, case in enumerate(listed["cases"], start=1):
        found.events += look_at_case(files, proofs, case, found.of)
        found.cases = done
        tell(done, len(listed["cases"]))
    for streams in BOTH:
        for each in listed[streams.folder]:
            found.records += look_at_records(files, proofs, streams, each, found.of)
    found.reviews = len(listed[REVIEWS.folder])
    found.corrective_actions = len(listed[ACTIONS.folder])
    known = names_of(listed)
    for name in files.names:
        if name not in known:
            raise Refused(name, "the file was added")
