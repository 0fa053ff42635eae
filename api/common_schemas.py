"""The schemas that answers of every kind are made of: problems, who did it, what is not shown."""

from __future__ import annotations

from api.json_schema import NUMBER, TEXT, Json, an_object, list_of, ref
from domain import values


def common_schemas() -> dict[str, Json]:
    return {
        "Problem": _problem(),
        "FieldError": _field_error(),
        "Hidden": an_object(hidden={"const": True}),
        "Erased": an_object(erased={"const": True}),
        "Actor": an_object(id=TEXT, kind={"enum": [kind.value for kind in values.ActorKind]}),
    }


def _problem() -> Json:
    """A problem of RFC 9457, with members of our own."""
    problem = an_object(
        type=TEXT, title=TEXT, status=NUMBER, detail=TEXT, instance=TEXT, code=TEXT,
        request_id=TEXT,
    )  # fmt: skip
    problem["properties"] |= {
        "errors": list_of(ref("FieldError")),
        "params": {"type": "object"},
        "current_version": NUMBER,
    }
    return problem


def _field_error() -> Json:
    return {
        "type": "object",
        "properties": {
            "pointer": {"type": "string", "description": "Where in the body (RFC 6901)."},
            "parameter": {"type": "string", "description": "Which query parameter."},
            "header": {"type": "string", "description": "Which request header."},
            "code": {"type": "string", "description": "Stable; may be branched on."},
            "detail": {"type": "string"},
            "allowed": list_of(TEXT),
            "reference_book": TEXT,
        },
        "required": ["code", "detail"],
    }
