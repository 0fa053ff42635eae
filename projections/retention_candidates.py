"""Whose personal data may be past its time, as the case list and the records know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby, islice
from typing import Final

from sqlalchemy import Connection, text

from domain.book import Edition
from domain.retention import Aged, indicators_over, is_over
from service.risk_indicators import RiskIndicators

ROWS_AT_ONCE: Final = 5_000

# Only of people who still have a key: whoever was erased, or never told a word, is not asked about.
CASES: Final = text("""
    SELECT subject_ref, status, conflict_type, updated_at FROM case_list.cases AS cases
    WHERE EXISTS (
        SELECT FROM subject_keys
        WHERE subject_keys.subject_ref = cases.subject_ref AND wrapped_key IS NOT NULL
    )
    ORDER BY subject_ref
""")


# What others know of somebody makes them a key: see decision 0155.
WITHOUT_CASES: Final = text("""
    SELECT DISTINCT subject_ref FROM subject_keys WHERE wrapped_key IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM case_list.cases AS cases WHERE cases.subject_ref = subject_keys.subject_ref
    )
    ORDER BY subject_ref
""")


def without_cases(
    connection: Connection, risks: RiskIndicators, books: Edition, now: datetime
) -> Iterator[str]:
    """The references of people without a listed case whose indicators are past their time."""
    rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(WITHOUT_CASES).scalars()
    while some := list(islice(rows, ROWS_AT_ONCE)):
        newest = risks.last_supplied(some)
        yield from (each for each in some if indicators_over(newest.get(each), books, now))


def candidates(connection: Connection, books: Edition, now: datetime) -> Iterator[str]:
    """The references of people all of whose listed cases are past their time, in order.

    The list may be behind, so whoever acts on this asks the log about the person's cases first.
    """
    rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(CASES)
    for subject_ref, cases in groupby(rows, key=lambda row: row.subject_ref):
        found = (
            Aged(status=row.status, conflict_type=row.conflict_type, ended_at=row.updated_at)
            for row in cases
        )
        if is_over(found, books, now):
            yield subject_ref
