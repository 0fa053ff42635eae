"""Log lines carry names and ids, and nothing that somebody typed."""

import io
import json
import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import structlog
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from service.logging import configure_logging
from service.settings import Settings

TYPED = "Zhang Wei never got the refund"


@pytest.fixture
def log_lines() -> Callable[[], list[dict[str, Any]]]:
    """Logging as in production, into memory."""
    stream = io.StringIO()
    configure_logging(Settings(log_format="json"), stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_json_line_with_its_ids(log_lines):
    structlog.contextvars.bind_contextvars(correlation_id="c-1")

    structlog.get_logger().info("case_reported", case_id="42")

    (line,) = log_lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "case_reported",
        "case_id": "42",
        "correlation_id": "c-1",
        "level": "info",
    }


def test_an_exception_is_logged_by_type_and_place(log_lines):
    try:
        try:
            raise KeyError(TYPED)
        except KeyError as problem:
            raise ValueError(TYPED) from problem
    except ValueError:
        structlog.get_logger().exception("request_failed")

    (line,) = log_lines()
    assert line["error"] == ["ValueError", "KeyError"]
    assert line["error_at"][-1].startswith("service/test_logging.py:")
    assert TYPED not in str(line)


def test_a_library_line_keeps_its_template_only(log_lines):
    library = logging.getLogger("some.library")

    library.warning("could not read %s", TYPED)
    library.warning(f"could not read {TYPED}")

    template, filled = log_lines()
    assert template["event"] == "could not read …"
    assert filled["event"] == "library_message"
    assert filled["logger"] == "some.library"
    assert filled["at"].startswith("test_logging.py:")
    assert TYPED not in str([template, filled])


def test_a_library_line_shows_its_numbers(log_lines):
    library = logging.getLogger("some.library")

    library.warning("process %s was sent %s", 4711, TYPED)
    library.warning("sent %d bytes", Decimal(9))

    shown, as_it_was = log_lines()
    assert shown["event"] == "process 4711 was sent …"
    assert as_it_was["event"] == "sent %d bytes"
    assert TYPED not in str([shown, as_it_was])


def test_an_exception_logged_by_a_library_is_described_too(log_lines):
    try:
        raise ValueError(TYPED)
    except ValueError:
        logging.getLogger("some.library").exception("failed for %s", TYPED)

    (line,) = log_lines()
    assert line["error"] == ["ValueError"]
    assert TYPED not in str(line)


def test_a_statement_that_fails_shows_no_parameters(engine: Engine, log_lines):
    statement = text("INSERT INTO once VALUES (:typed)")
    with engine.begin() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE once (word text CHECK (word = ''))"))

        with pytest.raises(IntegrityError) as refused, connection.begin_nested():
            connection.execute(statement, {"typed": TYPED})
    structlog.get_logger().error("statement_failed", exc_info=refused.value)

    assert log_lines()[0]["error"][0] == "IntegrityError"
    assert TYPED not in str(log_lines())
