"""The files about one case in a pack: whether they say what is stored and proven."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from projections.packs import layout
from projections.packs.contents import PackFiles, Refused
from projections.packs.layout import Json, case_file
from projections.packs.proofs import Proofs, readable

TOLD: Final = {"case_id", "reference", "first_version", "last_version"}
"""What `pack.json` says of a case."""


def look_at_case(files: PackFiles, proofs: Proofs, told: Json, of: Json) -> int:
    """Look at one case as `pack.json` tells of it; how many events it has. Raises Refused.

    `of`: what the whole pack says it is about.
    """
    case_id = str(told["case_id"])
    if set(told) != TOLD:
        raise Refused(layout.ABOUT, f"it says more or less of case {case_id} than a pack says")
    stored = proofs.stored(layout.place_of_case(case_id))
    name = case_file(case_id, layout.EVENTS)
    expected = [readable(name, event) for event in stored]
    versions = [expected[0]["version"], expected[-1]["version"]]
    if not layout.agrees([told.get("first_version"), told.get("last_version")], versions):
        raise Refused(layout.ABOUT, f"it names other versions of case {case_id}")
    _check_scope(of, case_id, expected)
    shown = files.json(name)
    if set(shown) != {"case_id", "events"} or shown["case_id"] != case_id:
        raise Refused(name, "it is about another case")
    if not isinstance(shown["events"], list) or len(shown["events"]) != len(expected):
        raise Refused(name, "it has more or fewer events than are stored")
    for one, other in zip(shown["events"], expected, strict=True):
        if not layout.agrees(one, other):
            raise Refused(name, f"version {other['version']} does not say what is stored")
    _look_at_words(files, case_id, told, expected)
    return len(stored)


def _look_at_words(files: PackFiles, case_id: str, told: Json, expected: Sequence[Json]) -> None:
    name = case_file(case_id, layout.DOCUMENTS)
    documents = {"case_id": case_id, "documents": layout.documents_in(expected)}
    if files.json(name) != documents:
        raise Refused(name, "it does not name the documents of the stored events")
    first = expected[0]
    if first["version"] == 1 and first["data"].get("reference") != told.get("reference"):
        raise Refused(layout.ABOUT, f"it gives case {case_id} another reference")
    files.text(case_file(case_id, layout.TIMELINE))


def _check_scope(of: Json, case_id: str, events: Sequence[Json]) -> None:
    """The events are those that the pack says it is about."""
    first, last = events[0], events[-1]
    whole = first["version"] == 1
    fits = {
        "case": whole and of.get("case_id") == case_id,
        "customer": whole and of.get("subject_ref") == first["data"].get("subject_ref"),
        "period": within(of, first) and within(of, last),
    }
    if not fits.get(str(of.get("kind")), False):
        raise Refused(layout.ABOUT, f"case {case_id} does not belong to what it says it is about")


def within(of: Json, event: Json) -> bool:
    """Whether an event was recorded in the period that a pack is about."""
    begin, end = str(of.get("recorded_from")), str(of.get("recorded_to"))
    return begin <= str(event["recorded_at"]) < end
