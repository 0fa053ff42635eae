"""What people wrote about the cases of a report: sealed texts, opened when a reader shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CTE, Connection, Row, Select, case, func, literal, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from domain.personal import StaffText
from projections.lessons_answer import CauseText, LessonStory, LessonText, PreventionRow
from projections.lessons_codes import analyses
from projections.lessons_prevention import prevention_state
from projections.lessons_tables import ATTEMPTS, LESSONS, PREVENTIONS
from projections.sealed_texts import Keys, open_keys

TEXTS_PER_CODE = 3
TEXTS_PER_QUESTION = 10
QUESTIONS = ("what_worked", "what_made_it_worse", "missed_by_early_detection")
"""Asked with every record of lessons, but not always answered (S58)."""
STORIES_PER_VERDICT = 10
PREVENTIONS_SHOWN = 100


class Texts:
    """Reads texts of the cases in `c`; each stays sealed until it is revealed."""

    def __init__(self, connection: Connection, c: CTE, keys: Keys) -> None:
        self._connection = connection
        self._c = c
        self._keys = keys

    def causes(self) -> tuple[CauseText, ...]:
        """The newest root causes of each cause class, the newest bones of each category."""
        both = (*self._newest(_root_causes(self._c)), *self._newest(_bones(self._c)))
        return tuple(
            CauseText(
                row.case_id, row.reference, row.book, row.code, self._text(row.case_id, row.text)
            )
            for row in both
        )

    def _newest(self, found: Select[Any]) -> Sequence[Row[Any]]:
        texts = found.subquery("texts")
        order = (texts.c.analysed_at.desc(), texts.c.case_id)
        place = func.row_number().over(partition_by=texts.c.code, order_by=order)
        placed = select(texts, place.label("place")).subquery("placed")
        chosen = select(placed).where(placed.c.place <= TEXTS_PER_CODE)
        return self._rows(chosen.order_by(placed.c.code, placed.c.place), "text")

    def _rows(self, statement: Select[Any], *texts: str) -> Sequence[Row[Any]]:
        """The rows, with the keys of their texts fetched in one round trip."""
        rows = self._connection.execute(statement).all()
        open_keys((row._mapping[name] for row in rows for name in texts), self._keys)
        return rows

    def lessons(self) -> tuple[LessonText, ...]:
        """The newest answers to each question, of every attempt."""
        return tuple(
            LessonText(
                row.case_id, row.reference, row.verdict, about, self._text(row.case_id, row.text)
            )
            for about in QUESTIONS
            for row in self._rows(_answers(self._c, about), "text")
        )

    def stories(self, verdict: str) -> tuple[LessonStory, ...]:
        """The cases whose newest lessons have this verdict, the newest first."""
        rows = self._rows(_stories(self._c, verdict), "root")
        return tuple(self._story(row) for row in rows)

    def _story(self, row: Row[Any]) -> LessonStory:
        return LessonStory(
            case_id=row.case_id,
            reference=row.reference,
            edition=row.edition,
            group=row.grp,
            verdict=row.verdict,
            learned_at=row.learned_at,
            conflict_subtype=row.conflict_subtype,
            channel=row.channel,
            outcome=row.outcome,
            codes=tuple(row.codes),
            root=self._text(row.case_id, row.root),
            trigger=self._text(row.case_id, row.trigger),
            what_worked=self._known(row.case_id, row.what_worked),
            what_made_it_worse=self._known(row.case_id, row.what_made_it_worse),
            missed_by_early_detection=self._known(row.case_id, row.missed_by_early_detection),
        )

    def preventions(self, today: date) -> tuple[PreventionRow, ...]:
        """By state, overdue ones first, then planned, completed, checked; each by due day."""
        rows = self._rows(_preventions(self._c, today), "action")
        return tuple(
            PreventionRow(
                case_id=row.case_id,
                reference=row.reference,
                edition=row.edition,
                prevention_id=row.prevention_id,
                state=row.state,
                owner=row.owner,
                due_on=row.due_on,
                done_on=row.done_on,
                effect=row.effect,
                action=self._text(row.case_id, row.action),
                finding=self._known(row.case_id, row.finding),
            )
            for row in rows
        )

    def _known(self, case_id: UUID, token: str | None) -> StaffText | None:
        return None if token is None else self._text(case_id, token)

    def _text(self, case_id: UUID, token: str) -> StaffText:
        unseal = partial(self._keys.unseal, bound_to=case_id.bytes)
        held = StaffText.sealed(token, unseal, self._keys.is_erased)
        return cast(StaffText, held)


def _root_causes(c: CTE) -> Select[Any]:
    found = analyses(c).subquery("analyses")
    return (
        select(
            found.c.case_id,
            c.c.reference,
            literal("cause_classes").label("book"),
            found.c.primary_cause.label("code"),
            found.c.root_cause.label("text"),
            found.c.analysed_at,
        )
        .join(c, c.c.case_id == found.c.case_id)
        .where(found.c.standing)
    )


def _bones(c: CTE) -> Select[Any]:
    found = analyses(c).subquery("analyses")
    bones = func.jsonb_array_elements(found.c.fishbone).table_valued("value").alias("bones")
    return (
        select(
            found.c.case_id,
            c.c.reference,
            literal("fishbone_categories").label("book"),
            func.jsonb_extract_path_text(bones.c.value, "category").label("code"),
            func.jsonb_extract_path_text(bones.c.value, "cause").label("text"),
            found.c.analysed_at,
        )
        .join(c, c.c.case_id == found.c.case_id)
        .join(bones, true())
        .where(found.c.standing)
    )


def _answers(c: CTE, question: str) -> Select[Any]:
    answer = LESSONS.c[question]
    return (
        select(LESSONS.c.case_id, c.c.reference, LESSONS.c.verdict, answer.label("text"))
        .join(c, c.c.case_id == LESSONS.c.case_id)
        .where(answer.is_not(None))
        .order_by(LESSONS.c.learned_at.desc(), LESSONS.c.case_id, LESSONS.c.version.desc())
        .limit(TEXTS_PER_QUESTION)
    )


def _stories(c: CTE, verdict: str) -> Select[Any]:
    newest = (
        select(LESSONS)
        .where(LESSONS.c.case_id.in_(select(c.c.case_id)))
        .ext(distinct_on(LESSONS.c.case_id))
        .order_by(LESSONS.c.case_id, LESSONS.c.version.desc())
        .subquery("newest")
    )
    standing = (ATTEMPTS.c.case_id == c.c.case_id) & (ATTEMPTS.c.attempt == c.c.attempt)
    return (
        select(
            newest,
            c.c.reference,
            c.c.edition,
            c.c.grp,
            c.c.conflict_subtype,
            c.c.channel,
            ATTEMPTS.c.outcome,
        )
        .join(c, c.c.case_id == newest.c.case_id)
        .join(ATTEMPTS, standing)
        .where(newest.c.verdict == verdict)
        .order_by(newest.c.learned_at.desc(), newest.c.case_id)
        .limit(STORIES_PER_VERDICT)
    )


def _preventions(c: CTE, today: date) -> Select[Any]:
    state = prevention_state(today)
    urgency = case({"overdue": 0, "planned": 1, "completed": 2}, value=state, else_=3)
    return (
        select(PREVENTIONS, state.label("state"), c.c.reference, c.c.edition)
        .join(c, c.c.case_id == PREVENTIONS.c.case_id)
        .order_by(urgency, PREVENTIONS.c.due_on, c.c.reference, PREVENTIONS.c.prevention_id)
        .limit(PREVENTIONS_SHOWN)
    )
