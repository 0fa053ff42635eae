"""Erasing a person, and the legal holds that forbid it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from api import params
from api.json_body import rfc3339
from api.pages import next_link
from api.parsing import Fault
from api.routes import Answer, Call, Route
from api.steps import ordered
from domain.errors import SubjectNotFound
from domain.kinds import CodeOf
from domain.value_kinds import ExternalRef, SubjectRef
from domain.values import Role
from projections.cursors import decode, encode
from projections.forgetting import forget_cases
from projections.read_models import READ_MODELS
from service.erasure_records import Erasure
from service.legal_holds import Held

PRIVACY: Final = frozenset({Role.PRIVACY})
HOLD_READERS: Final = frozenset({Role.PRIVACY, Role.AUDITOR})


@dataclass(frozen=True, kw_only=True)
class EraseSubject:
    """On which ground, and by whose request."""

    ground: Annotated[str, CodeOf("erasure_grounds")]
    request_ref: ExternalRef | None = None


@dataclass(frozen=True, kw_only=True)
class PlaceHold:
    """A person or a case, and why it must be kept: the ground and the file number."""

    subject_ref: SubjectRef | None = None
    case_id: UUID | None = None
    ground: Annotated[str, CodeOf("hold_grounds")]
    matter: ExternalRef


@dataclass(frozen=True, kw_only=True)
class ReleaseHold:
    """Why it need not be kept any longer."""

    ground: Annotated[str, CodeOf("hold_release_grounds")]


def subject(ref: str) -> str:
    """A person's reference from an address. Raises SubjectNotFound."""
    try:
        return params.subject(ref)
    except Fault:
        raise SubjectNotFound from None


def erase_subject(call: Call, ref: str) -> Answer:
    """Destroy the person's keys; the same answer when they were destroyed before."""
    order, by, command = ordered(call, EraseSubject)
    service = call.front.service
    erasure = service.erasures.erase(subject(ref), by, **order, command=command)
    forget_cases(service.engine, READ_MODELS, service.subjects.cases_of(ref))
    headers = {"Amends-Position": str(erasure.position)}
    if not erasure.is_new:
        headers["Idempotency-Replayed"] = "true"
    return Answer(erasure_json(erasure), headers=headers)


def erasure_json(erasure: Erasure) -> dict[str, Any]:
    """An erasure with who asked for it, when and on which ground."""
    record = erasure.record
    return {
        "subject_ref": record.subject_ref,
        "erasure_id": str(erasure.id),
        "erased_at": rfc3339(erasure.recorded_at),
        "ground": record.ground,
        "request_ref": record.request_ref,
        "actor": {"id": record.actor.id, "kind": record.actor.kind.value},
        "keys_destroyed": record.keys,
        "cases": record.cases,
    }


def place_hold(call: Call) -> Answer:
    """Place a legal hold on a person or on the person of a case."""
    order, by, command = ordered(call, PlaceHold)
    scope = {"subject_ref": None, "case_id": None}
    held = call.front.service.holds.place(by, **{**scope, **order}, command=command)
    return _hold_answer(held, 201)


def list_holds(call: Call) -> Answer:
    """A page of all holds, released ones too, the oldest first."""
    held, limit = call.front.service.holds.all(), call.query["limit"]
    # Holds are never removed, so how many came before is a place that stays.
    (before,) = decode(call.query["cursor"], tuple[int]) if call.query["cursor"] else (0,)
    page = held[max(before, 0) :][:limit]
    cursor = encode(before + limit) if before + limit < len(held) else None
    return Answer(
        {"items": [hold_json(each) for each in page]}, headers=next_link(call.request, cursor)
    )


def release_hold(call: Call, hold_id: UUID) -> Answer:
    """Release a hold."""
    order, by, command = ordered(call, ReleaseHold)
    held = call.front.service.holds.release(hold_id, by, **order, command=command)
    return _hold_answer(held, 200)


def _hold_answer(held: Held, status: int) -> Answer:
    headers = {"Amends-Position": str(held.position)}
    if held.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Answer(hold_json(held), status, headers)


def hold_json(held: Held) -> dict[str, Any]:
    """A hold with who placed and released it, when and why."""
    placed, released = held.hold.placed, held.hold.released
    return {
        "id": str(held.hold.id),
        "subject_ref": placed.subject_ref,
        "case_id": str(placed.case_id) if placed.case_id else None,
        "ground": placed.ground,
        "matter": placed.matter,
        "placed_at": rfc3339(held.placed_at),
        "placed_by": {"id": placed.actor.id, "kind": placed.actor.kind.value},
        "stands": held.hold.stands,
        "release_ground": released.ground if released else None,
        "released_at": rfc3339(held.released_at) if held.released_at else None,
        "released_by": (
            {"id": released.actor.id, "kind": released.actor.kind.value} if released else None
        ),
    }


PRIVACY_ROUTES: Final = (
    Route(
        method="POST",
        path="/v1/subjects/<path:ref>/erase",
        name="erase_subject",
        summary="Destroy a person's keys: what their cases say in words is gone for good.",
        tag="Privacy",
        view=erase_subject,
        roles=PRIVACY,
        order=EraseSubject,
        example={"ground": "consent_withdrawn", "request_ref": "privacy-2026-118"},
        shows="Erasure",
    ),
    Route(
        method="POST",
        path="/v1/legal-holds",
        name="place_hold",
        summary="Forbid the erasure of a person, or of the person of a case.",
        tag="Privacy",
        view=place_hold,
        roles=PRIVACY,
        order=PlaceHold,
        example={"subject_ref": "CUST-1", "ground": "litigation", "matter": "court-2026-77"},
        shows="LegalHold",
        status=201,
    ),
    Route(
        method="GET",
        path="/v1/legal-holds",
        name="list_holds",
        summary="Every legal hold, released ones too.",
        tag="Privacy",
        view=list_holds,
        roles=HOLD_READERS,
        params=(params.CURSOR, params.LIMIT),
        shows="LegalHoldList",
    ),
    Route(
        method="POST",
        path="/v1/legal-holds/<uuid:hold_id>/release",
        name="release_hold",
        summary="Release a legal hold.",
        tag="Privacy",
        view=release_hold,
        roles=PRIVACY,
        order=ReleaseHold,
        example={"ground": "matter_closed"},
        shows="LegalHold",
    ),
)
