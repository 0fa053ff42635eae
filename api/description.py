"""The routes that describe the others: OpenAPI for machines, one page for people."""

from __future__ import annotations

from functools import cache
from typing import Final

from api import docs_page, openapi
from api.json_body import encode
from api.routes import Answer, Call, Route

_HTML: Final = "text/html; charset=utf-8"


def show_openapi(call: Call) -> Answer:
    return Answer(_description()[0], headers={"Cache-Control": "public, max-age=300"})


def show_docs(call: Call) -> Answer:
    headers = {
        "Cache-Control": "public, max-age=300",
        "Content-Security-Policy": docs_page.STYLE.policy_header,
    }
    page = docs_page.at(call.request.host_url.rstrip("/"), _description()[1])
    return Answer(page, headers=headers, media_type=_HTML)


def lead_to_docs(call: Call) -> Answer:
    return Answer(b"", status=303, headers={"Location": "/docs"}, media_type=_HTML)


@cache
def _description() -> tuple[bytes, bytes]:
    """Both forms, made once per process."""
    from api.route_table import ROUTES  # it names these routes too

    document = openapi.document(ROUTES)
    return encode(document), docs_page.page(document)


DESCRIPTION_ROUTES: Final = (
    Route(
        method="GET",
        path="/openapi.json",
        name="show_openapi",
        summary="This description as OpenAPI 3.1.",
        tag="Description",
        view=show_openapi,
        roles=None,
        shows="OpenApi",
    ),
    Route(
        method="GET",
        path="/",
        name="lead_to_docs",
        summary="Leads to the description.",
        tag="Description",
        view=lead_to_docs,
        roles=None,
        shows="Page",
        status=303,
        media_types=("text/html",),
    ),
    Route(
        method="GET",
        path="/docs",
        name="show_docs",
        summary="This description as a page.",
        tag="Description",
        view=show_docs,
        roles=None,
        shows="Page",
        media_types=("text/html",),
    ),
)
