"""The figures of the lessons-learned report, each with its definition.

Only cases of our own count here; imported ones have `ImportedFigures`. Two words recur:
*standing* is what holds now, in the case's newest attempt; *earlier* is what lost attempts had
reached before the case was reopened or analysed again. Both are counted, never added up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from projections.figures import Answers, Share, Spread
from projections.lessons_impact import ImpactFigures
from projections.lessons_targets import TargetFigures

FIRST_CONTACT = timedelta(hours=24)
"""How soon a case is resolved at first contact: within the day."""
FIRST_CONTACT_TARGET = 0.8
"""S63: at least 80 % are resolved at first contact."""
PROMPT_REPLY = timedelta(minutes=30)
"""S40, S63: the first reply comes within 30 minutes."""
REPEAT_WITHIN = timedelta(days=90)
"""How long a customer must stay away for the same matter not to have come back (S44)."""


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How often a code stands now, and how often lost attempts had it."""

    code: str
    standing: int = 0
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the cases stand now; together they are all cases.

    `open`: reported up to risk assessed. `resolved`: resolved, followed up or closed.
    """

    open: int = 0
    resolved: int = 0
    dismissed: int = 0
    withdrawn: int = 0
    merged: int = 0


@dataclass(frozen=True, slots=True)
class EarlierAttempts:
    """What lost attempts had reached: those that were followed by another attempt."""

    attempts: int = 0
    resolved: int = 0
    satisfied: Answers = field(default=Answers())
    substantially_solved: Answers = field(default=Answers())


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """What is counted case by case. Times run from the report.

    `cases`: reported in the period. `reopenings`: how often they were, all together.
    `resolution_rate`: standing resolved, of those open or resolved.
    `accepted`, `satisfied`, `substantially_solved`: the standing attempt's newest answers, over
    cases that stand resolved.
    `disputed`: the customer did not accept a resolution, in any attempt; of cases ever resolved.
    `reopened`: at least once; of cases ever resolved or dismissed.
    `disputed_or_reopened`: either; of cases ever resolved or dismissed.
    `escalated`: to somebody higher up or outside, of all cases.
    `first_contact_resolution`: resolved within 24 hours of the report in a single attempt,
    without escalation or referral; of cases ever resolved, and open ones older than that.
    `prompt_reply`: first reply within 30 minutes of the report; of cases that got a reply or are
    older than that.
    `stages`: time until the stage was first reached; a later attempt does not count again. What
    is said to have happened before the report counts as 0 seconds. `first_reply`: the same for
    the first reply: whatever stops the service clock of that name.
    """

    cases: int = 0
    standing: Standing = field(default=Standing())
    reopenings: int = 0
    resolution_rate: Share = field(default=Share())
    accepted: Answers = field(default=Answers())
    satisfied: Answers = field(default=Answers())
    substantially_solved: Answers = field(default=Answers())
    disputed: Share = field(default=Share())
    reopened: Share = field(default=Share())
    disputed_or_reopened: Share = field(default=Share())
    escalated: Share = field(default=Share())
    first_contact_resolution: Share = field(default=Share())
    prompt_reply: Share = field(default=Share())
    first_reply: Spread = field(default=Spread())
    stages: Mapping[str, Spread] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodeFigures:
    """How often each code came up, most frequent first.

    `outcomes`, `upheld`: of cases that stand resolved; earlier: of lost attempts.
    `cause_classes`, `fishbone`: of each case's newest analysis, a case once per code; earlier:
    of the analyses before it. `complaint_causes`: as confirmed with the customer.
    `lessons`, `wrong_behaviours`: a case once per code, whichever attempt taught it. `verdicts`: by
    the case's newest lessons.
    """

    outcomes: tuple[CodeCount, ...] = ()
    upheld: tuple[CodeCount, ...] = ()
    complaint_causes: tuple[CodeCount, ...] = ()
    cause_classes: tuple[CodeCount, ...] = ()
    fishbone: tuple[CodeCount, ...] = ()
    lessons: tuple[CodeCount, ...] = ()
    wrong_behaviours: tuple[CodeCount, ...] = ()
    verdicts: tuple[CodeCount, ...] = ()


@dataclass(frozen=True, slots=True)
class PreventionFigures:
    """Preventive actions of the cases by their state today (S60), and trainings (S61).

    `planned`, `overdue`: not done, due today or later, or before today. `completed`: done, and
    nobody checked the effect yet. `checked`: by effect. `done_late`: done after the due day.
    `covered`: cases with at least one preventive action, of cases with lessons.
    """

    planned: int = 0
    overdue: int = 0
    completed: int = 0
    checked: tuple[CodeCount, ...] = ()
    done_late: int = 0
    covered: Share = field(default=Share())
    trainings: int = 0
    participants: int = 0


@dataclass(frozen=True, slots=True)
class RepeatFigures:
    """How often the customer came back with the same subtype within 90 days of the report (S44).

    Counted are cases with a subtype, not merged, reported at least 90 days ago; what came back
    may lie after the period. `first_done_on`: when the first preventive action of these cases
    was completed; `before` and `after`: cases reported before that day, or on it and later.
    """

    overall: Share = field(default=Share())
    first_done_on: date | None = None
    before: Share = field(default=Share())
    after: Share = field(default=Share())


@dataclass(frozen=True, slots=True)
class PlaybookCases:
    """Cases of one kind: how many, how many of them stand resolved, how many are satisfied.

    `resolved`: of those that stand resolved or are not resolved yet. `satisfied`: the newest
    answers of those that stand resolved.
    """

    cases: int = 0
    resolved: Share = field(default=Share())
    satisfied: Answers = field(default=Answers())


@dataclass(frozen=True, slots=True)
class PlaybookFigures:
    """Cases by what the newest records say of their playbooks (S6, S34).

    `followed`: every step on record was followed; `skipped`: at least one was left out;
    `unrecorded`: nothing is on record.
    """

    followed: PlaybookCases = field(default=PlaybookCases())
    skipped: PlaybookCases = field(default=PlaybookCases())
    unrecorded: PlaybookCases = field(default=PlaybookCases())


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """All figures of one group; `code` is None for all groups together, "" where not known."""

    code: str | None
    counts: CaseFigures = field(default_factory=CaseFigures)
    earlier: EarlierAttempts = field(default=EarlierAttempts())
    codes: CodeFigures = field(default=CodeFigures())
    preventions: PreventionFigures = field(default=PreventionFigures())
    repeats: RepeatFigures = field(default=RepeatFigures())
    playbooks: PlaybookFigures = field(default=PlaybookFigures())
    targets: tuple[TargetFigures, ...] = ()
    impact: ImpactFigures = field(default=ImpactFigures())


@dataclass(frozen=True, slots=True)
class ImportedFigures:
    """Cases handled elsewhere, by the words of their sources; counted by the day received.

    `outcomes`: by the source's own wording, None where it says nothing. `timely`: on time, as
    the source says (a service desk's "made SLA"). `reopened`: at least once, of those whose
    source says how often; `reopenings`: all together. `went_on`: moved on here since.
    `code`: the group; `system`: the source; None stands for all.
    """

    system: str | None
    code: str | None
    cases: int = 0
    timely: Answers = field(default=Answers())
    disputed: Answers = field(default=Answers())
    reopened: Share = field(default=Share())
    reopenings: int = 0
    went_on: int = 0
    outcomes: tuple[tuple[str | None, int], ...] = ()
