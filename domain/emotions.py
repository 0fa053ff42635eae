"""What the customer says, who heard anger in it, and that a person takes over then (S10, S57)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from domain import errors, events
from domain.clocks import occasions as on
from domain.clocks.occasions import in_order
from domain.commitments import TO_THE_CUSTOMER
from domain.hearing import NEGATIVE, POSITIVE
from domain.personal import PersonalText
from domain.values import ActorKind, Sentiment

if TYPE_CHECKING:
    from domain.circumstances import Caller, Circumstances
    from domain.conflict_case import ConflictCase
    from domain.events import CaseEvent

Words = tuple[PersonalText | None, ...]


def _of_contact(event: events.InteractionLogged) -> Words:
    return (event.content,) if event.direction == "inbound" else ()


WORDS: dict[type[CaseEvent], Callable[[Any], Words]] = {
    events.ConflictReported: lambda event: (
        event.summary,
        event.description,
        event.desired_outcome,
    ),
    events.InteractionLogged: _of_contact,
    events.CustomerHeard: lambda event: (event.text,),
    events.ConflictFollowedUp: lambda event: (event.comment,),
    events.SurveyAnswered: lambda event: (event.comment,),
}
"""The events that hold words of the customer."""


def words_of(event: CaseEvent) -> tuple[PersonalText, ...]:
    """What the customer said in an event; empty for every other event."""
    words = WORDS.get(type(event))
    return tuple(text for text in words(event) if text is not None) if words else ()


def is_labelled(event: CaseEvent) -> bool:
    """Whether whoever recorded the words says how the customer feels: then no model is asked."""
    emotion, sentiment = getattr(event, "emotion", None), getattr(event, "sentiment", None)
    return emotion is not None or sentiment is not None


def heard(case: ConflictCase) -> dict[int, datetime]:
    """When the customer said something in this case, by the version of the event that tells it."""
    spoken: tuple[CaseEvent | None, ...] = (
        case.report,
        *case.interactions,
        *case.waits,
        *(event for _, event in case.follow_ups),
        *(event for _, event in case.survey_answers),
    )
    return {event.version: event.occurred_at for event in spoken if event and words_of(event)}


def words_were_heard(
    case: ConflictCase, event: events.EmotionRecognised, by: Circumstances
) -> None:
    if event.heard_in not in heard(case):
        raise errors.NoWordsHeard(field="heard_in")


def said_at(case: ConflictCase, event: events.EmotionRecognised, by: Circumstances) -> datetime:
    """When the words were said."""
    return heard(case)[event.heard_in]


CONTRARY: Final[Mapping[str, frozenset[str]]] = {
    POSITIVE: frozenset({"angry", "disappointed", "distrustful", "frustrated"}),
    NEGATIVE: frozenset({"satisfied"}),
}
"""The emotions that nobody has with a sentiment. Whoever is calm may be of any."""


def contradict(sentiment: str | None, emotion: str | None) -> bool:
    """Whether both cannot be true of the same words."""
    return emotion in CONTRARY.get(sentiment or "", ())


def feelings_agree(
    case: ConflictCase,
    event: events.EmotionRecognised | events.InteractionLogged,
    by: Circumstances,
) -> None:
    """Of one caller; what several hear in the same words may differ."""
    told = event.sentiment
    if contradict(told.label if isinstance(told, Sentiment) else told, event.emotion):
        raise errors.EmotionContradictsSentiment(field="emotion")


def not_recognised_before(
    case: ConflictCase, event: events.EmotionRecognised, by: Circumstances
) -> None:
    """A model tells once what it heard; another one, or a newer version, may hear otherwise."""
    known = {(e.heard_in, e.model, e.model_version) for e in case.emotions_recognised}
    if (event.heard_in, event.model, event.model_version) in known:
        raise errors.EmotionAlreadyRecognised(heard_in=event.heard_in, model=event.model)


def is_angry(case: ConflictCase) -> bool:
    """Whether anger was heard that no person has taken over yet."""
    for occasion in reversed(in_order(case.occasions)):
        if occasion.names & {on.TAKEN_OVER, on.RESOLVED, on.ENDED, on.REOPENED}:
            return on.ANGERED in occasion.names
        if on.ANGERED in occasion.names:
            return True
    return False


def person_answers_anger(case: ConflictCase, by: Caller) -> None:
    """A machine that talks on makes anger worse: it hands over to a person."""
    if by.actor.kind is not ActorKind.PERSON and is_angry(case):
        raise errors.PersonMustTakeOver


def person_turns_to_the_angry(
    case: ConflictCase, event: events.InteractionLogged, by: Circumstances
) -> None:
    """A machine goes on recording what the customer says; it does not answer."""
    if event.direction == "outbound":
        person_answers_anger(case, by)


def person_promises_to_the_angry(
    case: ConflictCase, event: events.CommitmentMade, by: Circumstances
) -> None:
    """A promise to a supplier or a colleague says nothing to the customer."""
    replaced = event.replaces is not None and _customer_has(case, event.replaces)
    if replaced or event.promised_to in TO_THE_CUSTOMER:
        person_answers_anger(case, by)


def person_takes_back_from_the_angry(
    case: ConflictCase, event: events.CommitmentWithdrawn, by: Circumstances
) -> None:
    if _customer_has(case, event.commitment_id):
        person_answers_anger(case, by)


def person_confirms_to_the_angry(
    case: ConflictCase, event: events.AgreementConfirmed, by: Circumstances
) -> None:
    """Minutes and solutions are agreed with the customer; promises may be made to others too."""
    if event.about not in case.commitments or _is_to_customer(case, event.about):
        person_answers_anger(case, by)


def machine_has_something_to_take_back(case: ConflictCase, by: Caller) -> None:
    """Where the angry customer has all that is promised, only a person takes it back."""
    if all(_customer_has(case, commitment_id) for commitment_id in _open_promises(case)):
        person_answers_anger(case, by)


def machine_has_something_to_confirm(case: ConflictCase, by: Caller) -> None:
    """Where nothing was agreed but with the angry customer, only a person confirms it."""
    if all(_is_to_customer(case, commitment_id) for commitment_id in _open_promises(case)):
        person_answers_anger(case, by)


def _open_promises(case: ConflictCase) -> list[str]:
    return [each.id for each in case.commitments.values() if each.owed.is_open(case.occasions)]


def _is_to_customer(case: ConflictCase, commitment_id: str) -> bool:
    commitment = case.commitments.get(commitment_id)
    return commitment is not None and commitment.made.promised_to in TO_THE_CUSTOMER


def _customer_has(case: ConflictCase, commitment_id: str) -> bool:
    """Whether the customer was given a promise: one that waits for its approval was not said."""
    return _is_to_customer(case, commitment_id) and case.commitments[commitment_id].may_be_given


def emotion_now(case: ConflictCase) -> str | None:
    """The newest emotion that anybody heard; a model's does not outdo a caller's of that event."""
    spoken: list[tuple[int, str]] = []
    for event in (case.report, *case.interactions):
        if event is not None and event.emotion is not None:
            spoken.append((event.version, event.emotion))
    labelled = {version for version, _ in spoken}
    spoken += [
        (event.heard_in, event.emotion)
        for event in case.emotions_recognised
        if event.emotion is not None and event.heard_in not in labelled
    ]
    return max(spoken, key=lambda each: each[0])[1] if spoken else None
