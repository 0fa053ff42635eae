"""The report equals a replay: every figure, counted again from the folded cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from domain.personal import ERASED
from projections import deadlines
from projections import lessons_report as lessons_report_module
from projections.engine import ProjectionEngine
from projections.health import ReadState, read_state
from projections.lessons_answer import LessonsReport
from projections.lessons_learned import READ_MODEL
from projections.lessons_period import Period
from projections.lessons_report import GROUP_BY, ReportRequest, lessons_report
from projections.lessons_texts import (
    QUESTIONS,
    STORIES_PER_VERDICT,
    TEXTS_PER_CODE,
    TEXTS_PER_QUESTION,
)
from projections.read_model import fold
from projections.read_models import build_engine
from service.assembly import Service
from tests.projections import naive_lessons as naive
from tests.projections.lessons_history import NOW, a_history, day
from tests.projections.naive_imported import imported
from tests.projections.replayed_cases import own, replay
from tests.projections.rows import rows_of, stored_rows

HISTORY = a_history(260, seed=7)
CASES = [replay(story.events) for story in HISTORY]
PERIODS = {
    "by default": None,
    "a quarter": Period.of_days(day("2026-01-01"), day("2026-03-31")),
    "two days": Period.of_days(day("2025-08-01"), day("2025-08-02")),
    "hours": Period(
        datetime(2025, 9, 30, 16, tzinfo=UTC), datetime(2026, 5, 31, 15, 30, tzinfo=UTC)
    ),
    "nothing": Period.of_days(day("2019-01-01"), day("2019-12-31")),
}


@dataclass(frozen=True)
class Reading:
    """A service with the whole history recorded and read."""

    service: Service

    def report(
        self, period: Period | None = None, group_by: str = "type", *, texts: bool = False
    ) -> LessonsReport:
        keys = self.service.keys if texts else None
        asked = ReportRequest(now=NOW, period=period, group_by=group_by, keys=keys)
        with self.service.engine.connect() as connection:
            return lessons_report(connection, asked)


@pytest.fixture(scope="module")
def reading(shared_service: Service) -> Reading:
    for story in HISTORY:
        shared_service.cases.record(story.events)
    engine = build_engine(shared_service, [READ_MODEL, deadlines.READ_MODEL])
    engine.catch_up()
    assert engine.parked_cases(READ_MODEL.name) == []
    return Reading(shared_service)


@pytest.mark.parametrize("period", PERIODS.values(), ids=PERIODS.keys())
@pytest.mark.parametrize("group_by", GROUP_BY)
def test_every_figure_equals_a_replay(
    reading: Reading, group_by: str, period: Period | None
) -> None:
    report = reading.report(period, group_by)

    mine = own(CASES, report.period)
    assert report.total == naive.figures(mine, CASES, None, NOW)
    assert {group.code for group in report.groups} == {case.group(group_by) for case in mine}
    for group in report.groups:
        members = [case for case in mine if case.group(group_by) == group.code]
        assert group == naive.figures(members, CASES, group.code, NOW)
    before = own(CASES, report.previous_period)
    assert report.previous == naive.figures(before, CASES, None, NOW).counts


@pytest.mark.parametrize("period", PERIODS.values(), ids=PERIODS.keys())
@pytest.mark.parametrize("group_by", GROUP_BY)
def test_imported_history_equals_a_replay_and_stays_apart(
    reading: Reading, group_by: str, period: Period | None
) -> None:
    report = reading.report(period, group_by)

    field = group_by if group_by in ("product", "channel") else "product"
    counted = (report.imported_total, *report.imported_sources, *report.imported_groups)
    for each in counted:
        assert each == imported(CASES, report.period, each.system, each.code, field)
    in_sources = sum(each.cases for each in report.imported_sources)
    assert in_sources == report.imported_total.cases
    if group_by in ("product", "channel"):
        assert sum(each.cases for each in report.imported_groups) == in_sources


def test_groups_add_up_to_the_total(reading: Reading) -> None:
    report = reading.report(group_by="subtype")

    assert sum(group.counts.cases for group in report.groups) == report.total.counts.cases
    assert report.groups[-1].code == ""
    sizes = [group.counts.cases for group in report.groups[:-1]]
    assert sizes == sorted(sizes, reverse=True)


def test_lost_attempts_stay_in_the_figures(reading: Reading) -> None:
    report = reading.report()

    earlier = report.total.earlier
    assert earlier.attempts > 0
    assert sum(count.earlier for count in report.total.codes.outcomes) == earlier.resolved > 0
    assert sum(count.earlier for count in report.total.codes.cause_classes) > 0


def test_texts_are_read_from_the_newest_cases(reading: Reading) -> None:
    report = reading.report(texts=True)

    codes = [(text.book, text.code) for text in report.cause_texts]
    assert all(codes.count(code) <= TEXTS_PER_CODE for code in codes)
    root = next(text for text in report.cause_texts if text.book == "cause_classes")
    case = next(each.case for each in CASES if each.case.id == root.case_id)
    assert root.text.reveal() == case.analyses[-1].root_cause.reveal()
    for stories, verdict in ((report.successes, "success"), (report.failures, "failure")):
        assert len(stories) == STORIES_PER_VERDICT
        assert {story.verdict for story in stories} == {verdict}
        times = [story.learned_at for story in stories]
        assert times == sorted(times, reverse=True)


def test_a_story_tells_the_newest_lessons(reading: Reading) -> None:
    report = reading.report(texts=True)

    for story in (*report.successes, *report.failures):
        case = next(each.case for each in CASES if each.case.id == story.case_id)
        lessons = case.lessons[-1][1]
        assert story.root.reveal() == lessons.root.reveal()
        assert story.codes == lessons.lesson_codes
        assert (story.what_worked is None) is (lessons.what_worked is None)


def test_answers_come_from_the_newest_lessons(reading: Reading) -> None:
    report = reading.report(texts=True)

    for question in QUESTIONS:
        answers = [each for each in report.lesson_texts if each.about == question]
        assert len(answers) == TEXTS_PER_QUESTION
        for answer in answers:
            case = next(each.case for each in CASES if each.case.id == answer.case_id)
            told = [getattr(lesson, question) for _, lesson in case.lessons]
            assert answer.text.reveal() in [text.reveal() for text in told if text]


def test_overdue_preventions_come_first(reading: Reading) -> None:
    report = reading.report(texts=True)

    figures = report.total.preventions
    states = [row.state for row in report.preventions]
    assert states[: figures.overdue] == ["overdue"] * figures.overdue > []
    assert len(states) == figures.planned + figures.overdue + figures.completed + sum(
        effect.standing for effect in figures.checked
    )


def test_without_the_right_to_texts_there_are_none(reading: Reading) -> None:
    report = reading.report(texts=False)

    assert not report.texts_shown
    assert (report.cause_texts, report.lesson_texts) == ((), ())
    assert (report.successes, report.failures) == ((), ())
    assert report.preventions == ()
    assert report.total.counts.cases > 0


def test_an_erased_person_leaves_every_count(reading: Reading) -> None:
    before = reading.report(texts=True)
    subject = next(
        case.case.subject_ref for case in CASES if case.case.id == before.successes[0].case_id
    )

    reading.service.keys.destroy(subject)
    after = reading.report(texts=True)

    assert after.successes[0].root.reveal() is ERASED
    assert after.total == before.total


def test_the_tables_hold_no_readable_text(reading: Reading) -> None:
    tables = [f"{READ_MODEL.name}.{table.name}" for table in READ_MODEL.tables]

    with reading.service.engine.connect() as connection:
        rows = [
            row
            for table in tables
            for (row,) in connection.execute(text(f"SELECT t::text FROM {table} t"))
        ]

    words = ("Root of case", "Bone ", "Lesson root", "Worked", "Sorting", "分拣", "仓库")
    assert rows
    assert not [word for word in words for row in rows if word in row]


def test_stored_rows_are_what_the_handlers_make(reading: Reading) -> None:
    page = reading.service.recorder.read_page(0, 1_000_000)
    engine = ProjectionEngine(
        reading.service.engine, reading.service.recorder, reading.service.mapper, [READ_MODEL]
    )

    folded = rows_of(READ_MODEL, fold(READ_MODEL, engine.log.read(0, len(page.events)).facts))

    stored = stored_rows(reading.service.engine, READ_MODEL)
    assert {name: len(rows) for name, rows in stored.items()} == {
        name: len(rows) for name, rows in folded.items()
    }
    assert [row["status"] for row in stored["cases"]] == [row["status"] for row in folded["cases"]]


def test_a_rebuild_put_in_use_meanwhile_changes_no_figure(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = reading.report()
    service = reading.service
    engine = ProjectionEngine(service.engine, service.recorder, service.mapper, [READ_MODEL])

    def rebuilt_after(*asked: Any) -> ReadState:
        state = read_state(*asked)
        monkeypatch.undo()
        engine.begin_rebuilds([READ_MODEL.name])
        engine.catch_up()
        return state

    monkeypatch.setattr(lessons_report_module, "read_state", rebuilt_after)
    during = reading.report()

    assert before.total.counts.cases > 0
    assert during.total == before.total


def test_it_says_how_far_it_has_read(reading: Reading) -> None:
    report = reading.report()

    last = reading.service.recorder.read_page(0, 1_000_000).events[-1].id
    assert report.position >= last
    assert report.lag_seconds == 0


def test_it_says_what_there_is_to_report_on(reading: Reading) -> None:
    report = reading.report(PERIODS["nothing"])

    own = [each.reported_at.date() for each in CASES if each.case.report]
    assert report.total.counts.cases == 0
    assert report.groups == ()
    assert (report.own_available.first, report.own_available.last) == (min(own), max(own))
    assert report.own_available.cases == len(own)
    assert report.imported_available.cases == len(CASES) - len(own)


# What the log alone says of playbooks, by SQL that knows neither read model nor domain
PLAYBOOKS_BY_SQL = text("""
    WITH told AS (
        SELECT originator_id, originator_version, split_part(topic, ':', 1) AS name,
            convert_from(state, 'UTF8')::jsonb AS said
        FROM events
    ),
    own AS (SELECT originator_id FROM told WHERE name = 'conflict_reported'),
    marks AS (
        SELECT DISTINCT ON (originator_id, mark ->> 'step')
            originator_id, (mark ->> 'followed')::boolean AS followed
        FROM told, jsonb_array_elements(said -> 'steps') AS mark
        WHERE name = 'playbook_recorded'
        ORDER BY originator_id, mark ->> 'step', originator_version DESC
    ),
    attempts AS (
        SELECT originator_id, max(originator_version) AS since
        FROM told WHERE name = 'case_reopened' GROUP BY 1
    ),
    answers AS (
        SELECT DISTINCT ON (t.originator_id)
            t.originator_id, (said ->> 'satisfied')::boolean AS satisfied
        FROM told t LEFT JOIN attempts a USING (originator_id)
        WHERE name = 'conflict_followed_up' AND said ->> 'satisfied' IS NOT NULL
            AND t.originator_version > coalesce(a.since, 0)
        ORDER BY t.originator_id, originator_version DESC
    ),
    kinds AS (
        SELECT o.originator_id, CASE
            WHEN count(m.followed) = 0 THEN 'unrecorded'
            WHEN bool_and(m.followed) THEN 'followed' ELSE 'skipped' END AS kind
        FROM own o LEFT JOIN marks m USING (originator_id) GROUP BY 1
    ),
    standing AS (
        SELECT t.originator_id, max(originator_version) FILTER (WHERE name = 'conflict_resolved')
            > coalesce(max(a.since), 0) AND NOT bool_or(name = 'conflict_withdrawn')
            AND coalesce(max(originator_version) FILTER (WHERE name = 'case_merged'), 0)
                <= coalesce(max(originator_version) FILTER (WHERE name = 'case_unmerged'), 0)
            AS stands
        FROM told t LEFT JOIN attempts a USING (originator_id) GROUP BY 1
    )
    SELECT kind, count(*) AS cases, count(*) FILTER (WHERE stands) AS resolved,
        count(*) FILTER (WHERE stands AND satisfied) AS yes,
        count(*) FILTER (WHERE stands AND NOT satisfied) AS no
    FROM kinds JOIN standing USING (originator_id) LEFT JOIN answers USING (originator_id)
    GROUP BY kind
""")


def test_the_figures_of_playbooks_equal_an_independent_count_of_the_log(reading: Reading) -> None:
    everything = Period.of_days(day("2020-01-01"), day("2027-12-31"))
    with reading.service.engine.connect() as connection:
        counted = {row.kind: row for row in connection.execute(PLAYBOOKS_BY_SQL)}

    figures = reading.report(everything).total.playbooks

    assert set(counted) == {"followed", "skipped", "unrecorded"}
    for kind, row in counted.items():
        mine = getattr(figures, kind)
        assert mine.cases == row.cases > 5
        assert mine.resolved.count == row.resolved > 0
        assert (mine.satisfied.yes, mine.satisfied.no) == (row.yes, row.no)
