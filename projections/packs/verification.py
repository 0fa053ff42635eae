"""Verifying a pack: needs nothing but the file, and the keys that one trusts.

From the outside to the inside, each part only where the one before holds: the ZIP, the digests of
its files, the checkpoint and who signed it, then case by case the stored events, their receipts,
and whether what is readable says what is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from projections.ledger.leaves import LeafEvent, MalformedLeaf
from projections.ledger.merkle import ProofRefused
from projections.ledger.notes import (
    Checkpoint,
    MalformedNote,
    Note,
    NoteRefused,
    VerifierKey,
    opened,
    parse_keys,
)
from projections.ledger.receipt import Receipt
from projections.packs import layout
from projections.packs.container import ContainerRefused, unpacked
from projections.packs.contents import Flaw, PackFiles, Refused, an_object, changed_files
from projections.packs.layout import Json, StoredCaseEvent, case_file, receipt_file

REFUSED = (MalformedNote, MalformedLeaf, NoteRefused, ProofRefused)
Tell = Callable[[int, int], object]
"""Told how many cases of how many were looked at."""
Published = Callable[[int], str | None]
"""The published checkpoint over so many events, from outside of the pack; None: there is none."""


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
            _Verification(PackFiles(files), keys, published, found, tell).run()
    except ContainerRefused as problem:
        found.wrong.append(Flaw(None, str(problem)))
    except Refused as refusal:
        found.wrong.append(refusal.flaw)
    except RecursionError:
        found.wrong.append(Flaw(None, "something in it is nested too deeply"))
    return found


class _Verification:
    """The inside of a pack whose files are as they were listed."""

    def __init__(
        self,
        files: PackFiles,
        keys: Collection[VerifierKey],
        published: Published | None,
        found: PackVerified,
        tell: Tell,
    ) -> None:
        self._files = files
        self._keys = keys
        self._published = published
        self._found = found
        self._tell = tell
        self._note = ""

    def run(self) -> None:
        """Look at everything; raises Refused at the first thing that is wrong."""
        for name in sorted(layout.HEAD.difference(self._files.names)):
            raise Refused(name, "the file is missing")
        checkpoint = self._found.checkpoint = self._signed()
        about = self._files.json(layout.ABOUT)
        told = {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()}
        if {name: about.get(name) for name in layout.FORMAT} != layout.FORMAT:
            raise Refused(layout.ABOUT, "it is not of the form that this version reads")
        if about.get("checkpoint") != told:
            raise Refused(layout.ABOUT, "it names another checkpoint")
        self._found.of = an_object(layout.ABOUT, about.get("of"))
        cases = about.get("cases")
        names = layout.cases_in(self._files.names)
        if not isinstance(cases, list) or [_id(case) for case in cases] != names or not names:
            raise Refused(layout.ABOUT, "the cases it names are not those that have files")
        for case in cases:
            self._look_at_case(case, about)
            self._tell(self._found.cases, len(cases))
        self._look_for_others(cases)

    def _signed(self) -> Checkpoint:
        """The checkpoint, signed by a key that is trusted.

        `checkpoint-key.pem` may be another one that signed: while the ledger's key changes, two do.
        """
        self._note = self._files.text(layout.CHECKPOINT)
        try:
            own = parse_keys(self._files.text(layout.KEYS).splitlines())
        except MalformedNote:
            raise Refused(layout.KEYS, "it is not a list of public keys") from None
        try:
            note = Note.parse(self._note)
            checkpoint = opened(self._note, own)
            signers = self._found.signed_by = note.signers(own)
            if self._keys:
                opened(self._note, self._keys)
                self._found.signed_by = note.signers(self._keys)
        except (MalformedNote, NoteRefused) as problem:
            raise Refused(layout.CHECKPOINT, f"it is refused: {problem}") from None
        if self._files.text(layout.SIGNER) not in [key.pem for key in signers]:
            raise Refused(layout.SIGNER, "it is not the key that signed the checkpoint")
        self._hold_against_published(checkpoint)
        return checkpoint

    def _hold_against_published(self, checkpoint: Checkpoint) -> None:
        if self._published is None:
            return
        text = self._published(checkpoint.size)
        if text is None:
            says = f"none over {checkpoint.size} events was published there"
            raise Refused(layout.CHECKPOINT, says)
        try:
            published = opened(text, self._keys or self._found.signed_by)
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

    def _look_at_case(self, told: Json, about: Json) -> None:
        case_id = str(told["case_id"])
        stored, name = self._stored(case_id), case_file(case_id, layout.EVENTS)
        versions = [LeafEvent.parse(each.leaf).originator_version for each in stored]
        if (versions[0], versions[-1]) != (told.get("first_version"), told.get("last_version")):
            raise Refused(layout.ABOUT, f"it names other versions of case {case_id}")
        expected = [_readable(name, event) for event in stored]
        _check_scope(about["of"], case_id, expected)
        shown = self._files.json(name)
        if set(shown) != {"case_id", "events"} or shown["case_id"] != case_id:
            raise Refused(name, "it is about another case")
        if not isinstance(shown["events"], list) or len(shown["events"]) != len(expected):
            raise Refused(name, "it has more or fewer events than are stored")
        for one, other in zip(shown["events"], expected, strict=True):
            if not layout.agrees(one, other):
                says = f"version {other['version']} does not say what is stored"
                raise Refused(name, says)
        self._look_at_words(case_id, told, expected)
        self._found.cases += 1
        self._found.events += len(stored)

    def _look_at_words(self, case_id: str, told: Json, expected: Sequence[Json]) -> None:
        name = case_file(case_id, layout.DOCUMENTS)
        documents = {"case_id": case_id, "documents": layout.documents_in(expected)}
        if self._files.json(name) != documents:
            raise Refused(name, "it does not name the documents of the stored events")
        first = expected[0]
        if first["version"] == 1 and first["data"].get("reference") != told.get("reference"):
            raise Refused(layout.ABOUT, f"it gives case {case_id} another reference")
        self._files.text(case_file(case_id, layout.TIMELINE))

    def _stored(self, case_id: str) -> list[StoredCaseEvent]:
        """The stored events, each proven by its receipt, versions without holes."""
        name = case_file(case_id, layout.STORED)
        try:
            leaves = layout.parse_copied(self._files.bytes_of(name))
            parsed = [LeafEvent.parse(leaf) for leaf in leaves]
        except MalformedLeaf:
            raise Refused(name, "it does not hold stored events") from None
        if not parsed:
            raise Refused(name, "it holds no event")
        found = []
        for number, (leaf, event) in enumerate(zip(leaves, parsed, strict=True)):
            version = parsed[0].originator_version + number
            if (str(event.originator_id), event.table) != (case_id, "events"):
                raise Refused(name, f"event {number + 1} in it is not one of this case")
            if event.originator_version != version:
                raise Refused(name, f"version {version} of the case is missing")
            found.append(self._proven(case_id, version, leaf))
        return found

    def _proven(self, case_id: str, version: int, leaf: bytes) -> StoredCaseEvent:
        name = receipt_file(case_id, version)
        text = self._files.text(name)
        try:
            receipt = Receipt.parse(text)
            if str(receipt) != text:
                raise Refused(name, "it has not the form of a receipt")
            if receipt.leaf != leaf:
                raise Refused(name, "it is the receipt of another event")
            if str(receipt.note) != self._note:
                raise Refused(name, "it stands under another checkpoint")
            assert self._found.checkpoint is not None  # noqa: S101, set before any case
            receipt.check(self._found.checkpoint)
            return StoredCaseEvent(leaf, receipt.index)
        except REFUSED as problem:
            raise Refused(name, f"version {version} is not proven: {problem}") from None

    def _look_for_others(self, cases: Sequence[Json]) -> None:
        """Files that belong to nothing."""
        names = {*layout.HEAD, layout.SUMS}
        for case in cases:
            one = case["case_id"]
            names |= {case_file(one, part) for part in layout.CASE_FILES}
            versions = range(case["first_version"], case["last_version"] + 1)
            names |= {receipt_file(one, version) for version in versions}
        for name in self._files.names:
            if name not in names:
                raise Refused(name, "the file was added")


def _readable(name: str, event: StoredCaseEvent) -> Json:
    """What the readable form must say."""
    try:
        found = event.readable()
    except MalformedLeaf:
        raise Refused(name, "what is stored is no JSON, so nothing can be readable") from None
    an_object(name, found["data"])
    return found


def _id(case: Any) -> Any:
    return case.get("case_id") if isinstance(case, dict) else None


def _check_scope(of: Json, case_id: str, events: Sequence[Json]) -> None:
    """The events are those that the pack says it is about."""
    first, last = events[0], events[-1]
    whole = first["version"] == 1
    fits = {
        "case": whole and of.get("case_id") == case_id,
        "customer": whole and of.get("subject_ref") == first["data"].get("subject_ref"),
        "period": _within(of, first) and _within(of, last),
    }
    if not fits.get(str(of.get("kind")), False):
        raise Refused(layout.ABOUT, f"case {case_id} does not belong to what it says it is about")


def _within(of: Json, event: Json) -> bool:
    begin, end = str(of.get("recorded_from")), str(of.get("recorded_to"))
    return begin <= str(event["recorded_at"]) < end
