"""The files about one review or corrective action in a pack: whether they say what is stored."""

from __future__ import annotations

from projections.packs import layout
from projections.packs.case_files import within
from projections.packs.contents import PackFiles, Refused
from projections.packs.layout import Json
from projections.packs.proofs import Proofs, readable
from projections.packs.streams import RECORDS, Streams


def look_at_records(
    files: PackFiles, proofs: Proofs, streams: Streams, told: Json, of: Json
) -> int:
    """Look at one of them as `pack.json` tells of it; how many records it has. Raises Refused.

    Nothing in records is sealed, so what is readable has one form only. `of`: what the whole pack
    says it is about.
    """
    place = streams.place(str(told[streams.id_name]))
    stored, name = proofs.stored(place), place.file(RECORDS)
    expected = [readable(name, row, "record") for row in stored]
    first, last = expected[0], expected[-1]
    opening = f"the opening of the {place.called}"
    if (first["version"], first["record"]) != (1, streams.opened):
        raise Refused(place.file(layout.STORED), f"it does not begin with {opening}")
    if not layout.agrees(told, streams.listed(place.id, first["data"], last["version"])):
        raise Refused(layout.ABOUT, f"it does not list {place.called} {place.id} as it is stored")
    if not within(of, last):
        says = f"{place.called} {place.id} did not move in the period that it says it is about"
        raise Refused(layout.ABOUT, says)
    files.text(name)
    if files.bytes_of(name) != layout.as_json({streams.id_name: place.id, "records": expected}):
        raise Refused(name, "it does not say what is stored")
    return len(stored)
