"""Everything that somebody can do to a pack: one edit at a time, at random."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from projections.packs import layout
from tests.packs import packed_again

Files = dict[str, bytes]


@dataclass(frozen=True)
class Edit:
    """What is done to the files, and whether the digests are made anew to hide it."""

    what: Callable[[Files, Files, random.Random], str]
    hidden: bool

    def done(self, files: Files, other: Files, chance: random.Random) -> tuple[bytes, str]:
        """The edited pack, and the file that was edited."""
        edited = dict(files)
        name = self.what(edited, other, chance)
        assert edited != files
        return packed_again(edited, summed=self.hidden), name


def any_of(files: Files, chance: random.Random, ending: str = "") -> str:
    return chance.choice(sorted(name for name in files if name.endswith(ending)))


def flip(files: Files, name: str, chance: random.Random) -> str:
    content = bytearray(files[name])
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    files[name] = bytes(content)
    return name


def flip_any(files: Files, other: Files, chance: random.Random) -> str:
    return flip(files, any_of(files, chance), chance)


def drop(files: Files, other: Files, chance: random.Random) -> str:
    name = any_of(files, chance)
    del files[name]
    return name


def add(files: Files, other: Files, chance: random.Random) -> str:
    case_id = layout.ids_in("cases", list(files))[0]
    name = chance.choice(("more.txt", f"cases/{case_id}/more.json", f"cases/{case_id}/receipts/9"))
    files[name] = chance.randbytes(20)
    return name


def swap(files: Files, other: Files, chance: random.Random) -> str:
    one, two = any_of(files, chance), any_of(files, chance)
    while files[one] == files[two]:
        two = any_of(files, chance)
    files[one], files[two] = files[two], files[one]
    return one


def flip_stored(files: Files, other: Files, chance: random.Random) -> str:
    return flip(files, any_of(files, chance, layout.STORED), chance)


def flip_receipt(files: Files, other: Files, chance: random.Random) -> str:
    return flip(files, any_of(files, chance, ".tlog-proof"), chance)


def flip_checkpoint(files: Files, other: Files, chance: random.Random) -> str:
    name = chance.choice((layout.CHECKPOINT, layout.SIGNER))
    return flip(files, name, chance)


def swap_receipts(files: Files, other: Files, chance: random.Random) -> str:
    receipts = sorted(name for name in files if name.endswith(".tlog-proof"))
    one, two = chance.sample(receipts, 2)
    files[one], files[two] = files[two], files[one]
    return one


def _without(files: Files, version_of: Callable[[int], int]) -> str:
    """One version taken out of everything that names it."""
    (case_id,) = layout.ids_in("cases", list(files))
    stored = layout.case_file(case_id, layout.STORED)
    leaves = layout.parse_copied(files[stored])
    version = version_of(len(leaves))
    files[stored] = layout.as_copied([*leaves[: version - 1], *leaves[version:]])
    del files[layout.receipt_file(case_id, version)]
    shown = json.loads(files[layout.case_file(case_id, layout.EVENTS)])
    del shown["events"][version - 1]
    files[layout.case_file(case_id, layout.EVENTS)] = layout.as_json(shown)
    return stored


def drop_event(files: Files, other: Files, chance: random.Random) -> str:
    return _without(files, lambda last: chance.randint(1, last - 1))


def other_event(files: Files, other: Files, chance: random.Random) -> str:
    """An event of another case, proven by its own receipt, instead of one of this case."""
    (case_id,), (foreign_id,) = (layout.ids_in("cases", list(each)) for each in (files, other))
    stored = layout.case_file(case_id, layout.STORED)
    leaves = layout.parse_copied(files[stored])
    foreign = layout.parse_copied(other[layout.case_file(foreign_id, layout.STORED)])
    version = chance.randint(1, min(len(leaves), len(foreign)))
    leaves[version - 1] = foreign[version - 1]
    files[stored] = layout.as_copied(leaves)
    receipt = layout.receipt_file(case_id, version)
    files[receipt] = other[layout.receipt_file(foreign_id, version)]
    return stored


def edit_readable(files: Files, other: Files, chance: random.Random) -> str:
    """A value that is stored in clear says something else."""
    name = any_of(files, chance, layout.EVENTS)
    shown = json.loads(files[name])
    leaves = layout.parse_copied(files[name.replace(layout.EVENTS, layout.STORED)])
    number = chance.randrange(len(leaves))
    event = shown["events"][number]
    stored = layout.StoredRow(leaves[number], event["ledger_index"]).readable()
    kept, owner = (stored["data"], event["data"]) if chance.random() < 0.7 else (stored, event)
    field = chance.choice([each for each, value in kept.items() if is_clear(value)])
    owner[field] = 7 if owner[field] != 7 else 8
    files[name] = layout.as_json(shown)
    return name


def is_clear(value: object) -> bool:
    return isinstance(value, str | int) and not str(value).startswith(layout.SEALED)


def forge_sealed(files: Files, other: Files, chance: random.Random) -> str:
    """A personal text is shown as if it were an object of its own."""
    name = any_of(files, chance, layout.EVENTS)
    shown = json.loads(files[name])
    shown["events"][0]["data"]["summary"] = {"erased": True, "by": "somebody"}
    files[name] = layout.as_json(shown)
    return name


def drop_document(files: Files, other: Files, chance: random.Random) -> str:
    name = any_of(files, chance, layout.DOCUMENTS)
    documents = json.loads(files[name])
    documents["documents"].pop()
    files[name] = layout.as_json(documents)
    return name


def edit_about(files: Files, other: Files, chance: random.Random) -> str:
    about = json.loads(files[layout.ABOUT])
    edits: tuple[Callable[[], object], ...] = (
        lambda: about["checkpoint"].update(size=about["checkpoint"]["size"] + 1),
        lambda: about["of"].update(case_id=json.loads(other[layout.ABOUT])["of"]["case_id"]),
        lambda: about["of"].update(kind="customer"),
        lambda: about["cases"][0].update(first_version=2),
        lambda: about["cases"][0].update(last_version=about["cases"][0]["last_version"] + 1),
        lambda: about["cases"][0].update(reference="C-2026-999999"),
        lambda: about["cases"][0].update(closed=True),
        lambda: about["cases"].clear(),
        lambda: about.update(format_version=2),
    )
    chance.choice(edits)()
    files[layout.ABOUT] = layout.as_json(about)
    return layout.ABOUT


def other_case(files: Files, other: Files, chance: random.Random) -> str:
    """The files of another case under the name of this one."""
    (case_id,), (foreign_id,) = (layout.ids_in("cases", list(each)) for each in (files, other))
    for name in [name for name in files if name.startswith("cases/")]:
        del files[name]
    for name in [name for name in other if name.startswith("cases/")]:
        files[name.replace(foreign_id, case_id)] = other[name]
    return layout.case_file(case_id, layout.STORED)


def case_under_a_false_name(files: Files, other: Files, chance: random.Random) -> str:
    """The same, and what is readable and listed says this one's id too."""
    (case_id,) = layout.ids_in("cases", list(files))
    stored = other_case(files, other, chance)
    for part in (layout.EVENTS, layout.DOCUMENTS):
        name = layout.case_file(case_id, part)
        files[name] = layout.as_json({**json.loads(files[name]), "case_id": case_id})
    about = {**json.loads(files[layout.ABOUT]), "cases": json.loads(other[layout.ABOUT])["cases"]}
    about["cases"][0]["case_id"] = case_id
    files[layout.ABOUT] = layout.as_json(about)
    return stored


EDITS = (
    *(Edit(what, hidden=False) for what in (flip_any, drop, add, swap, swap_receipts)),
    *(
        Edit(what, hidden=True)
        for what in (
            flip_stored,
            flip_receipt,
            flip_checkpoint,
            swap_receipts,
            drop_event,
            other_event,
            edit_readable,
            forge_sealed,
            drop_document,
            edit_about,
            other_case,
            case_under_a_false_name,
            add,
        )
    ),
)
