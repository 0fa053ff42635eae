"""What the events of a case mean to its clocks: occasions, and the terms that they state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from domain import events
from domain.clocks import occasions as on
from domain.clocks.occasions import Occasion
from domain.clocks.policy import Terms
from domain.values import ActorKind, SurveyOccasion

MEETING_CHANNELS = frozenset({"in_person", "video_call"})
"""Where people met, minutes are owed (S48)."""
TALKING_CHANNELS = MEETING_CHANNELS | {"phone", "chat"}
"""Where people talked, they are asked how it was (S51)."""
BETWEEN_US = {"inbound": (on.HEARD,), "outbound": (on.REPLIED, on.CONTACTED)}
"""What it is that the customer turned to us, or we to the customer."""
ANGER = "angry"
NEGATIVE = "negative"

Names = Callable[[Any], tuple[str, ...]]


def _reported(event: events.ConflictReported) -> tuple[str, ...]:
    return (on.REPORTED, *_anger(event.emotion))


def _contact(event: events.InteractionLogged) -> tuple[str, ...]:
    """Anger (S10) or a negative sentiment (S57) is an occasion of its own.

    What is said among ourselves or to others is no reply to the customer (S40).
    """
    names = list(BETWEEN_US.get(event.direction, ()))
    if event.channel in MEETING_CHANNELS:
        names.append(on.MET)
    if event.channel in TALKING_CHANNELS:
        names.append(on.TALKED)
    is_negative = event.sentiment is not None and event.sentiment.label == NEGATIVE
    return (*names, *(_anger(ANGER) if is_negative else _anger(event.emotion)))


def _recognised(event: events.EmotionRecognised) -> tuple[str, ...]:
    return _anger(ANGER if event.sentiment == NEGATIVE else event.emotion)


def _escalated(event: events.CaseEscalated) -> tuple[str, ...]:
    """Only a person takes an angry customer over; a machine can no more than call one."""
    is_person = event.actor.kind is ActorKind.PERSON
    return (on.ESCALATED, on.TAKEN_OVER) if is_person else (on.ESCALATED,)


ASKED = {
    SurveyOccasion.RESOLUTION: (on.SURVEY_SENT,),
    SurveyOccasion.CONTACT: (on.CONTACT_SURVEY_SENT,),
    SurveyOccasion.CYCLE: (on.FOLLOWED_UP,),
}


def _surveyed(event: events.SurveySent) -> tuple[str, ...]:
    return ASKED[event.occasion]


def _answered(event: events.SurveyAnswered) -> tuple[str, ...]:
    """What was answered about a resolution is a follow-up; about a talk, it stops nothing."""
    return () if event.occasion is SurveyOccasion.CONTACT else (on.FOLLOWED_UP,)


def _anger(emotion: str | None) -> tuple[str, ...]:
    return (on.ANGERED,) if emotion == ANGER else ()


def _always(*names: str) -> Names:
    return lambda event: names


NAMES: dict[type[events.CaseEvent], Names] = {
    events.ConflictReported: _reported,
    events.ConflictAcknowledged: _always(on.REPLIED),
    events.ConflictConfirmed: _always(on.REPLIED, on.CONFIRMED),
    events.ConflictDismissed: _always(on.REPLIED, on.ENDED),
    events.InteractionLogged: _contact,
    events.ConflictAnalysed: _always(on.ANALYSED),
    events.SolutionProposed: _always(on.PROPOSED),
    events.CustomerConsulted: _always(on.REPLIED, on.HEARD),
    events.SolutionChosen: _always(on.CHOSEN),
    events.ConflictResolved: _always(on.REPLIED, on.RESOLVED),
    events.ConflictFollowedUp: _always(on.FOLLOWED_UP),
    events.CaseClosed: _always(on.ENDED),
    events.CaseReopened: _always(on.REOPENED),
    events.CaseEscalated: _escalated,
    events.SurveySent: _surveyed,
    events.SurveyAnswered: _answered,
    events.DirectorOrderOpened: _always(on.ORDER_OPENED),
    events.DirectorPlanDelivered: _always(on.ORDER_PLANNED),
    events.ConflictWithdrawn: _always(on.ENDED),
    events.CaseMerged: _always(on.MERGED),
    events.CaseUnmerged: _always(on.UNMERGED),
    events.ServiceTermsSet: _always(),
    events.CustomerAwaited: _always(on.WAITING),
    events.CustomerHeard: _always(on.HEARD),
    events.MinutesSent: _always(on.REPLIED, on.MINUTES_SENT),
    events.SupplementAsked: _always(on.SUPPLEMENT_ASKED, on.HEARD),
    events.SupplementSent: _always(on.REPLIED, on.CONTACTED, on.SUPPLEMENT_SENT),
    events.ProgressUpdated: _always(on.REPLIED, on.CONTACTED, on.PROGRESS_TOLD),
    events.DelayDisclosed: _always(on.REPLIED, on.CONTACTED),
    events.EmotionRecognised: _recognised,
}
"""Events that concern clocks; every other one leaves them alone."""


def _report_terms(event: events.ConflictReported) -> Terms:
    """What nobody called urgent or complex is normal and ordinary (S40, S41)."""
    return _known(
        channel=event.channel,
        urgency=event.urgency or "normal",
        request_kind=event.request_kind or "ordinary",
        tier=event.customer.tier,
    )


def _set_terms(event: events.ServiceTermsSet) -> Terms:
    return _known(
        urgency=event.urgency,
        request_kind=event.request_kind,
        tier=event.customer_tier,
        regulation=event.regulation,
        calendar=event.calendar,
    )


TERMS: dict[type[events.CaseEvent], Callable[[Any], Terms]] = {
    events.ConflictReported: _report_terms,
    events.ConflictConfirmed: lambda event: {"severity": event.severity},
    events.ServiceTermsSet: _set_terms,
}


def _known(**terms: str | None) -> Terms:
    return {name: code for name, code in terms.items() if code is not None}


def occasion_of(event: events.CaseEvent) -> Occasion | None:
    """What the event means to the clocks of its case; None where it means nothing."""
    names = NAMES.get(type(event))
    if names is None:
        return None
    terms = TERMS.get(type(event))
    return Occasion(
        at=_instant_of(event),
        version=event.originator_version,
        names=frozenset(names(event)),
        terms=terms(event) if terms else {},
    )


def _instant_of(event: events.CaseEvent) -> datetime:
    """The words, not a model's telling of them, are the occasion."""
    if isinstance(event, events.EmotionRecognised):
        return event.said_at
    return event.occurred_at
