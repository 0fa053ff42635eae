"""The schemas about personal data: what is held, erasures, legal holds, who looked."""

from __future__ import annotations

from api.json_schema import FLAG, NUMBER, TEXT, TIME, Json, an_object, list_of, or_null, ref


def privacy_schemas() -> dict[str, Json]:
    return {
        "SubjectExport": _export(),
        "Access": _access(),
        "AccessPage": an_object(items=list_of(ref("Access"))),
        "Erasure": an_object(
            subject_ref=TEXT,
            erasure_id=TEXT,
            erased_at=TIME,
            ground=TEXT,
            request_ref=or_null(TEXT),
            actor=ref("Actor"),
            keys_destroyed=NUMBER,
            cases=NUMBER,
        ),
        "LegalHold": _hold(),
        "LegalHoldList": an_object(items=list_of(ref("LegalHold"))),
    }


def _export() -> Json:
    exported = an_object(
        id=TEXT,
        reference=TEXT,
        status=TEXT,
        edition=NUMBER,
        events=list_of({"type": "object"}),
    )
    return an_object(
        subject_ref=TEXT,
        exported_at=TIME,
        cases=list_of(exported),
        legal_holds=list_of(ref("LegalHold")),
        erasures=list_of(ref("Erasure")),
        alarms=list_of(ref("Alarm")),
        indicators=list_of(ref("SuppliedIndicatorShown")),
        risk=ref("CustomerRisk"),
        accesses=list_of(ref("Access")),
    )


def _hold() -> Json:
    return an_object(
        id=TEXT,
        subject_ref=or_null(TEXT),
        case_id=or_null(TEXT),
        ground=TEXT,
        matter=TEXT,
        placed_at=TIME,
        placed_by=ref("Actor"),
        stands=FLAG,
        release_ground=or_null(TEXT),
        released_at=or_null(TIME),
        released_by=or_null(ref("Actor")),
    )


def _access() -> Json:
    return an_object(
        position=NUMBER,
        recorded_at=TIME,
        actor=ref("Actor"),
        credential_id=or_null(TEXT),
        via=TEXT,
        what=TEXT,
        cases=list_of(TEXT),
        subject_ref=or_null(TEXT),
        texts=NUMBER,
        searched=FLAG,
        reason=or_null(TEXT),
        correlation_id=TEXT,
    )
