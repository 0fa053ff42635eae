"""What a pack says of itself in `pack.json`, in either version of the form, and of which files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from projections.ledger.notes import Checkpoint
from projections.packs import layout
from projections.packs.contents import PackFiles, Refused
from projections.packs.layout import Json, Place
from projections.packs.streams import BOTH, FILES

SAID: Final = ("format", "format_version", "of", "language", "checkpoint", "cases")
MORE: Final[Mapping[int, tuple[str, ...]]] = {
    layout.CASES_ALONE: (),
    layout.WITH_REVIEWS: tuple(streams.folder for streams in BOTH),
}
"""What `pack.json` says in every version of the form, and what besides in each."""
Listed = Mapping[str, Sequence[Json]]
"""What the pack lists, by the folder in which its files lie."""


def about_itself(files: PackFiles, checkpoint: Checkpoint) -> Json:
    """`pack.json`, in one of the versions of the form. Raises Refused."""
    about = files.json(layout.ABOUT)
    told = {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()}
    version = about.get("format_version")
    if about.get("format") != layout.NAMED or type(version) is not int or version not in MORE:
        raise Refused(layout.ABOUT, "it is not of the form that this version reads")
    if tuple(about) != (*SAID, *MORE[version]):
        raise Refused(layout.ABOUT, "it says more or less than a pack says of itself")
    if not layout.agrees(about["checkpoint"], told):
        raise Refused(layout.ABOUT, "it names another checkpoint")
    return about


def listed_in(files: PackFiles, about: Json) -> Listed:
    """What it lists, which must be what has files. Raises Refused."""
    ids = {"cases": "case_id", **{streams.folder: streams.id_name for streams in BOTH}}
    listed = {folder: about.get(folder, []) for folder in ids}
    for folder, id_name in ids.items():
        if _ids(listed[folder], id_name) != layout.ids_in(folder, files.names):
            called = folder.replace("_", " ")
            raise Refused(layout.ABOUT, f"the {called} it names are not those that have files")
    has_reviews = any(listed[streams.folder] for streams in BOTH)
    if not (has_reviews or listed["cases"]):
        raise Refused(layout.ABOUT, "it names nothing that it holds")
    if has_reviews != (about["format_version"] == layout.WITH_REVIEWS):
        raise Refused(layout.ABOUT, "its version of the form is that of packs with other files")
    if has_reviews and about["of"].get("kind") != "period":
        raise Refused(layout.ABOUT, "only a pack about a period holds reviews")
    return listed


def _ids(entries: Any, id_name: str) -> list[Any]:
    """None for whatever is no entry."""
    if not isinstance(entries, list):
        return [None]
    return [each.get(id_name) if isinstance(each, dict) else None for each in entries]


def names_of(listed: Listed) -> set[str]:
    """Every file that a pack of these has."""
    names = {*layout.HEAD, layout.SUMS}
    for case in listed["cases"]:
        names |= _names(layout.place_of_case(case["case_id"]), layout.CASE_FILES, case)
    for streams in BOTH:
        for each in listed[streams.folder]:
            names |= _names(streams.place(each[streams.id_name]), FILES, each)
    return names


def _names(place: Place, parts: Sequence[str], told: Json) -> set[str]:
    """The files of one thing; what is about no case is told from version 1 on."""
    versions = range(told.get("first_version", 1), told["last_version"] + 1)
    return {*map(place.file, parts), *map(place.receipt, versions)}
