"""The counting of the lessons-learned report by code: outcomes, causes, lessons, effects."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, Select, and_, func, literal, or_, select, true

from projections.lessons_queries import RESOLVED
from projections.lessons_tables import ATTEMPTS, LESSONS, PREVENTIONS


def code_counts(c: CTE, family: str) -> Select[Any]:
    """(grp, code, standing, earlier) of one family of `CodeFigures`."""
    found = _FAMILIES[family](c).subquery("found")
    return (
        select(
            found.c.grp,
            found.c.code,
            func.count().filter(found.c.standing).label("standing"),
            func.count().filter(found.c.earlier).label("earlier"),
        )
        .where(found.c.code.is_not(None), or_(found.c.standing, found.c.earlier))
        .group_by(found.c.code, func.rollup(found.c.grp))
    )


def _outcomes(c: CTE, column: str) -> Select[Any]:
    a = ATTEMPTS
    return select(
        c.c.grp,
        a.c[column].label("code"),
        and_(a.c.attempt == c.c.attempt, c.c.status.in_(RESOLVED)).label("standing"),
        (a.c.attempt < c.c.attempt).label("earlier"),
    ).join(a, a.c.case_id == c.c.case_id)


def analyses(c: CTE) -> Select[Any]:
    """Every analysis of the cases; `standing` where it is the case's newest."""
    a = ATTEMPTS
    newest = func.max(a.c.attempt).over(partition_by=a.c.case_id)
    return (
        select(
            c.c.grp,
            a.c.case_id,
            a.c.attempt,
            a.c.primary_cause,
            a.c.root_cause,
            a.c.fishbone,
            a.c.analysed_at,
            (a.c.attempt == newest).label("standing"),
            (a.c.attempt < newest).label("earlier"),
        )
        .join(a, a.c.case_id == c.c.case_id)
        .where(a.c.primary_cause.is_not(None))
    )


def _cause_classes(c: CTE) -> Select[Any]:
    found = analyses(c).subquery("analyses")
    return select(
        found.c.grp, found.c.primary_cause.label("code"), found.c.standing, found.c.earlier
    )


def _fishbone(c: CTE) -> Select[Any]:
    found = analyses(c).subquery("analyses")
    bones = func.jsonb_array_elements(found.c.fishbone).table_valued("value").alias("bones")
    category = func.jsonb_extract_path_text(bones.c.value, "category")
    return (
        select(
            found.c.grp,
            found.c.case_id,
            found.c.attempt,
            category.label("code"),
            found.c.standing,
            found.c.earlier,
        )
        .join(bones, true())
        .distinct()
    )


def _complaint_causes(c: CTE) -> Select[Any]:
    return select(
        c.c.grp,
        c.c.complaint_cause.label("code"),
        true().label("standing"),
        literal(False).label("earlier"),
    )


def _of_lessons(c: CTE, column: str) -> Select[Any]:
    codes = func.jsonb_array_elements_text(LESSONS.c[column]).table_valued("value").alias("codes")
    return (
        select(
            c.c.grp,
            c.c.case_id,
            codes.c.value.label("code"),
            true().label("standing"),
            literal(False).label("earlier"),
        )
        .join(LESSONS, LESSONS.c.case_id == c.c.case_id)
        .join(codes, true())
        .distinct()
    )


def _verdicts(c: CTE) -> Select[Any]:
    newest = func.max(LESSONS.c.version).over(partition_by=LESSONS.c.case_id)
    return select(
        c.c.grp,
        LESSONS.c.verdict.label("code"),
        (LESSONS.c.version == newest).label("standing"),
        literal(False).label("earlier"),
    ).join(LESSONS, LESSONS.c.case_id == c.c.case_id)


def _effects(c: CTE) -> Select[Any]:
    return select(
        c.c.grp,
        PREVENTIONS.c.effect.label("code"),
        true().label("standing"),
        literal(False).label("earlier"),
    ).join(PREVENTIONS, PREVENTIONS.c.case_id == c.c.case_id)


_FAMILIES = {
    "outcomes": lambda c: _outcomes(c, "outcome"),
    "upheld": lambda c: _outcomes(c, "upheld"),
    "complaint_causes": _complaint_causes,
    "cause_classes": _cause_classes,
    "fishbone": _fishbone,
    "lessons": lambda c: _of_lessons(c, "codes"),
    "wrong_behaviours": lambda c: _of_lessons(c, "wrong_behaviours"),
    "verdicts": _verdicts,
    "effects": _effects,
}
