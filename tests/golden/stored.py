"""The stored story: real events in their stored form, sealed under keys that stand beside it."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from domain.conflict_case import ConflictCase
from domain.events import CaseEvent
from domain.values import Status
from service.data_keys import DataKey, MasterKeys, new_secret, parsed
from service.mapper import CaseEventMapper

STORY = Path(__file__).with_name("story.jsonl")
KEYS = Path(__file__).with_name("subject_keys.json")
DIGESTS = Path(__file__).with_name("story.sha256")
MASTER_KEY = MasterKeys(bytes(range(32)))


@dataclass(frozen=True)
class Line:
    """One stored event, and the status that its case had after it."""

    stored: StoredEvent
    status: Status

    @property
    def state(self) -> dict[str, Any]:
        return dict(json.loads(self.stored.state))


class KeptKeys:
    """The keys of the story's subjects, from a file where the service has a table."""

    def __init__(self, rows: Iterable[dict[str, str]]) -> None:
        self._by_id: dict[UUID, DataKey] = {}
        self._by_subject: dict[str, DataKey] = {}
        self.rows = list(rows)
        for row in self.rows:
            key_id = UUID(row["key_id"])
            secret = MASTER_KEY.unwrap(b64decode(row["wrapped_key"]), key_id)
            self._remember(DataKey(key_id, row["subject_ref"], secret))

    def _remember(self, key: DataKey) -> None:
        self._by_id[key.key_id] = self._by_subject[key.subject_ref] = key

    def seal(self, text: str, subject_ref: str, bound_to: bytes) -> str:
        if subject_ref not in self._by_subject:
            self._add(subject_ref)
        return self._by_subject[subject_ref].seal(text, bound_to)

    def _add(self, subject_ref: str) -> None:
        key_id, secret = new_secret()
        wrapped = b64encode(MASTER_KEY.wrap(secret, key_id)).decode()
        self.rows.append(
            {"key_id": str(key_id), "subject_ref": subject_ref, "wrapped_key": wrapped}
        )
        self._remember(DataKey(key_id, subject_ref, secret))

    def unseal(self, token: str, bound_to: bytes) -> str:
        sealed = parsed(token)
        return self._by_id[sealed.key_id].open(sealed, bound_to)

    def is_erased(self, token: str) -> bool:
        return False


def kept_keys() -> KeptKeys:
    return KeptKeys(json.loads(KEYS.read_text("utf-8")) if KEYS.exists() else ())


@cache
def mapper() -> CaseEventMapper:
    """The service's own mapper on the kept keys."""
    return CaseEventMapper(kept_keys())  # type: ignore[arg-type]


def lines() -> list[Line]:
    """The stored story, in order."""
    texts = STORY.read_text("utf-8").splitlines() if STORY.exists() else []
    return [_line(json.loads(text)) for text in texts]


def digest_of(text: str) -> str:
    """What stands in the list of digests for a line of the story."""
    return hashlib.sha256(text.encode()).hexdigest()


def _line(row: dict[str, Any]) -> Line:
    stored = StoredEvent(
        originator_id=UUID(row["case"]),
        originator_version=row["version"],
        topic=row["topic"],
        state=json.dumps(row["state"], ensure_ascii=False).encode(),
    )
    return Line(stored, Status(row["status"]))


def append(case_events: Sequence[CaseEvent], keys: KeptKeys) -> None:
    """Add the events of one case at the end. Lines that stand there are never edited."""
    case = ConflictCase(case_events[0].case_id)
    stored = CaseEventMapper(keys).stored(case_events, keys)  # type: ignore[arg-type]
    with STORY.open("a", encoding="utf-8") as file, DIGESTS.open("a", encoding="ascii") as digests:
        for event, form in zip(case_events, stored, strict=True):
            case.remember(event)
            row = {
                "case": str(event.case_id),
                "version": event.version,
                "topic": form.topic,
                "status": case.status,
                "state": json.loads(form.state),
            }
            text = json.dumps(row, ensure_ascii=False)
            file.write(f"{text}\n")
            digests.write(f"{digest_of(text)}  {form.topic}\n")
    KEYS.write_text(json.dumps(keys.rows, indent=1) + "\n", "utf-8")
