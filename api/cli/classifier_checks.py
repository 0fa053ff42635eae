"""What `amends doctor` looks at in the classifier: is it loaded, does it answer, and how fast?"""

from __future__ import annotations

import time
from typing import Final

from api.classifier_health import CHECK
from api.cli.findings import Finding, fault, fine
from api.cli.web_answers import ready_checks
from domain.hearing import Classifier
from domain.reference_books import CURRENT_EDITION, edition
from service.hearing import Question, hearing_for, require_classifier
from service.setting_values import SettingsError
from service.settings import Settings

SAMPLE: Final = "The parcel came late, and I am furious. 包裹晚到了，我很生气。"
TAKEN: Final = "Reports are taken, and the built-in words are asked instead. "


def look_at_classifier(settings: Settings) -> Finding:
    """Load it as a web server would, ask it about a sentence of ours, and ask the web server."""
    classifier = hearing_for(settings).classifier
    if classifier is None:
        return fine(CHECK, "none: nobody listens for anger, as AMENDS_CLASSIFIER says")
    try:
        require_classifier(settings)
    except SettingsError as problem:
        advice = "Install it where the web server finds it, or set AMENDS_CLASSIFIER=keywords."
        return fault(CHECK, str(problem), advice)
    return _tried(classifier, settings)


def _tried(classifier: Classifier, settings: Settings) -> Finding:
    began = time.perf_counter()
    try:
        Question(SAMPLE, None, 1, edition(CURRENT_EDITION)).put_to(classifier)
    except Exception as error:
        advice = f"{TAKEN}Mend the plug-in, or set AMENDS_CLASSIFIER=keywords."
        return fault(CHECK, f"no answer to a sentence of ours: {type(error).__name__}", advice)
    took_ms = (time.perf_counter() - began) * 1000
    told = ready_checks(settings).get(CHECK, {})
    if told.get("ok") is False:
        says = "answers here, but failed in the web server a moment ago, or ever since"
        return fault(CHECK, says, f"{TAKEN}The web server's log names why (classifier_failed).")
    says = f"{classifier.model} {classifier.model_version} answered in {took_ms:.1f} ms"
    return fine(CHECK, says)
