"""The sums of estimated impact equal what plain SQL counts in the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import text

from domain.impact import impact_of
from domain.values import Status
from projections.lessons_impact import ImpactCases, ImpactFigures, impact_figures
from projections.lessons_period import Period
from projections.lessons_report import ReportRequest, lessons_report
from projections.read_models import build_engine
from service.assembly import Service
from tests.given import BEGAN_AT, Story, a_story_to

LOOKED_AT = BEGAN_AT + timedelta(days=30)

# Who was asked last, in the attempt that stands; and what became of the case.
MOODS = """
    WITH told AS (
        SELECT originator_id AS id, originator_version AS version,
            split_part(topic, ':', 1) AS name, convert_from(state, 'UTF8')::jsonb AS said
        FROM events
    ), stands AS (
        SELECT id,
            max(version) FILTER (WHERE name = 'conflict_resolved') AS resolved,
            max(version) FILTER (WHERE name = 'case_reopened') AS reopened,
            bool_or(name IN ('conflict_withdrawn', 'case_merged')) AS set_aside
        FROM told GROUP BY id
    ), answered AS (
        SELECT DISTINCT ON (id) id, said ->> 'satisfied' AS satisfied
        FROM told JOIN stands USING (id)
        WHERE name = 'conflict_followed_up' AND version > coalesce(reopened, 0)
            AND said ? 'satisfied'
        ORDER BY id, version DESC
    ), moods AS (
        SELECT CASE WHEN set_aside THEN 'nobody knows'
            WHEN resolved > coalesce(reopened, 0)
                THEN CASE satisfied WHEN 'true' THEN 'satisfied' WHEN 'false' THEN 'unresolved'
                    ELSE 'nobody knows' END
            ELSE 'unresolved' END AS mood
        FROM stands LEFT JOIN answered USING (id)
    )
    SELECT count(*) FILTER (WHERE mood <> 'nobody knows') AS cases,
        count(*) FILTER (WHERE mood = 'nobody knows') AS not_estimated,
        sum(CASE mood WHEN 'unresolved' THEN 9 WHEN 'satisfied' THEN 4 ELSE 0 END) AS least,
        sum(CASE mood WHEN 'unresolved' THEN 10 WHEN 'satisfied' THEN 5 ELSE 0 END) AS most,
        sum(CASE mood WHEN 'unresolved' THEN 0.33 ELSE 0 END) AS boycott,
        sum(CASE mood WHEN 'unresolved' THEN 0.45 ELSE 0 END) AS buy_less,
        sum(CASE mood WHEN 'satisfied' THEN 0.10 ELSE 0 END) AS buy_more,
        sum(CASE mood WHEN 'unresolved' THEN 0.12 ELSE 0 END) AS tell_twenty
    FROM moods
"""


def lives() -> Iterator[Story]:
    """Open and ended cases: not asked yet, satisfied, disappointed, and opened again."""
    for status in Status:
        yield a_story_to(status)
    for satisfied in (True, False, None):
        story = Story().to(Status.RESOLVED)
        story.take("follow_up", satisfied=satisfied)
        yield story
    changed = Story().to(Status.CLOSED)
    changed.take("reopen")
    yield changed
    again = Story().to(Status.CLOSED)
    again.take("reopen")
    again.to(Status.RESOLVED).take("follow_up", satisfied=False)
    yield again


def impact(service: Service, group_by: str = "type") -> tuple[ImpactFigures, list[ImpactFigures]]:
    period = Period(BEGAN_AT, LOOKED_AT)
    asked = ReportRequest(now=LOOKED_AT, period=period, group_by=group_by)
    with service.engine.connect() as connection:
        report = lessons_report(connection, asked)
    return report.total.impact, [group.impact for group in report.groups]


def test_the_sums_equal_an_independent_count(service: Service) -> None:
    stories = list(lives())
    for story in stories:
        service.cases.record(story.events)
    build_engine(service).catch_up()

    found, groups = impact(service)

    with service.engine.connect() as connection:
        counted = connection.execute(text(MOODS)).one()
    assert (found.cases, found.not_estimated) == (counted.cases, counted.not_estimated)
    assert found.people_told == (counted.least, counted.most)
    for likely in ("boycott", "buy_less", "buy_more", "tell_twenty"):
        assert found.customers(likely) == getattr(counted, likely), likely
    assert found.cases + found.not_estimated == len(stories)
    assert {each.mood: each.cases for each in found.estimated}.keys() == {
        "satisfied",
        "unresolved",
    }
    assert sum(group.cases for group in groups) == found.cases
    shown = [impact_of(service.cases.get(story.case.id)) for story in stories]
    assert sum(each[1]["people_told_most"] for each in shown if each) == found.people_told[1]


def test_cases_of_an_edition_without_the_book_are_left_out() -> None:
    found = impact_figures([(1, "unresolved", 2), (3, "unresolved", 3), (3, None, 4)])

    assert found == ImpactFigures((ImpactCases(1, "unresolved", 3),), not_estimated=6)
    assert found.people_told == (27, 30)
    assert found.customers("boycott") == Decimal("0.99")


def test_nothing_is_summed_where_there_are_no_cases(service: Service) -> None:
    build_engine(service).catch_up()

    found, groups = impact(service)

    assert found == ImpactFigures()
    assert (found.people_told, found.customers("buy_less")) == ((0, 0), 0)
    assert groups == []
