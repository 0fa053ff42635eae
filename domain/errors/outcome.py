"""Refusals from the resolution on: scores, lessons, preventive actions."""

from __future__ import annotations

from domain.errors.refusal import Refusal


class ScoreOutsideScale(Refusal):
    """The score does not lie on its scale (S51)."""

    code = "score_outside_scale"


class LessonsMissing(Refusal):
    """The step needs the lessons of this attempt to be recorded (S58)."""

    code = "lessons_missing"


class AnswersUnknown(Refusal):
    """A case is closed once both answers are known: satisfied, substantially solved (S53)."""

    code = "answers_unknown"


class UnknownPrevention(Refusal):
    """This case has no such preventive action."""

    code = "unknown_prevention"


class PreventionAlreadyDone(Refusal):
    """The preventive action was completed before."""

    code = "prevention_already_done"


class PreventionNotDone(Refusal):
    """The effect of a preventive action is checked after it was done (S60)."""

    code = "prevention_not_done"
