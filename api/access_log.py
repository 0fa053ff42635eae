"""Writes one ready line to the log, past the machinery that only has to do with other lines."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

import msgspec
import structlog


def write(logger: logging.Logger, line: dict[str, Any]) -> None:
    """Log a line of fixed names and ids, complete with level and timestamp.

    As JSON it is written straight to the handler's stream: structlog's way, through processors,
    a search for the calling line and a log record, takes ten times as long, and this is done
    for every request.
    """
    for handler in logging.getLogger().handlers:
        if _writes_json(handler):
            _write_json(handler, line)
        else:
            record = logging.LogRecord(logger.name, logging.INFO, "", 0, line, None, None)
            # What structlog's formatter looks for in a record of its own.
            record.__dict__.update(_logger=None, _name="info")
            handler.handle(record)


def _writes_json(handler: logging.Handler) -> bool:
    processors: Any = getattr(handler.formatter, "processors", ())
    return bool(processors) and isinstance(processors[-1], structlog.processors.JSONRenderer)


def _write_json(handler: Any, line: dict[str, Any]) -> None:
    text = msgspec.json.encode(line).decode() + "\n"
    # A log that cannot be written, such as to a full disk, fails no request.
    with handler.lock, suppress(OSError, ValueError):
        handler.stream.write(text)
        handler.flush()
