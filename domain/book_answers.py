"""What the reference books answer: limits, strategies, routes and scales, by edition."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from domain.book import Edition, Labels


def approval_limit(
    books: Edition, roles: Iterable[str], remedy: str, currency: str | None, tier: str | None
) -> Decimal | None:
    """The largest amount that any of the roles may grant alone (S30, S31).

    None: the matrix knows no limit for these roles, so somebody else must approve. Without a
    currency the limit counts points, or is 0 where the remedy has no amount at all. An unknown
    customer tier gets the smallest limit. Raises UnknownCode for an unknown remedy or currency.
    """
    known = books.entry("remedies", remedy).code
    holding = frozenset(roles)
    granted = [
        _row_limit(books, row.details, currency, tier)
        for row in books.book("authority_matrix").entries
        if row.details["remedy"] == known and row.details["role"] in holding
    ]
    return max((limit for limit in granted if limit is not None), default=None)


def _row_limit(
    books: Edition, row: Mapping[str, Any], currency: str | None, tier: str | None
) -> Decimal | None:
    if currency:
        # Limits are set in yuan; the factor is a policy's coarse scale, not an exchange rate.
        factor = Decimal(books.entry("currencies", currency).details["limit_factor"])
        return _by_tier(row["limit_yuan"], tier) * factor
    unit = remedy_unit(books, row["remedy"])
    if unit == "points":
        return _by_tier(row["limit_points"], tier)
    return Decimal(0) if unit == "none" else None


def _by_tier(limits: Mapping[str, str], tier: str | None) -> Decimal:
    amounts = {name: Decimal(amount) for name, amount in limits.items()}
    return amounts.get(tier or "", min(amounts.values()))


def remedy_unit(books: Edition, remedy: str) -> str:
    """In what a remedy is counted: "money", "points" or "none" (S29)."""
    return str(books.entry("remedies", remedy).details["unit"])


def response_needs_approval(books: Edition, response: str) -> bool:
    """Whether a risk response, such as accepting the risk, needs an approval (S26)."""
    return bool(books.entry("risk_responses", response).details["needs_approval"])


def promise_needs_approval(books: Edition, customer_type: str) -> bool:
    """Whether this customer gets written promises only after an approval (S7)."""
    details = books.entry("customer_types", customer_type).details
    return bool(details["written_promise_needs_approval"])


def strategy_steps(books: Edition, customer_type: str, language: str) -> tuple[str, ...]:
    """The four handling steps of a main customer type (S6); none for the extended types (S7)."""
    return _texts(books, "customer_types", customer_type, "steps", language)


def handling_rules(books: Edition, customer_type: str, language: str) -> tuple[str, ...]:
    """The own rules of an extended customer type (S7); none for the main types (S6)."""
    return _texts(books, "customer_types", customer_type, "rules", language)


def playbook_steps(books: Edition, conflict_type: str, language: str) -> tuple[str, ...]:
    """What to do for this type of conflict, in order (S34)."""
    return _texts(books, "conflict_types", conflict_type, "playbook", language)


def needs_transition_arrangement(books: Edition, conflict_subtype: str) -> bool:
    """Whether the subtype is a policy change, which carries a transition arrangement (S34)."""
    details = books.entry("conflict_subtypes", conflict_subtype).details
    return bool(details.get("needs_transition_arrangement", False))


def emotion_strategy(books: Edition, emotion: str, language: str) -> str:
    """How to meet a customer in this state (S9)."""
    return _text(books, "emotions", emotion, "strategy", language)


def escalation_minutes(books: Edition, emotion: str) -> int | None:
    """Within how many minutes this emotion forces an escalation (S10); None: it does not."""
    minutes: int | None = books.entry("emotions", emotion).details.get("escalate_within_minutes")
    return minutes


def barrier_strategy(books: Edition, barrier: str, language: str) -> str:
    """How to get past a communication barrier (S8)."""
    return _text(books, "barriers", barrier, "strategy", language)


def severity_route(books: Edition, severity: str, language: str) -> str:
    """Who handles a case of this severity, and how (S39)."""
    return _text(books, "severities", severity, "route", language)


def needs_task_force(books: Edition, severity: str) -> bool:
    """Whether a case of this severity goes to a named task force (S39)."""
    return bool(books.entry("severities", severity).details["needs_task_force"])


def guiding_question(books: Edition, book: str, code: str, language: str) -> str:
    """What to ask oneself under a feasibility dimension, risk factor or principle (S24, S25, S28).

    `book` is "feasibility_dimensions", "risk_factors" or "principles".
    """
    return _text(books, book, code, "question", language)


def better_behaviour(books: Edition, wrong_behaviour: str, language: str) -> str:
    """What to do instead of a wrong behaviour (S33)."""
    return _text(books, "wrong_behaviours", wrong_behaviour, "instead", language)


def score_range(books: Edition, scale: str) -> tuple[int, int]:
    """The lowest and the highest score of a scale, both included (S51)."""
    details = books.entry("score_scales", scale).details
    return details["least"], details["most"]


def is_low_score(books: Edition, scale: str, value: int) -> bool:
    """Whether a score counts as low: below 4 of 5 (S50), below 7 on the longer scales."""
    return bool(value < books.entry("score_scales", scale).details["low_below"])


def lesson_influence(books: Edition, lesson_code: str) -> str:
    """Whether what the lesson names "helped" or "harmed" the case (S58, S59)."""
    return str(books.entry("lesson_codes", lesson_code).details["influence"])


def minor_units(books: Edition, currency: str) -> int:
    """How many decimal places an amount in this currency has (ISO 4217)."""
    return int(books.entry("currencies", currency).details["minor_units"])


def _text(books: Edition, book: str, code: str, detail: str, language: str) -> str:
    return Labels(**books.entry(book, code).details[detail]).in_language(language)


def _texts(books: Edition, book: str, code: str, detail: str, language: str) -> tuple[str, ...]:
    found = books.entry(book, code).details.get(detail, ())
    return tuple(Labels(**text).in_language(language) for text in found)
