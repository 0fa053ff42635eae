"""Reads the body of a request: whole, bounded, JSON in UTF-8, and nothing else."""

from __future__ import annotations

from typing import Any, Final

from flask import Request
from gunicorn.http.errors import ParseException

from api.errors import Problem
from api.json_body import MAX_BODY_BYTES, decode
from api.routes import JSON

# What is thrown away of a larger body, so that its sender reads the answer instead of finding
# the connection broken.
_DRAINED_BYTES: Final = 16 * MAX_BODY_BYTES
_CHUNK_BYTES: Final = 65_536


def read_body(request: Request) -> dict[str, Any]:
    """The JSON object of the request. Raises Problem; an absent body counts as `{}`."""
    if request.environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise Problem("unsupported_media_type")
    body = _read(request)
    if not body:
        return {}
    if request.environ.get("CONTENT_TYPE") != JSON and not _is_json(request):
        raise Problem("unsupported_media_type")
    return decode(body)


def _is_json(request: Request) -> bool:
    """Whether the media type is JSON, as a client may also write it: in UTF-8."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    return request.mimetype == JSON and charset in ("utf-8", "utf8")


def _read(request: Request) -> bytes:
    """The bytes, with or without a length given beforehand.

    The library's own reading cuts a chunked body off at the limit without a word. The server
    looks at the form of chunks and trailers only here, while they are read.
    """
    stream, length = request.environ["wsgi.input"], request.content_length
    if length is None and not request.environ.get("wsgi.input_terminated"):
        return b""
    try:
        if length is not None and length > MAX_BODY_BYTES:
            _drain(stream, length)
            raise Problem("body_too_large")
        body: bytes = stream.read(MAX_BODY_BYTES + 1 if length is None else length)
        if len(body) > MAX_BODY_BYTES:
            _drain(stream, _DRAINED_BYTES)
            raise Problem("body_too_large")
    except (OSError, ParseException):
        raise Problem("bad_request") from None
    if length is not None and len(body) < length:
        raise Problem("bad_request")
    return body


def _drain(stream: Any, length: int) -> None:
    left = min(length, _DRAINED_BYTES)
    while left > 0 and (chunk := stream.read(min(left, _CHUNK_BYTES))):
        left -= len(chunk)
