"""Verifying a pack: needs nothing but the file, and the keys that one trusts.

From the outside to the inside, each part only where the one before holds: the ZIP, the digests of
its files, the checkpoint and who signed it, then case by case the stored events, their receipts,
and whether what is readable says what is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from projections.ledger.notes import Checkpoint, VerifierKey
from projections.packs import layout
from projections.packs.case_files import look_at_case
from projections.packs.container import ContainerRefused, unpacked
from projections.packs.contents import Flaw, PackFiles, Refused, an_object, changed_files
from projections.packs.layout import Json, case_file, receipt_file
from projections.packs.proofs import Proofs
from projections.packs.trust import Published, signed_checkpoint

Tell = Callable[[int, int], object]
"""Told how many cases of how many were looked at."""


@dataclass
class PackVerified:
    """What a pack holds, and what is wrong with it, the first thing first."""

    of: Json = field(default_factory=dict)
    cases: int = 0
    events: int = 0
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
    tell: Tell = lambda done, total: None,
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
    about = _about(files, signed.checkpoint)
    found.of = an_object(layout.ABOUT, about.get("of"))
    cases = _cases(files, about)
    proofs = Proofs(files, signed)
    for done, case in enumerate(cases, start=1):
        found.events += look_at_case(files, proofs, case, found.of)
        found.cases = done
        tell(done, len(cases))
    _look_for_others(files, cases)


def _about(files: PackFiles, checkpoint: Checkpoint) -> Json:
    about = files.json(layout.ABOUT)
    told = {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()}
    if {name: about.get(name) for name in layout.FORMAT} != layout.FORMAT:
        raise Refused(layout.ABOUT, "it is not of the form that this version reads")
    if about.get("checkpoint") != told:
        raise Refused(layout.ABOUT, "it names another checkpoint")
    return about


def _cases(files: PackFiles, about: Json) -> Sequence[Json]:
    cases = about.get("cases")
    names = layout.cases_in(files.names)
    if not isinstance(cases, list) or [_id(case) for case in cases] != names or not names:
        raise Refused(layout.ABOUT, "the cases it names are not those that have files")
    return cases


def _id(case: Any) -> Any:
    return case.get("case_id") if isinstance(case, dict) else None


def _look_for_others(files: PackFiles, cases: Sequence[Json]) -> None:
    """Files that belong to nothing."""
    names = {*layout.HEAD, layout.SUMS}
    for case in cases:
        one = case["case_id"]
        names |= {case_file(one, part) for part in layout.CASE_FILES}
        versions = range(case["first_version"], case["last_version"] + 1)
        names |= {receipt_file(one, version) for version in versions}
    for name in files.names:
        if name not in names:
            raise Refused(name, "the file was added")
