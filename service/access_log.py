"""Who was shown personal data: recorded before they see it, and read by auditors."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Connection, text

from domain.circumstances import Circumstances
from domain.records import PersonalDataAccessed, checked
from service.event_store import SubjectKeyDestroyed
from service.event_store.records import HIGHEST_POSITION
from service.keys import SubjectKeys
from service.record_book import LoggedRecord, RecordBook, envelope, logged_record
from service.subjects import Subjects

PAGE: Final = text("""
    SELECT position, recorded_at, originator_id::text, originator_version, topic, state
    FROM records
    WHERE topic = 'personal_data_accessed:1'
        AND position < (SELECT horizon FROM event_horizon)
        AND position < :before
        AND (CAST(:actor AS text) IS NULL OR said_by_record(state) #>> '{actor,id}' = :actor)
        AND (CAST(:cases AS text[]) IS NULL OR said_by_record(state) -> 'cases' ?| :cases)
        AND (CAST(:since AS timestamptz) IS NULL OR recorded_at >= :since)
        AND (CAST(:until AS timestamptz) IS NULL OR recorded_at < :until)
    ORDER BY position DESC LIMIT :limit
""")


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What somebody was shown, and where: see `domain.records.PersonalDataAccessed`."""

    what: str
    cases: Collection[UUID] = ()
    texts: int = 0
    searched: bool = False
    subject_ref: str | None = None
    reason: str | None = None
    credential_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class AccessFilter:
    """Which accesses are asked for; None does not narrow. Times are those of recording."""

    actor_id: str | None = None
    case_id: UUID | None = None
    subject_ref: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class AccessLog:
    """Notes accesses and finds them again."""

    book: RecordBook
    keys: SubjectKeys
    subjects: Subjects

    def note(self, looked: Looked, by: Circumstances, key_ids: Collection[UUID]) -> None:
        """Record an access before anything is shown. `key_ids`: what the texts opened with.

        Raises SubjectKeyDestroyed where one of the keys was destroyed meanwhile: what was opened
        with it must not be shown; the keys are forgotten, so opening again gives ERASED. Raises
        InvalidValue, StoreUnavailable; then nothing may be shown either.
        """
        record = PersonalDataAccessed(
            **envelope(uuid4(), 1, by),
            what=looked.what,
            credential_id=looked.credential_id,
            cases=tuple(sorted(looked.cases)),
            subject_ref=looked.subject_ref,
            texts=looked.texts,
            searched=looked.searched,
            reason=looked.reason,
        )
        checked(record)
        try:
            self.book.append(record, used_key_ids=key_ids)
        except SubjectKeyDestroyed:
            self.keys.forget_ids(key_ids)
            raise

    def page(
        self, connection: Connection, wanted: AccessFilter, limit: int, before: int | None = None
    ) -> Sequence[LoggedRecord]:
        """The newest accesses before a position, at most `limit`."""
        values: dict[str, Any] = {
            "before": HIGHEST_POSITION if before is None else before,
            "actor": wanted.actor_id,
            "cases": self._cases(wanted),
            "since": wanted.since,
            "until": wanted.until,
            "limit": limit,
        }
        return [logged_record(tuple(row)) for row in connection.execute(PAGE, values)]

    def _cases(self, wanted: AccessFilter) -> list[str] | None:
        """The cases asked for: one, or all of a person."""
        if wanted.subject_ref is None:
            return None if wanted.case_id is None else [str(wanted.case_id)]
        theirs = set(self.subjects.cases_of(wanted.subject_ref))
        if wanted.case_id is not None:
            theirs &= {wanted.case_id}
        return [str(case_id) for case_id in theirs]
