"""The lessons-learned report as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from api.json_body import rfc3339, rfc3339_or_null
from api.rendering import Reader
from api.reports.figures_json import (
    cases_json,
    earlier_json,
    playbooks_json,
    repeats_json,
    share_json,
    told_json,
)
from api.reports.wording import Wording
from api.reports.words import DEFINITIONS
from api.state_labels import owner_label, prevention_label
from domain.impact import BOOK as IMPACT_BOOK
from domain.impact import COEFFICIENTS
from domain.personal import PersonalText
from projections.lessons_answer import (
    Available,
    CauseText,
    LessonsReport,
    LessonStory,
    LessonText,
    PreventionRow,
)
from projections.lessons_impact import LIKELY, ImpactCases, ImpactFigures
from projections.lessons_period import Period
from projections.lessons_targets import TargetFigures
from projections.lessons_values import (
    CodeCount,
    CodeFigures,
    GroupFigures,
    ImportedFigures,
    PreventionFigures,
)

Json = dict[str, Any]
CODE_BOOKS: Final = {
    "outcomes": "resolution_outcomes",
    "upheld": "upheld",
    "complaint_causes": "complaint_causes",
    "cause_classes": "cause_classes",
    "fishbone": "fishbone_categories",
    "lessons": "lesson_codes",
    "wrong_behaviours": "wrong_behaviours",
    "verdicts": "verdicts",
}
_STORY_TEXTS: Final = (
    "root",
    "trigger",
    "what_worked",
    "what_made_it_worse",
    "missed_by_early_detection",
)


def report_json(report: LessonsReport, reader: Reader, wording: Wording) -> Json:
    """The whole report; texts as far as the reader may read them, labels in one language."""
    shape = _Shape(report.group_by, reader, wording)
    return {
        "report": "lessons_learned",
        "language": wording.language,
        "period": {**_period(report.period), "is_default": report.period_is_default},
        "previous_period": _period(report.previous_period),
        "group_by": report.group_by,
        "made_at": rfc3339(report.made_at),
        "as_of": rfc3339_or_null(report.instants.as_of),
        "known_at": rfc3339_or_null(report.instants.known_at),
        "read_position": report.position,
        "lag_seconds": round(report.lag_seconds, 3),
        "available": {
            "own": _available(report.own_available),
            "imported": _available(report.imported_available),
        },
        "total": shape.group(report.total),
        "previous": cases_json(report.previous),
        "groups": [shape.group(group) for group in report.groups],
        "texts": {"shown": report.texts_shown, "note": shape.note(report)},
        "cause_texts": [shape.cause_text(each) for each in report.cause_texts],
        "lesson_texts": [shape.lesson_text(each) for each in report.lesson_texts],
        "successes": [shape.story(each) for each in report.successes],
        "failures": [shape.story(each) for each in report.failures],
        "preventions": [shape.prevention(each) for each in report.preventions],
        "imported": {
            "total": shape.imported(report.imported_total),
            "sources": [shape.imported(each) for each in report.imported_sources],
            "groups": [shape.imported(each) for each in report.imported_groups],
        },
        "definitions": {
            figure: labels.in_language(wording.language) for figure, labels in DEFINITIONS.items()
        },
    }


class _Shape:
    """Turns the parts into JSON for one reader, in one language."""

    def __init__(self, group_by: str, reader: Reader, wording: Wording) -> None:
        self._group_by = group_by
        self._reader = reader
        self._wording = wording

    def note(self, report: LessonsReport) -> str | None:
        return None if report.texts_shown else self._wording.word("no_texts")

    def group(self, group: GroupFigures) -> Json:
        return {
            **self._named(group.code),
            **cases_json(group.counts),
            "earlier_attempts": earlier_json(group.earlier),
            "codes": self._codes(group.codes),
            "preventions": self._preventions(group.preventions),
            "repeats": repeats_json(group.repeats),
            "playbooks": playbooks_json(group.playbooks),
            "targets": [self.target(each) for each in group.targets],
            "impact": self._impact(group.impact),
        }

    def _named(self, code: str | None) -> Json:
        if code is None:
            return {"code": None, "label": self._wording.word("all")}
        return {"code": code or None, "label": self._wording.group(self._group_by, code)}

    def _codes(self, codes: CodeFigures) -> Json:
        return {
            family: self._counts(book, getattr(codes, family))
            for family, book in CODE_BOOKS.items()
        }

    def _counts(self, book: str, counts: Iterable[CodeCount]) -> list[Json]:
        return [
            {
                **self._code(book, count.code),
                "standing": count.standing,
                "earlier": count.earlier,
            }
            for count in counts
        ]

    def target(self, figures: TargetFigures) -> Json:
        return {
            "clock": figures.clock,
            "label": self._wording.label("service_clocks", figures.clock),
            "met": share_json(figures.attained),
            "missed": figures.missed,
            "running": figures.running,
            "cancelled": figures.cancelled,
        }

    def _impact(self, figures: ImpactFigures) -> Json:
        least, most = figures.people_told
        return {
            "cases": figures.cases,
            "not_estimated": figures.not_estimated,
            "people_told": {"least": least, "most": most},
            "customers": {name: float(figures.customers(name)) for name in LIKELY},
            "coefficients": [self._coefficients(each) for each in figures.estimated],
        }

    def _coefficients(self, found: ImpactCases) -> Json:
        return {
            "book": IMPACT_BOOK,
            "version": found.version,
            "mood": found.mood,
            "label": self._wording.label(IMPACT_BOOK, found.mood),
            "cases": found.cases,
            **{name: found.coefficient(name) for name in COEFFICIENTS},
        }

    def _code(self, book: str, code: str) -> Json:
        return {"code": code, "label": self._wording.label(book, code)}

    def _preventions(self, figures: PreventionFigures) -> Json:
        return {
            "planned": figures.planned,
            "overdue": figures.overdue,
            "completed": figures.completed,
            "checked": [
                {**self._code("prevention_effects", effect.code), "count": effect.standing}
                for effect in figures.checked
            ],
            "done_late": figures.done_late,
            "covered": share_json(figures.covered),
            "trainings": figures.trainings,
            "participants": figures.participants,
        }

    def cause_text(self, found: CauseText) -> Json:
        self._reader.about(found.case_id)
        return {
            "case_id": str(found.case_id),
            "reference": found.reference,
            "book": found.book,
            **self._code(found.book, found.code),
            "text": self._reader.text(found.text),
        }

    def lesson_text(self, found: LessonText) -> Json:
        self._reader.about(found.case_id)
        return {
            "case_id": str(found.case_id),
            "reference": found.reference,
            "verdict": found.verdict,
            "about": found.about,
            "text": self._reader.text(found.text),
        }

    def story(self, story: LessonStory) -> Json:
        self._reader.about(story.case_id)
        return {
            "case_id": str(story.case_id),
            "reference": story.reference,
            "group": self._named(story.group),
            "verdict": story.verdict,
            "learned_at": rfc3339(story.learned_at),
            "conflict_subtype": story.conflict_subtype,
            "channel": story.channel,
            "outcome": story.outcome,
            "lesson_codes": [self._code("lesson_codes", code) for code in story.codes],
            **{name: self._text(getattr(story, name)) for name in _STORY_TEXTS},
        }

    def prevention(self, row: PreventionRow) -> Json:
        self._reader.about(row.case_id)
        return {
            "case_id": str(row.case_id),
            "reference": row.reference,
            "prevention_id": row.prevention_id,
            "state": row.state,
            "state_label": prevention_label(row.state, self._wording.language),
            "owner": row.owner,
            "owner_label": owner_label(row.owner, self._wording.language),
            "due_on": row.due_on.isoformat(),
            "done_on": row.done_on and row.done_on.isoformat(),
            "effect": row.effect,
            "action": self._text(row.action),
            "finding": self._text(row.finding),
        }

    def _text(self, held: PersonalText | None) -> Any:
        return self._reader.text(held)

    def imported(self, figures: ImportedFigures) -> Json:
        return {
            "system": figures.system,
            **self._named(figures.code),
            "cases": figures.cases,
            "timely": told_json(figures.timely),
            "disputed": told_json(figures.disputed),
            "reopened": share_json(figures.reopened),
            "reopenings": figures.reopenings,
            "went_on": figures.went_on,
            "outcomes": [
                {"outcome": outcome, "cases": cases} for outcome, cases in figures.outcomes
            ],
        }


def _period(period: Period) -> Json:
    """Days, both included; or instants, the second left out."""
    if period.is_of_days:
        ends = period.first_day.isoformat(), period.last_day.isoformat()
    else:
        ends = rfc3339(period.start), rfc3339(period.end)
    return {"from": ends[0], "to": ends[1], "on": "reported_at"}


def _available(available: Available) -> Json:
    first, last = available.first, available.last
    return {
        "from": first and first.isoformat(),
        "to": last and last.isoformat(),
        "cases": available.cases,
    }
