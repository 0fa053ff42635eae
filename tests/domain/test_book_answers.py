"""What the reference books answer: strategies, routes, scales, and who may grant how much."""

from decimal import Decimal

import pytest

from domain import reference_books
from domain.reference_books import edition

FIRST = edition(1)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_five_main_customer_types_have_four_steps_and_seven_more_their_own_rules(
    language: str,
) -> None:
    types = [entry.code for entry in FIRST.book("customer_types").entries]

    steps = [len(reference_books.strategy_steps(FIRST, code, language)) for code in types]
    rules = [len(reference_books.handling_rules(FIRST, code, language)) for code in types]

    assert steps == [4] * 5 + [0] * 7
    assert rules[:5] == [0] * 5
    assert all(count >= 1 for count in rules[5:])


def test_only_a_well_prepared_customer_gets_written_promises_by_approval_alone() -> None:
    types = FIRST.book("customer_types").codes

    guarded = {code for code in types if reference_books.promise_needs_approval(FIRST, code)}

    assert guarded == {"well_prepared"}


def test_only_accepting_a_risk_needs_an_approval() -> None:
    responses = FIRST.book("risk_responses").codes

    guarded = {code for code in responses if reference_books.response_needs_approval(FIRST, code)}

    assert guarded == {"accept"}


def test_every_emotion_and_barrier_has_a_strategy_and_anger_a_time_limit() -> None:
    emotions, barriers = FIRST.book("emotions").codes, FIRST.book("barriers").codes

    minutes = {code: reference_books.escalation_minutes(FIRST, code) for code in emotions}

    assert all(reference_books.emotion_strategy(FIRST, code, "zh") for code in emotions)
    assert all(reference_books.barrier_strategy(FIRST, code, "en") for code in barriers)
    assert {code: limit for code, limit in minutes.items() if limit} == {"angry": 120}


def test_every_conflict_type_has_a_playbook_and_policy_changes_a_transition() -> None:
    types, subtypes = FIRST.book("conflict_types").codes, FIRST.book("conflict_subtypes").codes

    changes = {c for c in subtypes if reference_books.needs_transition_arrangement(FIRST, c)}

    assert all(len(reference_books.playbook_steps(FIRST, code, "en")) == 4 for code in types)
    assert changes == {"pricing_policy_change", "terms_change", "product_policy_change"}


def test_only_serious_cases_go_to_a_task_force() -> None:
    severities = FIRST.book("severities").codes

    to_task_force = {c for c in severities if reference_books.needs_task_force(FIRST, c)}

    assert to_task_force == {"serious"}
    assert reference_books.severity_route(FIRST, "minor", "en") == "Explain and compensate"


@pytest.mark.parametrize("name", ["feasibility_dimensions", "risk_factors", "principles"])
def test_every_judgement_has_its_guiding_question(name: str) -> None:
    codes = FIRST.book(name).codes

    questions = {reference_books.guiding_question(FIRST, name, code, "en") for code in codes}

    assert len(questions) == len(codes)
    assert all(question.endswith("?") for question in questions)


def test_every_wrong_behaviour_has_a_better_one() -> None:
    codes = FIRST.book("wrong_behaviours").codes

    assert all(reference_books.better_behaviour(FIRST, code, "zh") for code in codes)


@pytest.mark.parametrize(
    ("scale", "bounds", "low", "good"),
    [("csat_1_5", (1, 5), 3, 4), ("csat_1_10", (1, 10), 6, 7), ("nps", (0, 10), 6, 7)],
)
def test_a_scale_has_bounds_and_a_line_below_which_scores_are_low(
    scale: str, bounds: tuple[int, int], low: int, good: int
) -> None:
    found = reference_books.score_range(FIRST, scale)

    assert found == bounds
    assert reference_books.is_low_score(FIRST, scale, low)
    assert not reference_books.is_low_score(FIRST, scale, good)


def test_every_customer_tier_has_a_follow_up_cycle() -> None:
    cycles = FIRST.book("follow_up_cycles").codes

    tiers = [entry.details["follow_up_cycle"] for entry in FIRST.book("customer_tiers").entries]

    assert set(tiers) == cycles


def test_every_lesson_says_whether_it_helped_or_harmed() -> None:
    codes = FIRST.book("lesson_codes").codes

    assert {reference_books.lesson_influence(FIRST, code) for code in codes} == {"helped", "harmed"}


def test_a_currency_knows_its_decimal_places() -> None:
    places = [reference_books.minor_units(FIRST, code) for code in ("CNY", "JPY", "KWD")]

    assert places == [2, 0, 3]


# The authority matrix


def limit(roles: str, remedy: str, currency: str | None, tier: str | None) -> Decimal | None:
    return reference_books.approval_limit(FIRST, roles.split(), remedy, currency, tier)


@pytest.mark.parametrize(
    ("tier", "yuan"), [("bronze", 500), ("silver", 1000), ("gold", 2000), (None, 500), ("?", 500)]
)
def test_a_handlers_limit_grows_with_the_tier_and_is_smallest_when_it_is_unknown(
    tier: str | None, yuan: int
) -> None:
    assert limit("handler", "full_refund", "CNY", tier) == yuan


def test_the_widest_of_several_roles_counts() -> None:
    alone = limit("handler", "full_refund", "CNY", "gold")

    together = limit("handler approver reporter", "full_refund", "CNY", "gold")

    assert together == limit("approver", "full_refund", "CNY", "gold")
    assert alone < together


def test_every_currency_has_a_limit_on_its_own_scale() -> None:
    currencies = FIRST.book("currencies").codes

    limits = {code: limit("handler", "coupon", code, "bronze") for code in currencies}

    assert all(amount > 0 for amount in limits.values())
    assert (limits["CNY"], limits["USD"], limits["JPY"]) == (100, 14, 2000)


def test_remedies_without_money_are_limited_in_points_or_not_counted() -> None:
    assert limit("handler", "points", None, "silver") == 5000
    assert limit("handler", "apology", None, None) == 0
    assert limit("handler", "full_refund", None, "gold") is None


@pytest.mark.parametrize("roles", ["", "reporter", "analyst auditor", "handler"])
def test_a_recall_has_no_known_limit_below_the_approver(roles: str) -> None:
    assert limit(roles, "recall", None, "gold") is None


def test_the_matrix_names_only_known_roles_remedies_and_tiers() -> None:
    rows = FIRST.book("authority_matrix").entries

    for row in rows:
        assert row.code == f"{row.details['role']}_{row.details['remedy']}"
        assert FIRST.has("roles", row.details["role"])
        assert set(row.details["limit_yuan"]) == FIRST.book("customer_tiers").codes


def test_an_approver_may_grant_every_remedy_and_never_less_than_a_handler() -> None:
    for remedy in FIRST.book("remedies").codes:
        wide = limit("approver", remedy, "CNY", "gold")
        narrow = limit("handler", remedy, "CNY", "gold")

        assert wide is not None
        assert wide >= (narrow or 0)


@pytest.mark.parametrize(("remedy", "currency"), [("moonbeams", "CNY"), ("coupon", "XTS")])
def test_an_unknown_remedy_or_currency_is_refused(remedy: str, currency: str) -> None:
    with pytest.raises(reference_books.UnknownCode):
        limit("handler", remedy, currency, "gold")
