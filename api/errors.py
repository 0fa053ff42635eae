"""Every error as one shape: RFC 9457 problem details, in English or Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from flask import Flask, Request, Response, current_app, g, request
from sqlalchemy.exc import ProgrammingError
from werkzeug.exceptions import HTTPException

from api.field_errors import sentence
from api.http_catalogue import CODE_FOR_STATUS, HTTP_PROBLEMS
from api.http_steps import STEP_PATHS
from api.outages import is_outage
from api.problem_catalogue import REQUEST_PROBLEMS, Kind
from api.refusals import REFUSAL_PROBLEMS
from domain.errors import Refusal
from domain.reference_books import UnknownEdition, UnknownVersion
from projections.cursors import InvalidCursor
from projections.health import ReadModelNotReady
from projections.read_models import lacks_what_is_asked
from projections.rewinding import TooMuchHasMoved
from projections.turns import PastIsBusy
from service.event_store import PositionNotInLog, StoreBusy
from service.mapper import UnreadableEvent
from service.record_book import UnreadableRecord

PROBLEM_KINDS: Final[dict[str, Kind]] = {**HTTP_PROBLEMS, **REQUEST_PROBLEMS, **REFUSAL_PROBLEMS}
RETRY_AFTER_SECONDS: Final = 2
_MAX_ERRORS: Final = 50
_KEPT_HEADERS: Final = frozenset({"allow", "retry-after", "www-authenticate"})


class Problem(Exception):
    """A request ends here with an answer from the table; `members` extend it (RFC 9457, 3.2)."""

    def __init__(
        self,
        code: str,
        *,
        errors: Iterable[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **members: object,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.members = members


HAS_MOVED: Final = frozenset(
    {"case_has_moved", "alarm_has_moved", "review_has_moved", "corrective_action_has_moved"}
)


def from_refusal(refusal: Refusal) -> Problem:
    """The domain's refusal as a problem; params hold codes, numbers and field paths only."""
    params = dict(refusal.params)
    pointer = "/" + str(params.pop("field", "")).replace(".", "/")
    if refusal.code == "invalid_value":
        error = {"pointer": pointer, "code": str(params.get("reason", "invalid"))}
        return Problem(refusal.code, errors=(error,))
    if refusal.code in HAS_MOVED:
        return Problem(refusal.code, current_version=params["current_version"])
    if "step" in params:
        params["step"] = STEP_PATHS.get(str(params["step"]), params["step"])
    errors = [{"pointer": pointer, "code": refusal.code}] if pointer != "/" else []
    if not params:
        return Problem(refusal.code, errors=errors)
    return Problem(refusal.code, errors=errors, params=params)


def from_http(error: HTTPException) -> Problem:
    """An error of the HTTP library as a problem; only headers that carry meaning stay."""
    status = error.code if error.code and error.code >= 400 else 404
    headers = {name: value for name, value in error.get_headers() if name.lower() in _KEPT_HEADERS}
    return Problem(CODE_FOR_STATUS.get(status, "bad_request"), headers=headers)


def language_of(asking: Request) -> str:
    """`zh` or `en`, whichever the caller likes better; `en` where neither is named.

    A regional tag asks for its language with its own weight (RFC 4647, 3.4; RFC 9110, 12.5.4):
    `zh-CN, en;q=0.1` is Chinese. Of two languages of one weight the first named is liked better.
    """
    weights: dict[str, float] = {}
    for tag, weight in asking.accept_languages:
        language = tag.replace("_", "-").partition("-")[0].lower()
        weights[language] = max(weight, weights.get(language, 0.0))
    anything_else = weights.get("*", 0.0)
    offered = sorted(("en", "zh"), key=lambda each: [*weights, each].index(each))
    best = max(offered, key=lambda each: weights.get(each, anything_else))
    return best if weights.get(best, anything_else) else "en"


def render(problem: Problem) -> Response:
    """The answer for a problem, in the language the caller likes best."""
    language = language_of(request)
    kind = PROBLEM_KINDS[problem.code]
    body: dict[str, Any] = {
        "type": f"/docs#problem-{problem.code}",
        "title": kind.title.in_language(language),
        "status": kind.status,
        "detail": kind.advice.in_language(language),
        "instance": f"urn:amends:request:{g.context.request_id}",
        "code": problem.code,
        "request_id": g.context.request_id,
        **problem.members,
    }
    if problem.errors:
        body["errors"] = [_worded(error, language) for error in problem.errors[:_MAX_ERRORS]]
    answer = Response(msgspec.json.encode(body, enc_hook=_plain), status=kind.status)
    answer.headers.update(problem.headers)
    answer.headers["Content-Type"] = "application/problem+json"
    answer.headers["Content-Language"] = language
    answer.headers["Vary"] = "Accept-Language"
    g.context.problem_code = problem.code
    return answer


def _worded(error: Mapping[str, Any], language: str) -> dict[str, Any]:
    code, _, limit = error["code"].partition(" ")
    refusal = REFUSAL_PROBLEMS.get(code)
    told = refusal.title.in_language(language) if refusal else sentence(code, limit, language)
    return {**error, "code": code, "detail": told}


def _plain(value: object) -> object:
    if isinstance(value, frozenset | set):
        return sorted(str(item) for item in value)
    return str(value)


def install(app: Flask) -> None:
    """Route every error of the app through the one shape."""
    app.register_error_handler(Problem, render)
    app.register_error_handler(Refusal, lambda refusal: render(from_refusal(refusal)))
    app.register_error_handler(InvalidCursor, lambda _: render(Problem("invalid_cursor")))
    app.register_error_handler(TooMuchHasMoved, lambda fault: render(_too_much(fault)))
    app.register_error_handler(PastIsBusy, lambda _: render(_again_later("past_is_busy")))
    app.register_error_handler(
        ReadModelNotReady, lambda _: render(_again_later("read_model_not_ready"))
    )
    app.register_error_handler(PositionNotInLog, lambda _: render(Problem("position_not_in_log")))
    app.register_error_handler(HTTPException, lambda error: render(from_http(error)))
    app.register_error_handler(UnreadableEvent, _not_readable)
    for newer in (UnknownEdition, UnknownVersion, UnreadableRecord):
        app.register_error_handler(newer, _written_by_newer)
    app.register_error_handler(ProgrammingError, _perhaps_not_rebuilt)
    app.register_error_handler(Exception, _unexpected)


def _too_much(fault: TooMuchHasMoved) -> Problem:
    return Problem("too_much_has_moved", most_events=fault.most_events)


def _again_later(code: str) -> Problem:
    return Problem(code, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def _not_readable(error: UnreadableEvent) -> Response:
    """The event's name says which version is needed; its content is not repeated."""
    g.context.log_failure(error)
    return render(
        Problem(
            "event_not_readable",
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
            event=error.topic,
            case_id=str(error.case_id),
            version=error.version,
        )
    )


def _written_by_newer(error: Exception) -> Response:
    """What a caller names is looked up before; so only what is stored can lead here."""
    g.context.log_failure(error)
    return render(_again_later("written_by_newer_version"))


def _perhaps_not_rebuilt(error: ProgrammingError) -> Response:
    """During an upgrade the read model in use may still lack what this version asks it for."""
    if not lacks_what_is_asked(current_app.extensions["amends"].engine, error):
        return _unexpected(error)
    g.context.log_failure(error)
    return render(_again_later("read_model_not_ready"))


def _unexpected(error: Exception) -> Response:
    g.context.log_failure(error)
    if isinstance(error, StoreBusy) and "Idempotency-Key" in request.headers:
        return render(Problem("still_running", headers={"Retry-After": "1"}))
    if is_outage(error):
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return render(Problem("database_unavailable", headers=headers))
    return render(Problem("internal_error"))
