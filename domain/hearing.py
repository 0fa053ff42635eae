"""How a customer feels, as a classifier hears it in their words (S10, S57)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

ANGRY, NEGATIVE, NEUTRAL, POSITIVE = "angry", "negative", "neutral", "positive"


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What a classifier heard: a code of the sentiments, perhaps one of the emotions.

    `confidence_percent` is its own opinion of itself, 0 to 100.
    """

    sentiment: str
    emotion: str | None = None
    confidence_percent: int

    @property
    def is_anger(self) -> bool:
        """Whether it raises a case."""
        return self.emotion == ANGRY or self.sentiment == NEGATIVE


class Classifier(Protocol):
    """Hears how a customer feels. `model` and `model_version` stand beside all it says.

    Both have the shape of a `VersionName`: letters, digits and . _ : / + -, at most 80.
    """

    @property
    def model(self) -> str: ...

    @property
    def model_version(self) -> str: ...

    def hear(self, text: str, language: str | None) -> Heard:
        """What is heard in a text; `language` is its tag (BCP 47) as far as it is known.

        It must not keep the text. Several threads may ask at once. Whatever it raises counts as
        a failure of the classifier, and so does an answer with a code that no book knows.
        """
        ...
