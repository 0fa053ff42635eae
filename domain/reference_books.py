"""The reference books: every version, and which versions were valid together."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from domain.book import (
    Book,
    Edition,
    Entry,
    Labels,
    MalformedBook,
    ReferenceBookError,
    UnknownBook,
    UnknownCode,
    UnknownEdition,
    UnknownVersion,
    is_chinese,
    read_book,
)
from domain.book_answers import (
    approval_limit,
    barrier_strategy,
    better_behaviour,
    emotion_strategy,
    escalation_minutes,
    guiding_question,
    handling_rules,
    is_low_score,
    lesson_influence,
    minor_units,
    needs_task_force,
    needs_transition_arrangement,
    playbook_steps,
    promise_needs_approval,
    remedy_unit,
    response_needs_approval,
    score_range,
    severity_route,
    strategy_steps,
)

__all__ = [
    "CURRENT_EDITION",
    "EDITIONS",
    "Book",
    "Edition",
    "Entry",
    "Labels",
    "MalformedBook",
    "ReferenceBookError",
    "UnknownBook",
    "UnknownCode",
    "UnknownEdition",
    "UnknownVersion",
    "approval_limit",
    "barrier_strategy",
    "better_behaviour",
    "book",
    "edition",
    "emotion_strategy",
    "escalation_minutes",
    "guiding_question",
    "handling_rules",
    "is_chinese",
    "is_low_score",
    "lesson_influence",
    "minor_units",
    "needs_task_force",
    "needs_transition_arrangement",
    "playbook_steps",
    "promise_needs_approval",
    "read_book",
    "remedy_unit",
    "response_needs_approval",
    "score_range",
    "severity_route",
    "strategy_steps",
    "versions",
]

BOOKS_DIRECTORY: Final = Path(__file__).with_name("books")


FIRST_EDITION: Final[Mapping[str, int]] = MappingProxyType(
    {
        "actor_kinds": 1,
        "authority_matrix": 1,
        "barriers": 1,
        "cause_classes": 1,
        "channels": 1,
        "complaint_causes": 1,
        "conflict_subtypes": 1,
        "conflict_types": 1,
        "consultation_answers": 1,
        "cost_benefit_quadrants": 1,
        "currencies": 1,
        "customer_tiers": 1,
        "customer_types": 1,
        "dismissal_reasons": 1,
        "emotions": 1,
        "erasure_grounds": 1,
        "escalation_levels": 1,
        "evidence_kinds": 1,
        "feasibility_dimensions": 1,
        "fishbone_categories": 1,
        "follow_up_cycles": 1,
        "hold_grounds": 1,
        "hold_release_grounds": 1,
        "interaction_directions": 1,
        "journey_stages": 1,
        "kano_classes": 1,
        "languages": 1,
        "lesson_codes": 1,
        "prevention_effects": 1,
        "prevention_states": 1,
        "principles": 1,
        "remedies": 1,
        "request_kinds": 1,
        "resolution_outcomes": 1,
        "rfm_segments": 1,
        "risk_factors": 1,
        "risk_responses": 1,
        "roles": 1,
        "score_scales": 1,
        "sentiments": 1,
        "severities": 1,
        "solution_kinds": 1,
        "stakeholder_roles": 1,
        "statuses": 1,
        "touchpoints": 1,
        "upheld": 1,
        "urgencies": 1,
        "verdicts": 1,
        "withdrawing_parties": 1,
        "wrong_behaviours": 1,
    }
)

# With the clocks: cases of the first edition have none.
SECOND_EDITION: Final[Mapping[str, int]] = MappingProxyType(
    {
        **FIRST_EDITION,
        "regulations": 1,
        "retention_periods": 1,
        "service_calendars": 1,
        "service_clocks": 1,
        "service_levels": 1,
    }
)

# With promises, what raises a case, surveys, follow-up rounds, directors' orders, early warning,
# reviews.
THIRD_EDITION: Final[Mapping[str, int]] = MappingProxyType(
    {
        **SECOND_EDITION,
        "alarm_grounds": 1,
        "alarm_levels": 1,
        "alarm_targets": 1,
        "audit_figures": 1,
        "commitment_kinds": 1,
        "corrective_results": 1,
        "customer_types": 2,
        "emotion_words": 1,
        "impact_coefficients": 1,
        "improvement_measures": 1,
        "indicators": 1,
        "order_triggers": 1,
        "reminders": 1,
        "review_findings": 1,
        "review_kinds": 1,
        "review_parties": 1,
        "review_sources": 1,
        "score_scales": 2,
        "service_clocks": 2,
        "service_levels": 2,
        "severity_routes": 1,
        "survey_occasions": 1,
        "warning_rules": 1,
        "warning_scopes": 1,
    }
)

# With a customer's risk, and rules of early warning about it.
FOURTH_EDITION: Final[Mapping[str, int]] = MappingProxyType(
    {
        **THIRD_EDITION,
        "indicators": 2,
        "risk_bands": 1,
        "risk_indicators": 1,
        "risk_scores": 1,
        "risk_units": 1,
        "warning_rules": 2,
    }
)

# With a period for indicators of customers without a case.
FIFTH_EDITION: Final[Mapping[str, int]] = MappingProxyType(
    {**FOURTH_EDITION, "retention_periods": 2}
)

# A new version of a book is a new file and a new row here, never a change of a row.
EDITIONS: Final[Mapping[int, Mapping[str, int]]] = MappingProxyType(
    {
        1: FIRST_EDITION,
        2: SECOND_EDITION,
        3: THIRD_EDITION,
        4: FOURTH_EDITION,
        5: FIFTH_EDITION,
    }
)
CURRENT_EDITION: Final = max(EDITIONS)


@cache
def edition(number: int) -> Edition:
    """All books of one edition. Raises UnknownEdition."""
    if number not in EDITIONS:
        raise UnknownEdition("There is no edition of the reference books with this number.")
    books = {name: book(name, version) for name, version in EDITIONS[number].items()}
    return Edition(number, MappingProxyType(books))


def edition_or_current(number: int) -> Edition:
    """The books of an edition, or the current ones where a newer process wrote of its own.

    For what is only shown: no rule may be judged by other books than its own.
    """
    return edition(number if number in EDITIONS else CURRENT_EDITION)


@cache
def versions(name: str) -> tuple[int, ...]:
    """Every version of a book that some edition uses, oldest first. Raises UnknownBook."""
    found = {row[name] for row in EDITIONS.values() if name in row}
    if not found:
        raise UnknownBook("There is no reference book of this name.")
    return tuple(sorted(found))


@cache
def book(name: str, version: int) -> Book:
    """One version of one book. Raises UnknownBook, UnknownVersion."""
    # Only names and numbers from the editions reach the file system.
    if version not in versions(name):
        raise UnknownVersion(f"The reference book {name} has no such version.")
    path = BOOKS_DIRECTORY / f"{name}.v{version}.json"
    return read_book(json.loads(path.read_text(encoding="utf-8")))
