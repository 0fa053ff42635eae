"""Log lines: one event name and a few ids each, as JSON or for a terminal; never typed text."""

import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from service.settings import Settings

PLACES_SHOWN = 12


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Send our events and those of every library to `stream` (standard output), in one format.

    Use: `structlog.get_logger().info("case_reported", case_id=...)`, with a fixed event name
    and ids only. Exceptions (`exc_info=True`) are logged by type and place.
    """
    target = stream or sys.stdout
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            *_finish(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(_formatter(_renderer(settings.log_format, target)))
    _replace_root_handlers(handler, level)


def _finish() -> list[Processor]:
    """What every line gets in the end, ours and a library's."""
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        describe_exception,
    ]


def _formatter(render: Processor) -> logging.Formatter:
    """Writes lines of both; those of libraries come to it as they were logged."""
    remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            name_library_event,
            *_finish(),
        ],
        processors=[remove_meta, render],
        use_get_message=False,
        pass_foreign_args=True,
    )


def _replace_root_handlers(handler: logging.Handler, level: int) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.INFO))  # what libraries say at debug may quote a request
    for chatty in ("alembic", "eventsourcing", "werkzeug"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _renderer(log_format: str, stream: TextIO) -> Processor:
    if log_format == "console" or (log_format == "auto" and stream.isatty()):
        return structlog.dev.ConsoleRenderer(colors=stream.isatty())
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def name_library_event(logger: WrappedLogger, method: str, event_dict: EventDict) -> EventDict:
    """Keep of a library's log line its template and its place in the code.

    The values may come from a request or a row: only numbers are filled in. A line without
    values may have been filled before it was handed over, so of that only the place is kept.
    """
    record: logging.LogRecord = event_dict["_record"]
    values = event_dict.pop("positional_args", ())
    return {
        **event_dict,
        "event": _filled(event_dict["event"], values) if values else "library_message",
        "logger": record.name,
        "at": f"{Path(record.pathname).name}:{record.lineno}",
    }


def _filled(template: str, values: object) -> str:
    if not isinstance(values, tuple):
        return template
    try:
        return template % tuple(each if isinstance(each, int | float) else "…" for each in values)
    except (TypeError, ValueError):  # a place that takes nothing but a number, or a style not ours
        return template


def describe_exception(logger: WrappedLogger, method: str, event_dict: EventDict) -> EventDict:
    """Replace an exception by its types and places: its message may quote what was typed."""
    error = _exception(event_dict.pop("exc_info", None))
    if error is None:
        return event_dict
    return {
        **event_dict,
        "error": [type(each).__qualname__ for each in _chain(error)],
        "error_at": _places(error.__traceback__),
    }


def _exception(exc_info: object) -> BaseException | None:
    if isinstance(exc_info, tuple):
        exc_info = exc_info[1]
    if isinstance(exc_info, BaseException):
        return exc_info
    return sys.exc_info()[1] if exc_info else None


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what caused it, newest first."""
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found:
        found.append(current)
        hidden = current.__suppress_context__
        current = current.__cause__ or (None if hidden else current.__context__)
    return found


def _places(trace: TracebackType | None) -> list[str]:
    """Where it went wrong, innermost last: `package/file.py:12 function`."""
    frames = traceback.extract_tb(trace)[-PLACES_SHOWN:]
    return [
        f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}"
        for frame in frames
    ]
