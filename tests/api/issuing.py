"""An issuer of access tokens, and what it issues."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from api.jwt_keys import (
    IssuerKeys,
)
from api.jwt_subjects import Subjects
from api.jwt_tokens import JwtReader
from tests.api.conftest import Json
from tests.still_clocks import Stopwatch

ISSUER, AUDIENCE = "https://login.example", "amends"
KEY = RSAKey.generate_key(2048, {"kid": "one"})
NEXT_KEY = ECKey.generate_key("P-256", {"kid": "two"})


def bearer(clear: str) -> str:
    return f"Bearer {clear}"


def claimed(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": [AUDIENCE, "other"],
        "sub": "anna",
        "client_id": "console",
        "iat": now,
        "exp": now + 300,
        "jti": uuid4().hex,
        "roles": ["handler", "amends:approver", "cook"],
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def a_token(claims: dict[str, Any], key: Any = KEY, algorithm: str = "RS256", **header: Any) -> str:
    head = {"alg": algorithm, "typ": "at+jwt", "kid": key.kid, **header}
    return jwt.encode(head, claims, key, algorithms=[algorithm])


class Issuer:
    """Publishes keys, and counts how often it was asked."""

    def __init__(self, *keys: Any) -> None:
        self.keys, self.asked, self.away = keys, 0, False

    def __call__(self, url: str) -> dict[str, Any]:
        self.asked += 1
        if self.away:
            raise OSError("away")
        return dict(KeySet(list(self.keys)).as_dict(private=False))


def reader_of(
    issuer: Callable[[str], Json], clock: Stopwatch | None = None, key: bytes | None = None
) -> JwtReader:
    keys = IssuerKeys("https://login.example/jwks", issuer, clock or Stopwatch(1_000.0))
    return JwtReader(ISSUER, AUDIENCE, keys, Subjects(ISSUER, key))


@contextmanager
def serving(answers: dict[str, tuple[int, bytes]]) -> Iterator[str]:
    """An HTTP server on this machine that gives these answers; redirects lead to /keys."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers[self.path]
            self.send_response(status)
            self.send_header("Location", "/keys")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *line: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()
