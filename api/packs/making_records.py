"""The files of a pack about one review or corrective action: readable, stored, proven."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from projections.ledger.leaves import MalformedLeaf
from projections.ledger.tree import LedgerBroken
from projections.packs import layout
from projections.packs.evidence import Evidence, stored
from projections.packs.layout import Json, StoredRow
from projections.packs.moved_reviews import KeptRecords
from projections.packs.streams import RECORDS

Listing = dict[str, list[Json]]
"""What `pack.json` lists besides cases, by folder."""


def see_records(evidence: Evidence, part: KeptRecords) -> None:
    """What would go wrong while these files are made goes wrong here.

    Raises NotCovered, LedgerBroken (somebody edited what is stored, and it is no JSON any more).
    """
    leaves = evidence.records(part)
    evidence.receipts(leaves[-1:])
    _readable([StoredRow(leaf, 0) for leaf in leaves])


def record_files(
    evidence: Evidence, part: KeptRecords, listing: Listing
) -> Iterator[tuple[str, bytes]]:
    """The files, and an entry in the listing. Raises NotCovered, LedgerBroken."""
    streams, place = part.streams, part.streams.place(part.originator_id)
    leaves = evidence.records(part)
    receipts = evidence.receipts(leaves)
    told = _readable(stored(receipts))
    listing[streams.folder].append(streams.listed(place.id, told[0]["data"], part.last_version))
    yield place.file(RECORDS), layout.as_json({streams.id_name: place.id, "records": told})
    yield place.file(layout.STORED), layout.as_copied(leaves)
    for version, receipt in enumerate(receipts, start=1):
        yield place.receipt(version), str(receipt).encode()


def _readable(rows: Sequence[StoredRow]) -> list[Json]:
    try:
        told = [row.readable("record") for row in rows]
    except MalformedLeaf:
        raise LedgerBroken("a record is no JSON") from None
    if not all(isinstance(each["data"], dict) for each in told):
        raise LedgerBroken("a record is no object")
    return told
