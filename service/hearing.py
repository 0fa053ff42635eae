"""Hearing anger at once: the built-in classifier is asked in the request that brings the words.

What it hears is recorded in the same append as the words themselves, so it is neither lost nor
recorded twice, and a replay asks nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import structlog

from domain.circumstances import Circumstances
from domain.conflict_case import ConflictCase
from domain.emotions import is_labelled, words_of
from domain.errors import Refusal
from domain.events import CaseEvent
from domain.hearing import Classifier, Heard
from domain.keywords import keyword_classifier
from domain.reference_books import CURRENT_EDITION, EDITIONS
from domain.values import Actor, ActorKind, Role
from service.settings import Settings

log = structlog.get_logger(__name__)

CLASSIFIER: Final = Actor(id="classifier", kind=ActorKind.SYSTEM)
STEP: Final = "recognise_emotion"
KEYWORDS, NOBODY = "keywords", "none"


@dataclass(frozen=True)
class Hearing:
    """Asks a classifier what the words of an event show."""

    classifier: Classifier | None = None

    def after(
        self, case: ConflictCase, event: CaseEvent, by: Circumstances
    ) -> tuple[CaseEvent, ...]:
        """The event that tells of anger in the words just recorded, taken by `case`; else none.

        Where the caller said how the customer feels, nobody else is asked. Only anger is told:
        what raises nothing would be a second event for every report.
        """
        if self.classifier is None or is_labelled(event) or not words_of(event):
            return ()
        try:
            heard = _heard(self.classifier, case, event)
            if not heard.is_anger:
                return ()
            told = case.take(STEP, details_of(self.classifier, event, heard), _circumstances(by))
        except Refusal as refusal:
            log.info("emotion not recorded", case_id=str(case.id), reason=refusal.code)
            return ()
        except Exception as error:
            # A report counts for more than what anybody hears in it.
            log.error("classifier failed", error=type(error).__name__, exc_info=False)
            return ()
        return (told,)


DEAF: Final = Hearing()


def _heard(classifier: Classifier, case: ConflictCase, event: CaseEvent) -> Heard:
    text = "\n".join(clear for words in words_of(event) if isinstance(clear := words.reveal(), str))
    language = case.report.language if case.report else None
    return classifier.hear(text, language)


def details_of(classifier: Classifier, event: CaseEvent, heard: Heard) -> dict[str, object]:
    """What the step `recognise_emotion` is told."""
    return {
        "heard_in": event.version,
        "sentiment": heard.sentiment,
        "emotion": heard.emotion,
        "confidence_percent": heard.confidence_percent,
        "model": classifier.model,
        "model_version": classifier.model_version,
    }


def _circumstances(by: Circumstances) -> Circumstances:
    return replace(by, actor=CLASSIFIER, roles=frozenset({Role.ADMIN}))


def hearing_for(settings: Settings) -> Hearing:
    """The hearing that the settings ask for."""
    if settings.classifier == NOBODY:
        return Hearing()
    return Hearing(keyword_classifier(EDITIONS[CURRENT_EDITION]["emotion_words"]))
