"""Building blocks of the tests about erasures, holds and records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from domain.circumstances import Circumstances
from domain.conflict_case import ConflictCase
from domain.personal import ERASED, PersonalText
from domain.values import Customer, Role
from service.assembly import Service
from service.erasure_records import Erasure
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
