"""What somebody can do to what a pack says of its reviews: one edit at a time, at random.

The digests are made anew each time, as a forger would.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from projections.packs import layout
from projections.packs.layout import Json
from projections.packs.streams import ACTIONS, BOTH, RECORDS, REVIEWS, Streams
from tests.projections.packs.tampering import Edit, Files
from tests.projections.packs.tampering_reviews import any_one, ids, of_reviews


def tell(files: Files, about: Json) -> str:
    files[layout.ABOUT] = layout.as_json(about)
    return layout.ABOUT


def told_in(files: Files) -> Json:
    about: Json = json.loads(files[layout.ABOUT])
    return about


def entry(about: Json, streams: Streams, one: str) -> Json:
    listed: list[Json] = about[streams.folder]
    return next(each for each in listed if each[streams.id_name] == one)


def review_of_another_period(files: Files, other: Files, chance: random.Random) -> str:
    """A review of another period, whole and proven, beside those of this one."""
    streams, foreign = any_one(other, chance)
    place = streams.place(foreign).file("")
    about = told_in(files)
    about[streams.folder].append(entry(told_in(other), streams, foreign))
    files.update({name: content for name, content in other.items() if name.startswith(place)})
    return tell(files, about)


def under_a_false_name(files: Files, other: Files, chance: random.Random) -> str:
    """Another review, whole and proven, said to be this one wherever that can be said."""
    streams, one = any_one(files, chance)
    foreign = chance.choice([each for each in ids(other, streams) if each != one])
    place, about = streams.place(one), told_in(files)
    for name in [name for name in files if name.startswith(place.file(""))]:
        del files[name]
    for name in [name for name in other if name.startswith(streams.place(foreign).file(""))]:
        files[name.replace(foreign, one)] = other[name]
    records = json.loads(files[place.file(RECORDS)])["records"]
    files[place.file(RECORDS)] = layout.as_json({streams.id_name: one, "records": records})
    said = streams.listed(one, records[0]["data"], len(records))
    entry(about, streams, one).update(said)
    for day in ("recorded_from", "recorded_to"):
        mine, theirs = about["of"][day], told_in(other)["of"][day]
        about["of"][day] = (min if day == "recorded_from" else max)(mine, theirs)
    files[layout.ABOUT] = layout.as_json(about)
    return place.file(layout.STORED)


def in_the_other_folder(files: Files, other: Files, chance: random.Random) -> str:
    """A review given out as a corrective action, or the other way round."""
    streams, one = any_one(files, chance)
    into = ACTIONS if streams is REVIEWS else REVIEWS
    about = told_in(files)
    told = entry(about, streams, one)
    about[streams.folder].remove(told)
    opening = json.loads(files[streams.place(one).file(RECORDS)])["records"][0]["data"]
    about[into.folder].append(into.listed(one, opening, told["last_version"]))
    for name in [name for name in files if name.startswith(streams.place(one).file(""))]:
        content = files.pop(name)
        files[name.replace(streams.folder, into.folder)] = content
    readable = into.place(one).file(RECORDS)
    records = json.loads(files[readable])["records"]
    files[readable] = layout.as_json({into.id_name: one, "records": records})
    return tell(files, about)


def edit_listing(files: Files, other: Files, chance: random.Random) -> str:
    """Every value of an entry in `pack.json`, and entries that are missing, added or doubled."""
    about = told_in(files)
    streams, one = any_one(files, chance)
    told, listed = entry(about, streams, one), about[streams.folder]
    foreign = any_one(other, chance)
    field = chance.choice(list(told))
    edits: tuple[Callable[[], object], ...] = (
        lambda: told.update({field: chance.choice((None, True, 2.0, "x", []))}),
        lambda: told.update(last_version=told["last_version"] + chance.choice((-1, 1, 100))),
        lambda: told.pop(field),
        lambda: told.update(note="all is well"),
        lambda: listed.remove(told),
        lambda: listed.append(told),
        lambda: listed.append(entry(told_in(other), *foreign)),
        lambda: listed.clear(),
        lambda: listed.append(7),
        lambda: about.update({streams.folder: one}),
        lambda: about.pop(streams.folder),
    )
    chance.choice(edits)()
    return tell(files, about)


def edit_about_reviews(files: Files, other: Files, chance: random.Random) -> str:
    """What `pack.json` says of the whole pack."""
    about = told_in(files)
    period: Any = about["of"]
    edits: tuple[Callable[[], object], ...] = (
        lambda: about.update(format_version=1),
        lambda: about.update(format_version=3),
        lambda: about.update(format_version=2.0),
        lambda: about.update(alarms=[]),
        lambda: period.update(kind="case", case_id=about["cases"][0]["case_id"]),
        lambda: period.update(kind="customer", subject_ref="CUST-1"),
        lambda: period.update(recorded_to=period["recorded_from"]),
        lambda: period.update(recorded_from=period["recorded_to"]),
    )
    chance.choice(edits)()
    return tell(files, about)


def as_version_1(files: Files, other: Files, chance: random.Random) -> str:
    """The form of before, with the files of reviews left in."""
    about = told_in(files)
    about["format_version"] = 1
    for streams in BOTH:
        del about[streams.folder]
    return tell(files, about)


def without_any_review(files: Files, other: Files, chance: random.Random) -> str:
    """All reviews taken out, while the pack says that it is of the form with reviews."""
    about = told_in(files)
    for name in of_reviews(files):
        del files[name]
    for streams in BOTH:
        about[streams.folder] = []
    return tell(files, about)


EDITS = tuple(
    Edit(what, hidden=True)
    for what in (
        review_of_another_period,
        under_a_false_name,
        in_the_other_folder,
        edit_listing,
        edit_about_reviews,
        as_version_1,
        without_any_review,
    )
)
