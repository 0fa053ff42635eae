"""Building blocks of the tests about erasures, holds and records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from domain.circumstances import Circumstances
from domain.conflict_case import ConflictCase
from domain.personal import ERASED, PersonalText
from domain.records import SubjectErased
from domain.values import Customer, Role
from service.assembly import Service
from service.erasure_records import Erasure, erasures_of
from service.event_store.encoding import one_event, uuid_array
from service.record_book import APPEND, as_stored, envelope
from tests.given import circumstances, details_for


def privacy_officer(**others: Any) -> Circumstances:
    return circumstances("pia", [Role.PRIVACY], datetime.now(UTC), **others)


def a_case_of(service: Service, ref: str, summary: str = "Late parcel") -> UUID:
    """A reported case of this customer."""
    customer = Customer(ref=ref, name=PersonalText("Jo Doe"))
    details = details_for("report", ConflictCase(uuid4()))
    details |= {"customer": customer, "summary": PersonalText(summary)}
    return service.cases.begin("report", details, circumstances()).case.id


def erase(service: Service, ref: str, **others: Any) -> Erasure:
    asked = {"ground": "consent_withdrawn", "request_ref": "privacy-7"} | others
    return service.erasures.erase(ref, privacy_officer(), **asked)


@contextmanager
def an_erasure_that_commits_last(service: Service, ref: str) -> Iterator[None]:
    """An erasure that has its place in the log, and commits after whatever happens meanwhile."""
    by, keys = privacy_officer(), service.keys.live_keys(ref)
    record = SubjectErased(
        **envelope(erasures_of(ref), 1, by),
        subject_ref=ref,
        ground="objection",
        keys=len(keys),
        cases=0,
    )
    values = (*one_event(as_stored(record), None, ()), uuid_array(keys))
    with service.engine.begin() as connection:
        connection.exec_driver_sql(APPEND, values)
        yield


def hold(service: Service, ref: str | None = None, case_id: UUID | None = None) -> UUID:
    """A standing hold on a person or a case."""
    held = service.holds.place(
        privacy_officer(),
        subject_ref=ref,
        case_id=case_id,
        ground="litigation",
        matter="court-2026-77",
    )
    return held.hold.id


def summary_of(service: Service, case_id: UUID) -> object:
    """What the case's summary reads as."""
    report = service.cases.get(case_id).report
    assert report is not None
    return report.summary.reveal()


def is_erased(service: Service, case_id: UUID) -> bool:
    return summary_of(service, case_id) == ERASED


def count(service: Service, table: str) -> int:
    with service.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
