"""Whose personal data may be past its time, as the case list knows the cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Final

from sqlalchemy import Connection, text

from domain.book import Edition
from domain.retention import Aged, is_over

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
