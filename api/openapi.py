"""The OpenAPI 3.1 description, made from the same rows as the URL map."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from api import examples
from api.answer_schemas import answer_schemas
from api.errors import PROBLEM_KINDS
from api.json_schema import Json, SchemaBook
from api.routes import EVERY_ROLE, JSON, ZIP, Param, Route
from api.version import installed_version
from domain.lifecycle import Step

TITLE: Final = "Amends"
_ABOUT: Final = (
    "Keeps the life of every customer conflict as events, from the first report to the last "
    "lesson. Bodies are JSON in UTF-8; unknown fields are refused; every error is a problem as "
    "in RFC 9457 with a stable `code`. A change names the version it saw in `If-Match` and may "
    "be retried with the same `Idempotency-Key`."
)
_CONVERTER: Final = re.compile(r"<(?:(?P<kind>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")
_PATH_SCHEMAS: Final[dict[str, Json]] = {
    "uuid": {"type": "string", "format": "uuid"},
    "case": {
        "type": "string",
        "description": "The id of the case, a UUID, or its reference, such as C-2026-000123.",
        "examples": ["0190f3c2-7b1e-7c4d-9a51-2f6b8e0d4c11", "C-2026-000123"],
    },
    "int": {"type": "integer", "minimum": 0},
    "": {"type": "string"},
    "path": {"type": "string"},
}


def document(routes: Iterable[Route]) -> Json:
    """The whole description."""
    book = SchemaBook()
    paths: dict[str, Json] = {}
    for route in routes:
        path = paths.setdefault(openapi_path(route.path), {})
        path[route.method.lower()] = _operation(route, book)
    components = answer_schemas(book)
    components |= book.components
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": installed_version(), "description": _ABOUT},
        "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key, or a JWT access token (RFC 9068).",
                }
            },
            "responses": {"Problem": _problem_answer()},
        },
    }


def openapi_path(path: str) -> str:
    """`/v1/cases/<uuid:case_id>` as OpenAPI writes it: `/v1/cases/{case_id}`."""
    return _CONVERTER.sub(lambda found: f"{{{found['name']}}}", path)


def _operation(route: Route, book: SchemaBook) -> Json:
    operation: Json = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": [*_path_params(route), *_header_params(route), *map(_query, route.params)],
        "responses": _answers(route),
    }
    if route.roles is None:
        operation["security"] = []
    elif route.roles != EVERY_ROLE:
        operation["description"] = f"Roles: {', '.join(sorted(route.roles))}."
    if route.step:
        operation["requestBody"] = _body(route.step, route.summary, book)
    elif route.order:
        operation["requestBody"] = _order(route.order, route, book)
    return operation


def _path_params(route: Route) -> list[Json]:
    return [
        {
            "name": found["name"],
            "in": "path",
            "required": True,
            "schema": _PATH_SCHEMAS[found["kind"] or ""],
        }
        for found in _CONVERTER.finditer(route.path)
    ]


def _header(name: str, about: str, *, required: bool = False) -> Json:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "schema": {"type": "string"},
        "description": about,
    }


_KEY: Final = "1 to 255 printable characters, quoted or bare; the same for a retry."


def _header_params(route: Route) -> list[Json]:
    if route.order:
        version = 'The ETag of what you decided upon, such as `"1"`.'
        seen = [_header("If-Match", version, required=True)] if route.versioned else []
        return [_header("Idempotency-Key", _KEY, required=True), *seen]
    if ZIP in route.media_types:
        return [_header("Amends-Access-Reason", "Why: a ticket or a file number, for the log.")]
    if not route.step:
        return []
    begins = route.step.begins_a_case
    version = (
        'The ETag of the case you decided upon, such as `"3"`. It stays good while nothing but '
        "timers has moved the case."
    )
    found = [_header("Idempotency-Key", _KEY, required=begins)]
    if not begins:
        found.append(_header("If-Match", version, required=True))
    found.append(_header("X-Correlation-Id", "The conversation between services."))
    found.append(_header("X-Causation-Id", "What made the caller send this."))
    return found


def _query(param: Param) -> Json:
    schema = {"type": "array", "items": param.schema} if param.many else param.schema
    return {"name": param.name, "in": "query", "schema": schema, "description": param.about}


def _body(step: Step, summary: str, book: SchemaBook) -> Json:
    name = f"{step.event.__name__}Body"
    book.components[name] = {**book.body(step), "description": summary}
    shown = {
        language: {"summary": summary, "value": examples.body(step.command, language)}
        for language, summary in (("en", "In English"), ("zh", "In Chinese"))
    }
    content = {"schema": {"$ref": f"#/components/schemas/{name}"}, "examples": shown}
    return {"required": bool(step.body_fields), "content": {JSON: content}}


def _order(order: type, route: Route, book: SchemaBook) -> Json:
    name = f"{order.__name__}Body"
    book.components[name] = {**book.order(order), "description": route.summary}
    content = {
        "schema": {"$ref": f"#/components/schemas/{name}"},
        "examples": {"en": {"summary": "An example", "value": dict(route.example)}},
    }
    return {"required": True, "content": {JSON: content}}


def _answers(route: Route) -> Json:
    schema: Json = {"$ref": f"#/components/schemas/{route.shows}"}
    content = {
        media_type: {"schema": schema if media_type in (JSON, ZIP) else {"type": "string"}}
        for media_type in route.media_types
    }
    answer: Json = {"description": "Done.", "content": content, "headers": _answer_headers(route)}
    return {str(route.status): answer, "default": {"$ref": "#/components/responses/Problem"}}


VERSIONED: Final = {
    "Case": "case",
    "Alarm": "alarm",
    "Review": "review",
    "CorrectiveAction": "corrective action",
}


def _answer_headers(route: Route) -> Json:
    about = {"X-Request-Id": "The id of this request, also in the log."}
    for shown, named in VERSIONED.items():
        if route.shows == shown:
            about["ETag"] = f"The version of the {named}."
    if route.status == 303:
        about["Location"] = "Where to go."
    if route.step or route.order:
        about["Amends-Position"] = "Where the event stands in the log, for `wait_for`."
        about["Idempotency-Replayed"] = "`true` where this is the first answer again."
        if route.step and route.status == 201:
            about["Location"] = "The address of the case."
    if "cursor" in {param.name for param in route.params}:
        about["Link"] = 'The next page, as `rel="next"`; absent on the last.'
    if "wait_for" in {param.name for param in route.params}:
        about["Amends-Read-Position"] = "How far the list has read."
        about["Amends-Lag-Seconds"] = "How old the oldest event is that it has not read."
    return {
        name: {"description": text, "schema": {"type": "string"}} for name, text in about.items()
    }


def _problem_answer() -> Json:
    example: dict[str, Any] = {
        "type": "/docs#problem-case_has_moved",
        "title": PROBLEM_KINDS["case_has_moved"].title.en,
        "status": 412,
        "detail": PROBLEM_KINDS["case_has_moved"].advice.en,
        "instance": "urn:amends:request:4f1c2a9be07d",
        "code": "case_has_moved",
        "request_id": "4f1c2a9be07d",
        "current_version": 7,
    }
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
    return {
        "description": "A problem (RFC 9457); /docs lists every code.",
        "content": {"application/problem+json": content},
    }
