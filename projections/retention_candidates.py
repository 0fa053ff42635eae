"""Whose personal data may be past its time, as the case list and the records know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby, islice
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from domain.book import Edition
from domain.retention import Aged, indicators_over, person_over
from service.risk_indicators import RiskIndicators

ROWS_AT_ONCE: Final = 5_000

# Only of people who still have a key: whoever was erased, or never told a word, is not asked about.
# A case whose last event is an erasure says nothing of them. Its newest time may be that of an
# erasure, unless it lies behind all of them.
CASES: Final = text("""
    SELECT subject_ref, status, conflict_type, reported_at, updated_at,
        coalesce(updated_at <= erased.occurred_at, false) AS may_be_erasure,
        erased.subject_ref IS NOT NULL AND EXISTS (
            SELECT FROM events
            WHERE events.position = cases.position AND events.topic = 'personal_data_erased:1'
        ) AS is_erased
    FROM case_list.cases AS cases LEFT JOIN (
        SELECT said_by_record(state) ->> 'subject_ref' AS subject_ref,
            max(CAST(said_by_record(state) ->> 'occurred_at' AS timestamptz)) AS occurred_at
        FROM records WHERE topic = 'subject_erased:1' AND topic <> 'personal_data_accessed:1'
        GROUP BY 1
    ) AS erased USING (subject_ref)
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


def candidates(
    connection: Connection, risks: RiskIndicators, books: Edition, now: datetime
) -> Iterator[str]:
    """The references of people whose listed cases, or indicators after these, are past their time.

    In order. The list may be behind, and knows of a case only when it began where its newest time
    may be that of an erasure, so whoever acts on this asks the log about the person's cases first.
    """
    rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(CASES)
    for subject_ref, found in groupby(rows, key=lambda row: row.subject_ref):
        cases = [_aged(row) for row in found]
        newest = None
        if all(case.is_erased for case in cases):
            newest = risks.last_supplied([subject_ref]).get(subject_ref)
        if person_over(cases, newest, books, now):
            yield subject_ref


def _aged(row: Row[Any]) -> Aged:
    return Aged(
        status=row.status,
        conflict_type=row.conflict_type,
        ended_at=row.reported_at if row.may_be_erasure else row.updated_at,
        is_erased=row.is_erased,
    )
