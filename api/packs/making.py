"""Making a pack: every file of it, case by case, so that no pack stands in memory whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from api.packs.making_records import Listing, record_files, see_records
from api.packs.note import note
from api.packs.page import Happening, timeline_page
from api.rendering import Reader, said
from domain.book import Edition
from domain.conflict_case import ConflictCase
from domain.events import CaseEvent
from domain.personal import PersonalText
from domain.values import Role
from projections.ledger.leaves import LeafEvent
from projections.packs import layout
from projections.packs.container import packed
from projections.packs.evidence import Evidence, Limits, Slice, stored
from projections.packs.layout import Json, case_file, receipt_file
from projections.packs.streams import BOTH
from projections.sealed_texts import as_json, open_keys, tokens_in
from service.assembly import Service
from service.event_store import RecordedEvent
from service.progress import Tell, tell_nobody

LIMITS: Final = Limits(cases=5_000, events=40_000, state_bytes=256 << 20)
"""What a pack holds at most: fewer than the 65,535 files of a plain ZIP."""
LIMITS_OF_A_REQUEST: Final = Limits(cases=500, events=5_000, state_bytes=32 << 20)
"""What one request may ask for: about ten seconds of work."""

TAKERS: Final = frozenset({Role.AUDITOR, Role.PRIVACY})

Files = Iterator[tuple[str, bytes]]


@dataclass(frozen=True)
class PackMaker:
    """Makes the files of one pack. `reader` sees the texts, `in_words` the same with codes named.

    Both read again what `see` was asked to see before: that is what goes on record.
    """

    service: Service
    evidence: Evidence
    language: str
    reader: Reader
    in_words: Callable[[Edition], Reader]
    tell: Tell = tell_nobody
    _digests: dict[str, str] = field(default_factory=dict)

    def see(self, reader: Reader) -> None:
        """Let `reader` see every text that the pack will show, so that it can be recorded.

        What would go wrong later goes wrong here: the last event of each case is proven too.
        Raises NotCovered, LedgerBroken, UnreadableEvent.
        """
        for part in self.evidence.slices:
            leaves = self.evidence.events(part)
            self.evidence.receipts(leaves[-1:])
            for event in self._events(leaves):
                _texts(event, reader)
        for kept in self.evidence.reviews:
            see_records(self.evidence, kept)

    def zipped(self) -> Iterator[bytes]:
        """The pack in pieces. Raises ContainerFull, LedgerBroken, UnreadableEvent."""
        return packed(self._files())

    def _files(self) -> Files:
        yield from self._summed()
        yield layout.SUMS, layout.sums_of(self._digests)

    def _summed(self) -> Files:
        for name, content in self._all():
            self._digests[name] = layout.digest(content)
            yield name, content

    def _all(self) -> Files:
        evidence = self.evidence
        signer = next(
            key for key in evidence.keys if key.key_id == evidence.note.signatures[0].key_id
        )
        yield layout.README, note(evidence, self.language)
        yield layout.CHECKPOINT, str(evidence.note).encode()
        yield layout.SIGNER, signer.pem.encode()
        yield layout.KEYS, "".join(f"{key}\n" for key in evidence.keys).encode()
        cases: list[Json] = []
        for done, part in enumerate(evidence.slices, start=1):
            yield from self._case(part, cases)
            self.tell(done, len(evidence.slices))
        listing: Listing = {streams.folder: [] for streams in BOTH} if evidence.reviews else {}
        for kept in evidence.reviews:
            yield from record_files(evidence, kept, listing)
        yield layout.ABOUT, layout.as_json(self._about(cases, listing))

    def _about(self, cases: Sequence[Json], listing: Listing) -> Json:
        checkpoint = self.evidence.checkpoint
        return {
            "format": layout.NAMED,
            "format_version": layout.WITH_REVIEWS if listing else layout.CASES_ALONE,
            "of": self.evidence.scope.told(),
            "language": self.language,
            "checkpoint": {
                "origin": checkpoint.origin,
                "size": checkpoint.size,
                "root": checkpoint.root.hex(),
            },
            "cases": cases,
            **listing,
        }

    def _case(self, part: Slice, cases: list[Json]) -> Files:
        case_id, leaves = part.case_id, self.evidence.events(part)
        receipts = self.evidence.receipts(leaves)
        told = [event.readable() for event in stored(receipts)]
        case, happened = self._happened(part, self._events(leaves), told)
        documents = layout.documents_in(told)
        shown = [each.shown for each in happened]
        page = timeline_page(case, happened, documents, self.evidence.checkpoint, self.language)
        versions = {"first_version": part.first_version, "last_version": part.last_version}
        cases.append({"case_id": str(case_id), "reference": case.reference, **versions})
        about = {"case_id": str(case_id)}
        yield case_file(case_id, layout.TIMELINE), page
        yield case_file(case_id, layout.EVENTS), layout.as_json({**about, "events": shown})
        yield (
            case_file(case_id, layout.DOCUMENTS),
            layout.as_json({**about, "documents": documents}),
        )
        yield case_file(case_id, layout.STORED), layout.as_copied(leaves)
        for version, receipt in enumerate(receipts, start=part.first_version):
            yield receipt_file(case_id, version), str(receipt).encode()

    def _happened(
        self, part: Slice, events: Sequence[CaseEvent], told: Sequence[Json]
    ) -> tuple[ConflictCase, list[Happening]]:
        """The case after the last of these events, and each of them with what it says."""
        case, found = self._before(part), []
        for event, readable in zip(events, told, strict=True):
            before = case.status if case.version else None
            case.remember(event)
            status = case.edition.label("statuses", case.status, self.language)
            data = layout.with_texts(readable["data"], _texts(event, self.reader))
            found.append(
                Happening(
                    {**readable, "data": data},
                    said(event, self.in_words(case.edition)),
                    status if case.status != before else None,
                )
            )
        return case, found

    def _before(self, part: Slice) -> ConflictCase:
        if part.first_version == 1:
            return ConflictCase(part.case_id)
        return self.service.cases.get(part.case_id, version=part.first_version - 1)

    def _events(self, leaves: Sequence[bytes]) -> list[CaseEvent]:
        """What the stored bytes say, the keys of texts at hand. Raises UnreadableEvent."""
        events = [self.service.mapper.to_domain_event(_recorded(leaf)) for leaf in leaves]
        open_keys(
            (token for event in events for token in tokens_in(as_json(event))), self.service.keys
        )
        return events


def _recorded(leaf: bytes) -> RecordedEvent:
    found = LeafEvent.parse(leaf)
    return RecordedEvent.placed(
        found.originator_id,
        found.originator_version,
        found.topic,
        found.state,
        found.position,
        found.recorded_at,
    )


def _texts(event: CaseEvent, reader: Reader) -> Mapping[str, Any]:
    """Sealed text -> what this reader sees of it, for every text of an event."""
    reader.about(event.originator_id)
    return {text.token: reader.text(text) for text in _texts_in(as_json(event)) if text.token}


def _texts_in(value: Any) -> Iterator[PersonalText]:
    if isinstance(value, PersonalText):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(inner)
