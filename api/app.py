"""The web application: one table of routes, one guard around each, one shape for every error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from flask import Flask, Response, g, request
from werkzeug.datastructures import Headers

from api import errors, who_looked
from api.addresses import CaseConverter, named_case, require_utf8
from api.front import Front, build_front
from api.json_body import MAX_BODY_BYTES, encode
from api.metrics import UNKNOWN, RequestMetrics
from api.outages import is_outage
from api.request_context import RequestContext
from api.route_table import ROUTES
from api.routes import Answer, Call, Route, read_query
from api.witness import Witness
from service.event_store import StoreBusy, SubjectKeyDestroyed
from service.settings import Settings

# On every answer that does not say otherwise.
_ALWAYS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    # A case may change or be erased at any time, and every answer depends on who asks.
    ("Cache-Control", "no-store"),
)


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application for these settings, by default those of the environment."""
    settings = settings or Settings.from_environment()
    metrics = RequestMetrics(_measured(ROUTES), 2 * settings.web_processes)
    front = build_front(settings, metrics)
    app = Flask("amends", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.url_map.merge_slashes = False
    app.url_map.converters["case"] = CaseConverter
    app.extensions["amends"] = front
    errors.install(app)
    app.before_request(_open)
    app.after_request(_closing(metrics))
    for route in ROUTES:
        app.add_url_rule(
            route.path,
            endpoint=route.name,
            view_func=_guarded(front, route),
            methods=[route.method],
            provide_automatic_options=False,
        )
    app.wsgi_app = _with_headers(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _measured(routes: Iterable[Route]) -> list[tuple[str, str]]:
    return [UNKNOWN, *((route.method, route.path) for route in routes)]


def _guarded(front: Front, route: Route) -> Callable[..., Response]:
    """The view behind its guards: credential, rate limit, role, query parameters."""

    defaults = {param.name: param.default for param in route.params}

    def view(**path: Any) -> Response:
        context: RequestContext = g.context
        asker = None
        if route.roles is not None:
            try:
                asker = front.authenticator.credential(request.environ.get("HTTP_AUTHORIZATION"))
            except Exception as error:
                if route.in_outage is None or not is_outage(error):
                    raise
                return _response(route.in_outage(Call(front, request, context, None, {})))
            context.credential_id = str(asker.id)
            front.limiter.take(asker.id)
            if route.roles.isdisjoint(asker.roles):
                raise errors.Problem("forbidden", roles=sorted(route.roles))
        if "case_id" in path:
            path["case_id"] = named_case(front, path["case_id"])
            context.case_id = str(path["case_id"])
        query = read_query(route.params, request.args) if request.query_string else defaults
        call = Call(front, request, context, asker, query)
        return _response(_recorded(call, route, lambda: route.view(call, **path)))

    return view


def _recorded(call: Call, route: Route, answer: Callable[[], Answer]) -> Answer:
    """The answer, once it is on record that its personal texts were shown.

    Where a person was erased while their texts were opened, it is made again without them.
    """
    for _ in range(who_looked.MOST_TRIES):
        made = answer()
        try:
            who_looked.record(call, route, made)
        except SubjectKeyDestroyed:
            call.context.witness = Witness()
        else:
            return made
    raise StoreBusy("the keys of the texts kept being destroyed")


class WholeResponse(Response):
    """An answer whose headers are complete: nothing is looked up or corrected in them."""

    def get_wsgi_headers(self, environ: Any) -> Headers:
        return self.headers


def _response(answer: Answer) -> Response:
    body = answer.body if isinstance(answer.body, bytes | Iterator) else encode(answer.body)
    # Not through `mimetype`, which would add a charset that JSON does not have (RFC 8259, 11).
    headers = [("Content-Type", answer.media_type), *answer.headers.items()]
    return WholeResponse(body, status=answer.status, headers=headers)


def _with_headers(app: Callable[..., Any]) -> Callable[..., Any]:
    """The WSGI application with the headers that every answer has."""

    def respond(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            present = {name for name, _ in headers}
            headers.extend(pair for pair in _ALWAYS if pair[0] not in present)
            return start_response(status, headers, *failure)

        return app(environ, start)

    return respond


def _open() -> None:
    g.context = RequestContext(request)
    require_utf8(request.environ)


def _closing(metrics: RequestMetrics) -> Callable[[Response], Response]:
    """What is done with every answer, errors included: headers, one count, one log line."""
    quiet = {route.path for route in ROUTES if route.quiet}

    def close(response: Response) -> Response:
        context: RequestContext = g.context
        response.headers["X-Request-Id"] = context.request_id
        metrics.observe(context.method, context.route, response.status_code, context.seconds())
        if context.route not in quiet or response.status_code >= 400:
            context.log_answer(response.status_code)
        return response

    return close
