"""Settings of requests: how many, for how long a retry is known, who hears anger in them."""

from dataclasses import dataclass

from service.setting_fields import setting
from service.setting_values import classifier_name, whole_number


@dataclass(frozen=True, kw_only=True)
class RequestSettings:
    """Requests."""

    rate_limit_per_minute: int = setting(
        "AMENDS_RATE_LIMIT_PER_MINUTE",
        6_000,
        "Requests per minute that one credential may send; 0 means no limit.",
        whole_number(0, 10_000_000),
    )
    idempotency_days: int = setting(
        "AMENDS_IDEMPOTENCY_DAYS",
        7,
        "Days for which an idempotency key is remembered.",
        whole_number(1, 365),
    )
    classifier: str = setting(
        "AMENDS_CLASSIFIER",
        "keywords",
        "Who hears anger in what customers say, where the caller does not tell how they feel: "
        "`keywords`, the built-in words in English and Chinese; `none`; or a plug-in, by its name "
        "in the entry point group `amends.emotion_classifier` or as `module:attribute`.",
        classifier_name,
    )
    classifier_milliseconds: int = setting(
        "AMENDS_CLASSIFIER_MILLISECONDS",
        500,
        "How long a report waits for a plug-in; then the built-in words are asked instead.",
        whole_number(10, 10_000),
    )
