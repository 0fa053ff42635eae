"""The lessons-learned report as it is answered: figures of its groups, and texts to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.personal import StaffText
from projections.lessons_period import Period
from projections.lessons_values import CaseFigures, GroupFigures, ImportedFigures
from service.instants import Instants


@dataclass(frozen=True, slots=True)
class CauseText:
    """What an analysis or a fishbone says in words under a code."""

    case_id: UUID
    reference: str
    book: str
    code: str
    text: StaffText


@dataclass(frozen=True, slots=True)
class LessonText:
    """What a record of lessons says in words; `about` is the name of its field (S58)."""

    case_id: UUID
    reference: str
    verdict: str
    about: str
    text: StaffText


@dataclass(frozen=True, slots=True)
class LessonStory:
    """A case to read: its lessons in words (S58, S65)."""

    case_id: UUID
    reference: str
    edition: int
    group: str
    verdict: str
    learned_at: datetime
    conflict_subtype: str | None
    channel: str
    outcome: str | None
    codes: tuple[str, ...]
    root: StaffText
    trigger: StaffText
    what_worked: StaffText | None
    what_made_it_worse: StaffText | None
    missed_by_early_detection: StaffText | None


@dataclass(frozen=True, slots=True)
class PreventionRow:
    """One preventive action; `state` is a code of the prevention states."""

    case_id: UUID
    reference: str
    edition: int
    prevention_id: str
    state: str
    owner: str
    due_on: date
    done_on: date | None
    effect: str | None
    action: StaffText
    finding: StaffText | None


@dataclass(frozen=True, slots=True)
class Available:
    """What there is to report on at all: the first and last day, and how many cases."""

    first: date | None
    last: date | None
    cases: int


@dataclass(frozen=True, kw_only=True)
class LessonsReport:
    """The whole report. `total` and `groups` are of `period`, `previous` of the one before it.

    `instants`: the past that it shows, if any. `texts_shown` is False where the reader has no right
    to the texts: then there are none.
    """

    period: Period
    previous_period: Period
    period_is_default: bool
    group_by: str
    made_at: datetime
    instants: Instants
    position: int
    lag_seconds: float
    edition: int
    total: GroupFigures
    groups: tuple[GroupFigures, ...]
    previous: CaseFigures
    imported_total: ImportedFigures
    imported_sources: tuple[ImportedFigures, ...]
    imported_groups: tuple[ImportedFigures, ...]
    texts_shown: bool
    cause_texts: tuple[CauseText, ...]
    lesson_texts: tuple[LessonText, ...]
    successes: tuple[LessonStory, ...]
    failures: tuple[LessonStory, ...]
    preventions: tuple[PreventionRow, ...]
    own_available: Available
    imported_available: Available
