"""What lies where in an audit pack, and in which form: shared by who makes and who verifies one.

README.txt                        how to verify it
pack.json                         what it is about, which checkpoint, which versions of which cases
checkpoint                        signed note: size and root of the ledger (C2SP tlog-checkpoint)
checkpoint-key.pem                the public key that signed it, for openssl
keys                              every public key that ever signed, one a line
cases/ID/timeline.html            the case to read and to print
cases/ID/events.json              its events, readable
cases/ID/documents.json           digests of the documents attached to it
cases/ID/stored.pgcopy            its events as stored, as PostgreSQL's binary COPY writes them
cases/ID/receipts/000001.tlog-proof   for each version a receipt (C2SP tlog-proof)
SHA256SUMS                        the digest of every other file, for `sha256sum -c`

Version 2 of the form is that of a period in which reviews moved; any other pack is of version 1.
It has besides (see `projections.packs.streams`), where X is `reviews` or `corrective_actions`:

X/ID/records.json                 its records, readable
X/ID/stored.pgcopy                its records as stored
X/ID/receipts/000001.tlog-proof   for each version a receipt
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from projections.ledger.leaves import FIELDS, LeafEvent, MalformedLeaf
from projections.ledger.merkle import leaf_hash
from projections.stand_ins import ERASED, HIDDEN

NAMED: Final = "amends audit pack"
CASES_ALONE, WITH_REVIEWS = 1, 2
"""The versions of the form."""
README, ABOUT, CHECKPOINT, KEYS = "README.txt", "pack.json", "checkpoint", "keys"
SIGNER, SUMS = "checkpoint-key.pem", "SHA256SUMS"
TIMELINE, EVENTS, DOCUMENTS = "timeline.html", "events.json", "documents.json"
STORED, RECEIPTS = "stored.pgcopy", "receipts"
CASE_FILES: Final = (TIMELINE, EVENTS, DOCUMENTS, STORED)
HEAD: Final = frozenset({README, ABOUT, CHECKPOINT, KEYS, SIGNER})
SEALED: Final = "sealed1."

Json = dict[str, Any]
_COPY_HEAD: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COPY_END: Final = b"\xff\xff"
_SUM_LINE: Final = re.compile(r"([0-9a-f]{64})  ([!-~]+)")
_FILE: Final = re.compile(r"([a-z_]+)/([0-9a-f-]{36})/.+")


@dataclass(frozen=True)
class Place:
    """Where the files about one thing lie, in which table it stands, and what it is called."""

    folder: str
    id: str
    table: str
    called: str

    def file(self, name: str) -> str:
        return f"{self.folder}/{self.id}/{name}"

    def receipt(self, version: int) -> str:
        """The name of the receipt for the event or record that made this version."""
        return self.file(f"{RECEIPTS}/{version:06d}.tlog-proof")


def place_of_case(case_id: UUID | str) -> Place:
    return Place("cases", str(case_id), "events", "case")


def case_file(case_id: UUID | str, name: str) -> str:
    """The name of a file about one case."""
    return place_of_case(case_id).file(name)


def receipt_file(case_id: UUID | str, version: int) -> str:
    """The name of the receipt for the event that made this version of a case."""
    return place_of_case(case_id).receipt(version)


def ids_in(folder: str, names: Sequence[str]) -> list[str]:
    """The ids of what has files in this folder, in the order of the pack."""
    found = (_FILE.fullmatch(name) for name in names)
    return list(dict.fromkeys(each[2] for each in found if each and each[1] == folder))


def as_json(value: Any) -> bytes:
    """JSON for people and programs: one form for each value."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"


def utc(moment: datetime) -> str:
    """A time in UTC to the microsecond (RFC 3339)."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def sums_of(digests: Mapping[str, str]) -> bytes:
    """The lines that `sha256sum -c` reads."""
    return "".join(f"{digest}  {name}\n" for name, digest in digests.items()).encode()


def parse_sums(content: bytes) -> dict[str, str] | None:
    """Name -> digest; None where this is no list of sums, or has another form than ours."""
    try:
        lines = content.decode("ascii").splitlines()
    except UnicodeDecodeError:
        return None
    found = [_SUM_LINE.fullmatch(line) for line in lines]
    digests = {each[2]: each[1] for each in found if each}
    return digests if sums_of(digests) == content else None


def digest(content: bytes | memoryview) -> str:
    return sha256(content).hexdigest()


def as_copied(leaves: Sequence[bytes]) -> bytes:
    """Stored events as one file that `COPY ... FROM ... (FORMAT binary)` reads."""
    return _COPY_HEAD + b"".join(leaves) + _COPY_END


def parse_copied(content: bytes) -> list[bytes]:
    """The stored events in such a file. Raises MalformedLeaf."""
    if not content.startswith(_COPY_HEAD) or not content.endswith(_COPY_END):
        raise MalformedLeaf
    leaves, at, end = [], len(_COPY_HEAD), len(content) - len(_COPY_END)
    while at < end:
        begin = at
        at += 2
        for _ in range(FIELDS):
            at += 4 + int.from_bytes(content[at : at + 4])
        leaves.append(content[begin:at])
    if at != end:
        raise MalformedLeaf
    return leaves


@dataclass(frozen=True)
class StoredRow:
    """An event or a record as its leaf holds it, with its place in the ledger."""

    leaf: bytes
    index: int

    def readable(self, called: str = "event") -> Json:
        """What stands in `events.json`, personal texts still sealed. Raises MalformedLeaf.

        `called`: how the file says what it tells, which is "record" in `records.json`.
        """
        event = LeafEvent.parse(self.leaf)
        name, _, schema = event.topic.partition(":")
        return {
            "version": event.originator_version,
            called: name,
            "schema": schema,
            "position": event.position,
            "recorded_at": utc(event.recorded_at),
            "ledger_index": self.index,
            "leaf_hash": leaf_hash(self.leaf).hex(),
            "data": _state(event.state),
        }


def _state(state: bytes) -> Any:
    try:
        return json.loads(state)
    except ValueError:
        raise MalformedLeaf from None


def with_texts(value: Any, texts: Mapping[str, Any]) -> Any:
    """The same with its sealed texts opened, as far as `texts` tells; the others are hidden."""
    if isinstance(value, dict):
        return {name: with_texts(inner, texts) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_texts(inner, texts) for inner in value]
    if isinstance(value, str) and value.startswith(SEALED):
        return texts.get(value, HIDDEN)
    return value


def agrees(shown: Any, stored: Any) -> bool:
    """Whether a readable form says what is stored, wherever that is not sealed."""
    if isinstance(stored, dict):
        same = isinstance(shown, dict) and list(shown) == list(stored)
        return same and all(agrees(shown[name], stored[name]) for name in stored)
    if isinstance(stored, list):
        same = isinstance(shown, list) and len(shown) == len(stored)
        return same and all(agrees(one, other) for one, other in zip(shown, stored, strict=True))
    if isinstance(stored, str) and stored.startswith(SEALED):
        return isinstance(shown, str) or shown in (HIDDEN, ERASED)
    return type(shown) is type(stored) and bool(shown == stored)


def documents_in(events: Sequence[Json]) -> list[Json]:
    """Every document that the events attach: at which version, where it lies, and its digest."""
    return [
        {"version": event["version"], **document}
        for event in events
        for document in _documents(event["data"])
    ]


def _documents(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        if {"uri", "sha256"} <= value.keys():
            yield value
        for inner in value.values():
            yield from _documents(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _documents(inner)
