"""Surveys: the rules of asking and answering, and what the domain adds to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import errors, events
from domain.book_answers import score_range
from domain.values import Status, SurveyOccasion

if TYPE_CHECKING:
    from domain.circumstances import Caller, Circumstances
    from domain.conflict_case import ConflictCase

STANDS_RESOLVED = frozenset({Status.RESOLVED, Status.FOLLOWED_UP})
SAYS = ("value", "satisfied", "substantially_solved", "comment")


def survey_id(case: ConflictCase, event: events.SurveySent, by: Circumstances) -> str:
    return f"Q{len(case.surveys) + 1}"


def something_to_ask_about(case: ConflictCase, event: events.SurveySent, by: Circumstances) -> None:
    """Only about a talk can be asked before the case is resolved."""
    if event.occasion is not SurveyOccasion.CONTACT and case.status not in STANDS_RESOLVED:
        raise errors.SurveyBeforeResolution(occasion=event.occasion, status=case.status)


def unanswered(case: ConflictCase) -> list[str]:
    """The ids of the surveys that wait for an answer."""
    answered = {event.survey_id for _, event in case.survey_answers}
    return [name for name in case.surveys if name not in answered]


def some_survey_unanswered(case: ConflictCase, by: Caller) -> None:
    if not case.surveys:
        raise errors.UnknownSurvey(unanswered=[])
    if not unanswered(case):
        raise errors.SurveyAlreadyAnswered


def survey_unanswered(case: ConflictCase, event: events.SurveyAnswered, by: Circumstances) -> None:
    if event.survey_id not in case.surveys:
        raise errors.UnknownSurvey(unanswered=unanswered(case))
    if event.survey_id not in unanswered(case):
        raise errors.SurveyAlreadyAnswered(survey_id=event.survey_id)


def something_answered(case: ConflictCase, event: events.SurveyAnswered, by: Circumstances) -> None:
    if all(getattr(event, name) is None for name in SAYS):
        raise errors.NothingAnswered


def value_on_scale(case: ConflictCase, event: events.SurveyAnswered, by: Circumstances) -> None:
    if event.value is None:
        return
    asked = case.surveys[event.survey_id].scale
    least, most = score_range(case.edition, asked)
    if not least <= event.value <= most:
        raise errors.ScoreOutsideScale(scale=asked, least=least, most=most)


def occasion(case: ConflictCase, event: events.SurveyAnswered, by: Circumstances) -> SurveyOccasion:
    return case.surveys[event.survey_id].occasion


def scale(case: ConflictCase, event: events.SurveyAnswered, by: Circumstances) -> str:
    return case.surveys[event.survey_id].scale


def status_after_answer(
    case: ConflictCase, event: events.SurveyAnswered, by: Circumstances
) -> Status:
    """Followed up, where the customer was asked about a resolution that still stands."""
    asked_about_it = occasion(case, event, by) is not SurveyOccasion.CONTACT
    return Status.FOLLOWED_UP if asked_about_it and case.status in STANDS_RESOLVED else case.status
