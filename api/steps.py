"""One view for every lifecycle step: body in by schema, one call, the case out."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from api import headers
from api.addresses import with_case_ids
from api.case_json import add_steps, case_json
from api.case_labels import add_labels
from api.fields import body_schema, load, order_schema
from api.http_steps import HTTP_STEPS, STEP_PATHS
from api.json_body import canonical
from api.pages import in_language
from api.plain_words import first_line
from api.request_body import read_body
from api.routes import Answer, Call, Route
from domain.circumstances import Circumstances
from domain.kinds import OfCase
from domain.lifecycle import Step
from domain.values import Via
from service.conflict_cases import Taken
from service.event_store import Command

BODIES: Final = {step.command: body_schema(step) for step in HTTP_STEPS}


def circumstances(call: Call, occurred_at: datetime | None) -> Circumstances:
    """Who acts, by which right and in which conversation: all from credential and headers."""
    context = call.context
    return Circumstances(
        actor=call.credential.actor,
        roles=call.credential.roles,
        now=datetime.now(UTC),
        correlation_id=headers.correlation_id(call.request, context.trace_id, context.request_id),
        causation_id=headers.causation_id(call.request),
        via=Via.API,
        occurred_at=occurred_at,
    )


def command(call: Call, key: str | None, body: Mapping[str, Any]) -> Command:
    """The name and the fingerprint of the request, which are stored with its event.

    If-Match is no part of the fingerprint: a retry may name the version that it led to. A
    request without a key gets a name of its own, so that the service itself can find out what
    became of it when the connection to the database breaks.
    """
    command_id = uuid5(call.credential.id, key) if key is not None else uuid4()
    request = call.request
    told = b"\n".join((request.method.encode(), request.path.encode(), canonical(body)))
    return Command(command_id, hmac.digest(call.front.service.request_key, told, "sha256"))


def ordered(call: Call, order: type) -> tuple[dict[str, Any], Circumstances, Command]:
    """The body of a request that takes no step, who sends it, and its name for retries."""
    key = headers.idempotency_key(call.request, required=True)
    body = read_body(call.request)
    details = load(order_schema(order), body)
    return details, circumstances(call, None), command(call, key, body)


def report_view(step: Step) -> Callable[..., Answer]:
    """The view of the step that begins a case."""

    def report(call: Call) -> Answer:
        key = headers.idempotency_key(call.request, required=True)
        body = read_body(call.request)
        details = load(BODIES[step.command], body)
        by = circumstances(call, details.pop("occurred_at", None))
        taken = call.front.cases.begin(step.command, details, by, command=command(call, key, body))
        call.context.case_id = str(taken.case.id)
        return _answer(call, taken, 201, {"Location": f"/v1/cases/{taken.case.id}"})

    return report


def step_view(step: Step) -> Callable[..., Answer]:
    """The view of a later step."""

    of_cases = [field.name for field in step.body_fields if field.kind.mark(OfCase)]

    def take(call: Call, case_id: UUID) -> Answer:
        key = headers.idempotency_key(call.request, required=False)
        version = headers.expected_version(call.request)
        body = read_body(call.request)
        told = with_case_ids(call.front, body, of_cases) if of_cases else body
        details = load(BODIES[step.command], told)
        by = circumstances(call, details.pop("occurred_at", None))
        taken = call.front.cases.take_step(
            case_id,
            step.command,
            details,
            expected_version=version,
            by=by,
            command=command(call, key, body),
        )
        return _answer(call, taken, 200, {})

    return take


def _answer(call: Call, taken: Taken, status: int, more: dict[str, str]) -> Answer:
    shown = add_labels(case_json(taken.case, call.reader(), taken.recorded_at), call.language)
    add_steps(shown, taken.case.allowed_steps(call.credential))
    answer_headers = {
        "ETag": headers.etag(taken.case.version),
        "Amends-Position": str(taken.position),
        **more,
    }
    if taken.replayed:
        answer_headers["Idempotency-Replayed"] = "true"
    return in_language(call, Answer(shown, status, answer_headers))


def step_routes() -> tuple[Route, ...]:
    """One route for every step of the table that HTTP offers."""
    return tuple(_step_route(step) for step in HTTP_STEPS)


def _step_route(step: Step) -> Route:
    begins = step.begins_a_case
    return Route(
        method="POST",
        path="/v1/cases" if begins else f"/v1/cases/<case:case_id>/{STEP_PATHS[step.command]}",
        name=step.command,
        summary=first_line(step.event.__doc__),
        tag="Steps",
        view=report_view(step) if begins else step_view(step),
        roles=step.roles,
        step=step,
        status=201 if begins else 200,
        shows="Case",
    )
