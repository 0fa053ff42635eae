"""What a web server on this machine answers, for `amends doctor`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from api.cli.listening import base_url
from api.cli.processes import noted_address
from service.settings import Settings

TIMEOUT_SECONDS: Final = 2.0
BYTES_MAX: Final = 100_000


def running_at(settings: Settings) -> str | None:
    """Where Amends answers, if it does."""
    alive = (each for each in _addresses(settings) if b'"alive"' in _answer(each, "/healthz"))
    return next(alive, None)


def _addresses(settings: Settings) -> Iterator[str]:
    # `serve --port` and `PORT=... make run` are in no setting that this command can see.
    noted = noted_address(settings) if settings.embedded else None
    if noted:
        yield noted
    yield base_url(settings)


def ready_checks(settings: Settings) -> dict[str, dict[str, Any]]:
    """What its /readyz tells, by the name of the check; empty where nothing usable is told."""
    address = running_at(settings)
    try:
        told = json.loads(_answer(address, "/readyz")) if address else {}
        return {check["name"]: check for check in told.get("checks", [])}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _answer(address: str, path: str) -> bytes:
    place = urlsplit(address)
    connection = HTTPConnection(str(place.hostname), place.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().read(BYTES_MAX)
    except (OSError, HTTPException):
        return b""
    finally:
        connection.close()
