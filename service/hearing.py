"""Hearing anger at once: a classifier is asked in the request that brings the words.

What it hears is recorded in the same append as the words themselves, so it is neither lost nor
recorded twice, and a replay asks nobody.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Final

import structlog

from domain.checking import check
from domain.circumstances import Circumstances
from domain.conflict_case import ConflictCase
from domain.emotions import contradict, is_labelled, words_of
from domain.errors import InvalidValue, Refusal
from domain.events import CaseEvent
from domain.hearing import Classifier, Heard
from domain.keywords import KeywordClassifier, keyword_classifier
from domain.kinds import CodeOf
from domain.reference_books import CURRENT_EDITION, EDITIONS, Edition
from domain.value_kinds import Count, Emotion, Percent, VersionName
from domain.values import Actor, ActorKind, Role
from service.classifier_plug_in import PlugIn, TooManyWait, TooSlow, load_classifier
from service.hearing_tally import HearingTally, Outcome
from service.settings import Settings

log = structlog.get_logger(__name__)

CLASSIFIER: Final = Actor(id="classifier", kind=ActorKind.SYSTEM)
STEP: Final = "recognise_emotion"
KEYWORDS, NOBODY = "keywords", "none"


class NoAnswer(Exception):
    """What a classifier gave back is nothing that was heard."""


OUTCOME_OF: Final[dict[type[Exception], Outcome]] = {
    TooSlow: Outcome.TIMED_OUT,
    TooManyWait: Outcome.BUSY,
    NoAnswer: Outcome.UNUSABLE,
    InvalidValue: Outcome.UNUSABLE,
}
"""What an error of a question counts as; any other is one that the classifier raised."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the step `recognise_emotion` is told."""

    heard_in: Count
    sentiment: Annotated[str, CodeOf("sentiments")]
    emotion: Emotion | None
    confidence_percent: Percent
    model: VersionName
    model_version: VersionName


@dataclass(frozen=True)
class Question:
    """The words of an event, and what an answer is held against."""

    text: str
    language: str | None
    heard_in: int
    edition: Edition

    def put_to(self, classifier: Classifier) -> tuple[Heard, Said]:
        """Raises NoAnswer, also where the answer contradicts itself, InvalidValue for a code or
        figure out of range, or what the classifier raises.
        """
        heard = classifier.hear(self.text, self.language)
        if not isinstance(heard, Heard) or contradict(heard.sentiment, heard.emotion):
            raise NoAnswer
        said = Said(
            heard_in=self.heard_in,
            sentiment=heard.sentiment,
            emotion=heard.emotion,
            confidence_percent=heard.confidence_percent,
            model=classifier.model,
            model_version=classifier.model_version,
        )
        if not isinstance(classifier, KeywordClassifier):  # its answers are tested, not checked
            check(said, self.edition)
        return heard, said


@dataclass(frozen=True)
class Hearing:
    """Asks a classifier what the words of an event show, and another one where it fails.

    No failure is one of the report's: it is counted in `tally`, and the log names its kind.
    """

    classifier: Classifier | None = None
    stand_in: Classifier | None = None
    tally: HearingTally = field(default_factory=HearingTally)

    def after(
        self, case: ConflictCase, event: CaseEvent, by: Circumstances
    ) -> tuple[CaseEvent, ...]:
        """The event that tells of anger in the words just recorded, taken by `case`; else none.

        Where the caller said how the customer feels, nobody else is asked. Only anger is told:
        what raises nothing would be a second event for every report.
        """
        if self.classifier is None or is_labelled(event) or not (text := _text(event)):
            return ()
        language = case.report.language if case.report else None
        question = Question(text, language, event.version, case.edition)
        answer = self._counted(self.classifier, question)
        if answer is None and self.stand_in is not None:
            answer, _ = _tried(self.stand_in, question)
        if answer is None:
            return ()
        heard, said = answer
        return _told(case, said, by) if heard.is_anger else ()

    def _counted(self, classifier: Classifier, question: Question) -> tuple[Heard, Said] | None:
        began = time.perf_counter()
        answer, outcome = _tried(classifier, question)
        self.tally.count(outcome, time.perf_counter() - began)
        return answer


DEAF: Final = Hearing()


def _tried(classifier: Classifier, question: Question) -> tuple[tuple[Heard, Said] | None, Outcome]:
    """The answer, if there is one: a report counts for more than what anybody hears in it."""
    try:
        return question.put_to(classifier), Outcome.ANSWERED
    except Exception as error:
        outcome = OUTCOME_OF.get(type(error), Outcome.RAISED)
        log.error("classifier_failed", outcome=outcome.value, error=type(error).__name__)
        return None, outcome


def _told(case: ConflictCase, said: Said, by: Circumstances) -> tuple[CaseEvent, ...]:
    """The event, unless the case takes no more of it."""
    try:
        return (case.take(STEP, asdict(said), _circumstances(by)),)
    except Refusal as refusal:
        log.info("emotion_not_recorded", case_id=str(case.id), reason=refusal.code)
        return ()


def _text(event: CaseEvent) -> str:
    clear = (words.reveal() for words in words_of(event))
    return "\n".join(text for text in clear if isinstance(text, str))


def _circumstances(by: Circumstances) -> Circumstances:
    return replace(by, actor=CLASSIFIER, roles=frozenset({Role.ADMIN}))


def hearing_for(settings: Settings) -> Hearing:
    """The hearing that the settings ask for. A plug-in is loaded when it is first asked."""
    if settings.classifier == NOBODY:
        return Hearing()
    tally = HearingTally(2 * settings.web_processes)
    keywords = keyword_classifier(EDITIONS[CURRENT_EDITION]["emotion_words"])
    if settings.classifier == KEYWORDS:
        return Hearing(keywords, tally=tally)
    limit_seconds = settings.classifier_milliseconds / 1000
    plug_in = PlugIn(settings.classifier, limit_seconds, settings.web_threads)
    return Hearing(plug_in, stand_in=keywords, tally=tally)


def require_classifier(settings: Settings) -> None:
    """Load the plug-in that the settings name, if they do. Raises SettingsError."""
    if settings.classifier not in (KEYWORDS, NOBODY):
        load_classifier(settings.classifier)
