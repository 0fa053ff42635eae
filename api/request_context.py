"""What is known about one request: its ids, its clock, and the one log line it leaves."""

from __future__ import annotations

import logging
import re
import secrets
import time
from datetime import UTC, datetime
from typing import Final

import structlog
from flask import Request

from api import access_log
from api.witness import Witness
from service.logging import describe_exception

NO_ROUTE: Final = "(none)"
"""Stands for the address of a request that no route takes."""
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
# W3C Trace Context, 3.2: version ff and all-zero ids are invalid; later versions may append.
_TRACEPARENT: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?"
)
_log = structlog.get_logger("amends.http")
_access = logging.getLogger("amends.http")


class RequestContext:
    """The ids of a request and, once known, its route and credential.

    `request_id` is the caller's `X-Request-Id` or a new one; `trace_id` comes from a valid W3C
    `traceparent`, else None. Nothing here is personal.
    """

    __slots__ = (
        "case_id",
        "credential_id",
        "method",
        "problem_code",
        "request_id",
        "route",
        "started",
        "trace_id",
        "witness",
    )

    def __init__(self, request: Request) -> None:
        self.started = time.perf_counter()
        self.method = request.method
        given = request.environ.get("HTTP_X_REQUEST_ID", "")
        self.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(12)
        parent = _TRACEPARENT.fullmatch(request.environ.get("HTTP_TRACEPARENT", ""))
        self.trace_id = parent.group(1) if parent else None
        rule = request.url_rule
        self.route = rule.rule if rule else NO_ROUTE
        self.case_id: str | None = None
        self.credential_id: str | None = None
        self.problem_code: str | None = None
        self.witness = Witness()

    def seconds(self) -> float:
        return time.perf_counter() - self.started

    def log_answer(self, status: int) -> None:
        """The access log line: the route, not the address, since an address may name a person."""
        if not _access.isEnabledFor(logging.INFO):
            return
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        line = {
            "event": "request",
            "status": status,
            "ms": round(self.seconds() * 1000, 2),
            **self._ids(),
            "level": "info",
            "timestamp": now,
        }
        access_log.write(_access, line)

    def log_failure(self, error: BaseException) -> None:
        """Where it failed and with which class of error; the message may quote personal data."""
        described = describe_exception(None, "error", {"exc_info": error})
        _log.error("request_failed", **described, **self._ids())

    def _ids(self) -> dict[str, str]:
        return {
            name: value
            for name, value in (
                ("method", self.method),
                ("route", self.route),
                ("request_id", self.request_id),
                ("trace_id", self.trace_id),
                ("case_id", self.case_id),
                ("credential_id", self.credential_id),
                ("problem", self.problem_code),
            )
            if value is not None
        }
