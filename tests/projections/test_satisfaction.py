"""The satisfaction report and its lists, held against the domain and plain SQL on the log."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select, text

from domain.satisfaction import invalid_scores as invalid_by_domain
from domain.satisfaction import scores_of
from projections.figures import Share
from projections.lessons_period import Period
from projections.order_watch import OrderWatch
from projections.read_models import build_engine
from projections.satisfaction import READ_MODEL
from projections.satisfaction_questions import (
    OrderFilter,
    ScoreFilter,
    invalid_scores,
    list_orders,
    list_scores,
)
from projections.satisfaction_report import SatisfactionReport, satisfaction_report
from projections.timers import Timers
from service.assembly import Service
from tests.given import BEGAN_AT
from tests.projections.desk import Desk
from tests.projections.rows import stored_rows

DAY = timedelta(days=1)
PERIOD = Period(BEGAN_AT - DAY, BEGAN_AT + 60 * DAY)
LATER = Period(BEGAN_AT + 20 * DAY, BEGAN_AT + 40 * DAY)
TOLD = """
WITH told AS (
    SELECT originator_id AS case_id, originator_version AS version,
        split_part(topic, ':', 1) AS name,
        convert_from(state, 'UTF8')::jsonb AS said FROM events
), subject AS (SELECT case_id, said->>'subject_ref' AS ref FROM told WHERE version = 1),
given AS (
    SELECT case_id, version, (said->>'occurred_at')::timestamptz AS at,
        said->>'scale' AS scale, (said->>'value')::int AS value
    FROM told WHERE name = 'survey_answered' AND said ? 'value'
), changes AS (
    SELECT given.*, ref,
        (lag((scale, value)) OVER mine IS DISTINCT FROM (scale, value))::int AS new
    FROM given JOIN subject USING (case_id)
    WINDOW mine AS (PARTITION BY ref ORDER BY at, case_id, version)
), rows AS (
    SELECT changes.*, sum(new) OVER (PARTITION BY ref ORDER BY at, case_id, version) AS row
    FROM changes
), judged AS (SELECT rows.*, count(*) OVER (PARTITION BY ref, row) < 10 AS valid FROM rows)
"""
AVERAGES = f"""{TOLD}
SELECT scale, count(*) FILTER (WHERE valid), count(*) FILTER (WHERE NOT valid),
    avg(value) FILTER (WHERE valid)
FROM judged WHERE at >= :start AND at < :end GROUP BY scale ORDER BY scale
"""
ANSWERED = """
SELECT count(a.*), count(*) FROM (
    SELECT originator_id, convert_from(state, 'UTF8')::jsonb AS said FROM events
    WHERE topic LIKE 'survey_sent:%'
) s LEFT JOIN (
    SELECT originator_id, convert_from(state, 'UTF8')::jsonb AS said FROM events
    WHERE topic LIKE 'survey_answered:%'
) a ON a.originator_id = s.originator_id AND a.said->>'survey_id' = s.said->>'survey_id'
WHERE (s.said->>'occurred_at')::timestamptz >= :start
    AND (s.said->>'occurred_at')::timestamptz < :end
"""
REPEATS = """
WITH reports AS (
    SELECT originator_id, said->>'subject_ref' AS ref, said->>'channel' AS channel,
        (said->>'occurred_at')::timestamptz AS at
    FROM (SELECT originator_id, convert_from(state, 'UTF8')::jsonb AS said FROM events
          WHERE topic LIKE 'conflict_reported:%') found
), gaps AS (
    SELECT at, at - lag(at) OVER (PARTITION BY ref, channel ORDER BY at, originator_id) AS gap
    FROM reports
)
SELECT count(*) FILTER (WHERE gap <= interval '90 days'), count(*) FROM gaps
WHERE at >= :start AND at < :end
"""
ORDERED = """
SELECT count(*) FILTER (WHERE topic LIKE 'director_order_opened:%'),
    count(*) FILTER (WHERE topic LIKE 'director_order_closed:%'),
    count(*) FILTER (
        WHERE topic LIKE 'deadline_missed:%' AND convert_from(state, 'UTF8') LIKE '%director_plan%')
FROM events
"""


@pytest.fixture(scope="module")
def lived(shared_service: Service) -> Service:
    """Two months of eight customers; some of them always answer the same."""
    desk, random = Desk(shared_service), Random(3)
    cases = {f"K-{n}": [desk.report(f"K-{n}", random.choice(["web", "mail"]))] for n in range(8)}
    for _ in range(14):
        desk.now += timedelta(days=random.randrange(1, 4), seconds=random.randrange(3600))
        for ref, mine in cases.items():
            if random.random() < 0.1:
                mine.append(desk.report(ref, random.choice(["web", "mail"])))
            value = 5 if ref in ("K-0", "K-1") else random.randrange(1, 6)
            desk.score(
                random.choice(mine),
                value,
                random.choice(["csat_1_5"] * 4 + ["nps"]) if ref > "K-1" else "csat_1_5",
            )
        for mine in cases.values():
            for case_id in mine:
                if shared_service.cases.get(case_id).open_order and random.random() < 0.6:
                    desk.finish(case_id)
        build_engine(shared_service).catch_up()
        OrderWatch(shared_service.engine, shared_service.orders, lambda: desk.now).look()
        build_engine(shared_service).catch_up()
        Timers(shared_service.engine, shared_service.cases, lambda: desk.now).fire_due()
    build_engine(shared_service).catch_up()
    return shared_service


def rows(service: Service, statement: str, period: Period = PERIOD) -> list[tuple[Any, ...]]:
    with service.engine.connect() as connection:
        bound = {"start": period.start, "end": period.end}
        return [tuple(row) for row in connection.execute(text(statement), bound)]


def report_of(service: Service, period: Period = PERIOD) -> SatisfactionReport:
    with service.engine.connect() as connection:
        return satisfaction_report(connection, period, BEGAN_AT + 60 * DAY)


@pytest.mark.parametrize("period", [PERIOD, LATER])
def test_averages_leave_invalid_scores_out_and_say_how_many(lived: Service, period: Period) -> None:
    counted = rows(lived, AVERAGES, period)

    found = report_of(lived, period).scales

    assert [(f.scale, f.valid, f.invalid) for f in found] == [row[:3] for row in counted]
    assert [f.average for f in found] == pytest.approx([float(row[3]) for row in counted])
    assert sum(f.invalid for f in found) > 0


@pytest.mark.parametrize("period", [PERIOD, LATER])
def test_surveys_and_repeat_complaints_equal_a_count_on_the_log(
    lived: Service, period: Period
) -> None:
    report = report_of(lived, period)

    assert [report.answered] == [Share(*row) for row in rows(lived, ANSWERED, period)]
    assert [report.repeat_complaints] == [Share(*row) for row in rows(lived, REPEATS, period)]
    assert report.answered.of > 0


def test_orders_equal_a_count_on_the_log(lived: Service) -> None:
    ((opened, closed, missed),) = rows(lived, ORDERED)

    figures = report_of(lived).orders

    assert (figures.opened, figures.closed) == (opened, closed)
    assert figures.in_time.of - figures.in_time.count >= missed > 0
    assert figures.waiting_for_plan + figures.planned + figures.closed == opened
    assert sum(count for _, count in figures.by_trigger) == opened


def test_the_statement_finds_the_invalid_scores_of_the_domain(lived: Service) -> None:
    with lived.engine.connect() as connection:
        found = {tuple(row) for row in connection.execute(select(invalid_scores()))}

    expected = set()
    for number in range(8):
        cases = lived.cases.find(list(lived.subjects.cases_of(f"K-{number}"))).values()
        expected |= invalid_by_domain(score for case in cases for score in scores_of(case))
    assert found == expected
    assert found


def test_lists_come_in_pages_and_are_filtered(lived: Service) -> None:
    with lived.engine.connect() as connection:
        pages, cursor = [], None
        while not pages or cursor:
            page = list_scores(connection, ScoreFilter(), limit=7, cursor=cursor)
            pages.append(page.rows)
            cursor = page.next_cursor
        invalid = list_scores(connection, ScoreFilter(valid=False), limit=200).rows
        low = list_scores(connection, ScoreFilter(low=True, subject_ref="K-5"), limit=200).rows
        closed = list_orders(connection, OrderFilter(now=BEGAN_AT, state="closed"), limit=200).rows
        late = list_orders(
            connection, OrderFilter(now=BEGAN_AT + 90 * DAY, overdue=True), limit=200
        ).rows

    every = [score for page in pages for score in page]
    assert [s.given_at for s in every] == sorted((s.given_at for s in every), reverse=True)
    assert len({(s.case_id, s.version) for s in every}) == len(every) == 8 * 14
    assert {s.is_valid for s in invalid} == {False}
    assert {(s.is_low, s.subject_ref) for s in low} == {(True, "K-5")}
    assert {order.state for order in closed} == {"closed"}
    assert all(order.planned_at is None for order in late)


def test_a_rebuild_gives_the_same_rows(lived: Service) -> None:
    before = stored_rows(lived.engine, READ_MODEL)
    engine = build_engine(lived)

    engine.begin_rebuilds([READ_MODEL.name])
    engine.catch_up()
    OrderWatch(lived.engine, lived.orders, lambda: BEGAN_AT + 61 * DAY).look()

    assert stored_rows(lived.engine, READ_MODEL) == before
