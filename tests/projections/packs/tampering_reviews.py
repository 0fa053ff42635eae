"""What somebody can do to the reviews in a pack: one edit at a time, at random.

Each has the files of a pack, those of another pack of the same ledger, and chance; it says which
file it edited. Where digests are made anew, only what was signed gives it away.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from projections.packs import layout
from projections.packs.streams import BOTH, RECORDS, Streams
from tests.projections.packs.tampering import Edit, Files, flip

FOLDERS = tuple(f"{streams.folder}/" for streams in BOTH)


def of_reviews(files: Files, ending: str = "") -> list[str]:
    """The files about reviews and actions, in order."""
    return sorted(name for name in files if name.startswith(FOLDERS) and name.endswith(ending))


def any_one(files: Files, chance: random.Random) -> tuple[Streams, str]:
    """A review or an action at random."""
    found = [(streams, each) for streams in BOTH for each in ids(files, streams)]
    return chance.choice(found)


def ids(files: Files, streams: Streams) -> list[str]:
    return layout.ids_in(streams.folder, list(files))


def leaves_of(files: Files, streams: Streams, one: str) -> list[bytes]:
    return layout.parse_copied(files[streams.place(one).file(layout.STORED)])


def flip_any_of_reviews(files: Files, other: Files, chance: random.Random) -> str:
    return flip(files, chance.choice(of_reviews(files)), chance)


def drop_of_reviews(files: Files, other: Files, chance: random.Random) -> str:
    name = chance.choice(of_reviews(files))
    del files[name]
    return name


def add_to_reviews(files: Files, other: Files, chance: random.Random) -> str:
    streams, one = any_one(files, chance)
    place = streams.place(one)
    names = (
        place.file("more.json"),
        place.receipt(9),
        f"{streams.folder}/more.txt",
        f"alarms/{one}/records.json",
    )
    name = chance.choice(names)
    files[name] = chance.randbytes(20)
    return name


def flip_records(files: Files, other: Files, chance: random.Random) -> str:
    return flip(files, chance.choice(of_reviews(files, RECORDS)), chance)


def flip_stored_records(files: Files, other: Files, chance: random.Random) -> str:
    return flip(files, chance.choice(of_reviews(files, layout.STORED)), chance)


def flip_receipt_of_record(files: Files, other: Files, chance: random.Random) -> str:
    return flip(files, chance.choice(of_reviews(files, ".tlog-proof")), chance)


def swap_receipts_of_records(files: Files, other: Files, chance: random.Random) -> str:
    one, two = chance.sample(of_reviews(files, ".tlog-proof"), 2)
    files[one], files[two] = files[two], files[one]
    return one


def swap_readable_records(files: Files, other: Files, chance: random.Random) -> str:
    one, two = chance.sample(of_reviews(files, RECORDS), 2)
    files[one], files[two] = files[two], files[one]
    return one


def edit_record(files: Files, other: Files, chance: random.Random) -> str:
    """A value in a readable record says something else, of another kind now and then."""
    name = chance.choice(of_reviews(files, RECORDS))
    shown = json.loads(files[name])
    record = chance.choice(shown["records"])
    owner = chance.choice((record, record["data"]))
    field = chance.choice([each for each, value in owner.items() if not isinstance(value, dict)])
    owner[field] = chance.choice((None, 7.0, True, "x", {"hidden": True}, {"erased": True}, []))
    files[name] = layout.as_json(shown)
    return name


def more_in_readable(files: Files, other: Files, chance: random.Random) -> str:
    """Something more stands in a readable record, or beside the records, or a record twice."""
    name = chance.choice(of_reviews(files, RECORDS))
    shown = json.loads(files[name])
    edits: tuple[Callable[[], object], ...] = (
        lambda: chance.choice(shown["records"])["data"].update(note="all is well"),
        lambda: shown.update(note="all is well"),
        lambda: shown["records"].append(shown["records"][-1]),
        lambda: shown["records"].pop(),
        lambda: shown["records"].reverse(),
    )
    before = layout.as_json(shown)
    while layout.as_json(shown) == before:
        chance.choice(edits)()
    files[name] = layout.as_json(shown)
    return name


def drop_record(files: Files, other: Files, chance: random.Random) -> str:
    """A record that is not the last one, taken out of everything that names it."""
    streams, one = any_one(files, chance)
    while len(leaves_of(files, streams, one)) < 2:
        streams, one = any_one(files, chance)
    place, leaves = streams.place(one), leaves_of(files, streams, one)
    version = chance.randint(1, len(leaves) - 1)
    stored, readable = place.file(layout.STORED), place.file(RECORDS)
    files[stored] = layout.as_copied([*leaves[: version - 1], *leaves[version:]])
    del files[place.receipt(version)]
    shown = json.loads(files[readable])
    del shown["records"][version - 1]
    files[readable] = layout.as_json(shown)
    return stored


def drop_last_record_unlisted(files: Files, other: Files, chance: random.Random) -> str:
    """The last one goes, and `pack.json` still says that it is there."""
    streams, one = any_one(files, chance)
    place, leaves = streams.place(one), leaves_of(files, streams, one)
    files[place.file(layout.STORED)] = layout.as_copied(leaves[:-1])
    del files[place.receipt(len(leaves))]
    shown = json.loads(files[place.file(RECORDS)])
    shown["records"].pop()
    files[place.file(RECORDS)] = layout.as_json(shown)
    return place.file(layout.STORED)


def close_the_gap(files: Files, other: Files, chance: random.Random) -> str:
    """The same, and the receipts after the gap are counted on."""
    before = dict(files)
    name = drop_record(files, other, chance)
    stem = name.removesuffix(layout.STORED)
    kept = sorted(each for each in files if each.startswith(stem) and each.endswith(".tlog-proof"))
    contents = [files.pop(each) for each in kept]
    folder = f"{stem}{layout.RECEIPTS}/"
    names = sorted(each for each in before if each.startswith(folder))
    files.update(zip(names, contents, strict=False))
    return name


def edit_stored_and_readable(files: Files, other: Files, chance: random.Random) -> str:
    """A record is edited as it is stored, and what is readable made of it anew."""
    streams, one = any_one(files, chance)
    place, leaves = streams.place(one), leaves_of(files, streams, one)
    shown = json.loads(files[place.file(RECORDS)])
    number = chance.randrange(len(leaves))
    index = shown["records"][number]["ledger_index"]
    at = leaves[number].index(b'"correlation_id":"') + len(b'"correlation_id":"')
    leaves[number] = leaves[number][:at] + b"~" + leaves[number][at + 1 :]
    shown["records"][number] = layout.StoredRow(leaves[number], index).readable("record")
    files[place.file(RECORDS)] = layout.as_json(shown)
    files[place.file(layout.STORED)] = layout.as_copied(leaves)
    return place.file(layout.STORED)


def other_record(files: Files, other: Files, chance: random.Random) -> str:
    """A record of another review, proven by its own receipt, instead of one of this review."""
    streams, one = any_one(files, chance)
    foreign = chance.choice(ids(other, streams))
    place, elsewhere = streams.place(one), streams.place(foreign)
    leaves, theirs = leaves_of(files, streams, one), leaves_of(other, streams, foreign)
    version = chance.randint(1, min(len(leaves), len(theirs)))
    leaves[version - 1] = theirs[version - 1]
    files[place.file(layout.STORED)] = layout.as_copied(leaves)
    files[place.receipt(version)] = other[elsewhere.receipt(version)]
    return place.file(layout.STORED)


def other_review(files: Files, other: Files, chance: random.Random) -> str:
    """All files of another review or action under the name of this one."""
    streams, one = any_one(files, chance)
    foreign = chance.choice(ids(other, streams))
    place, elsewhere = (streams.place(each).file("") for each in (one, foreign))
    for name in [name for name in files if name.startswith(place)]:
        del files[name]
    for name in [name for name in other if name.startswith(elsewhere)]:
        files[name.replace(foreign, one)] = other[name]
    return streams.place(one).file(layout.STORED)


def a_case_as_review(files: Files, other: Files, chance: random.Random) -> str:
    """The stored events of a case, proven, in the place of a review's records."""
    streams, one = any_one(files, chance)
    place, case_id = streams.place(one), layout.ids_in("cases", list(files))[0]
    leaves = layout.parse_copied(files[layout.case_file(case_id, layout.STORED)])
    for name in [name for name in files if name.startswith(place.file(layout.RECEIPTS))]:
        del files[name]
    files[place.file(layout.STORED)] = layout.as_copied(leaves)
    for version in range(1, len(leaves) + 1):
        files[place.receipt(version)] = files[layout.receipt_file(case_id, version)]
    return place.file(layout.STORED)


NOT_HIDDEN = (
    flip_any_of_reviews,
    drop_of_reviews,
    add_to_reviews,
    swap_receipts_of_records,
    swap_readable_records,
)
HIDDEN = (
    flip_records,
    flip_stored_records,
    flip_receipt_of_record,
    drop_of_reviews,
    add_to_reviews,
    swap_receipts_of_records,
    swap_readable_records,
    edit_record,
    more_in_readable,
    drop_record,
    drop_last_record_unlisted,
    close_the_gap,
    edit_stored_and_readable,
    other_record,
    other_review,
    a_case_as_review,
)
EDITS = (
    *(Edit(what, hidden=False) for what in NOT_HIDDEN),
    *(Edit(what, hidden=True) for what in HIDDEN),
)
