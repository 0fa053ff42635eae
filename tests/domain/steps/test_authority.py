"""The authority matrix: what a handler may grant alone, however it is cut or spread (S30, S31)."""

import pytest

from domain.authority import exceeds_authority
from domain.conflict_case import ConflictCase
from domain.personal import PersonalText
from domain.values import Customer, Money, Remedy, Role
from tests.given import Story, an_imported_case, circumstances
from tests.given_details import remedy

HANDLER = frozenset({Role.HANDLER})
APPROVER = frozenset({Role.APPROVER})


def a_case_of(tier: str | None) -> ConflictCase:
    story = Story()
    customer = Customer(ref="K-1", name=PersonalText("李四"), tier=tier)
    story.take("report", circumstances(), customer=customer)
    return story.case


def points(count: int | None, value: Money | None = None) -> Remedy:
    return Remedy(remedy="points", points=count, value=value)


@pytest.mark.parametrize(
    ("tier", "limit"), [("bronze", 200), ("silver", 500), ("gold", 1000), (None, 200)]
)
def test_a_handler_grants_up_to_the_limit_of_the_customers_tier(
    tier: str | None, limit: int
) -> None:
    case = a_case_of(tier)

    within, beyond = remedy("compensation", f"{limit}"), remedy("compensation", f"{limit}.01")

    assert not exceeds_authority(case, [within], HANDLER)
    assert exceeds_authority(case, [beyond], HANDLER)


@pytest.mark.parametrize(
    "remedies",
    [
        [remedy("compensation", "100.01")] * 2,
        [remedy("compensation", "0.01")] * 20_001,
        [remedy("compensation", "150"), remedy("compensation", "14", "USD")],
        [remedy("compensation", "199"), remedy("compensation", "0.5", "GBP")],
        [points(1500), points(501)],
        [points(2000), remedy("points", "1")],
        [points(1, remedy("points", "100").value)],
        [points(2001, remedy("points", "1").value)],
        [remedy("recall")],
        [remedy("compensation")],
        [points(None)],
        [remedy("apology", "1")],
        [Remedy(remedy="apology", points=1)],
        [Remedy(remedy="compensation", points=1)],
    ],
    ids=str,
)
def test_what_is_too_much_is_too_much_in_any_shape(remedies: list[Remedy]) -> None:
    assert exceeds_authority(a_case_of("bronze"), remedies, HANDLER)


@pytest.mark.parametrize(
    "remedies",
    [
        [],
        [remedy("apology"), remedy("explanation"), remedy("apology")],
        [remedy("compensation", "100")] * 2,
        [remedy("compensation", "100"), remedy("compensation", "14", "USD")],
        [remedy("compensation", "200"), remedy("coupon", "100")],
        [points(1000), remedy("points", "50")],
        [remedy("apology", "0")],
    ],
    ids=str,
)
def test_what_is_within_the_limit_in_total_needs_nobody_else(remedies: list[Remedy]) -> None:
    assert not exceeds_authority(a_case_of("bronze"), remedies, HANDLER)


def test_an_approver_grants_more_but_nothing_unstated_or_boundless() -> None:
    case = a_case_of("bronze")

    assert not exceeds_authority(case, [remedy("compensation", "1000000")], APPROVER)
    assert exceeds_authority(case, [remedy("compensation", "1000000.01")], APPROVER)
    assert not exceeds_authority(case, [remedy("recall")], APPROVER)
    assert exceeds_authority(case, [remedy("compensation")], APPROVER)


@pytest.mark.parametrize("roles", [frozenset(), frozenset({Role.REPORTER, Role.ADMIN})])
def test_roles_without_a_row_grant_nothing(roles: frozenset[Role]) -> None:
    assert exceeds_authority(a_case_of("gold"), [remedy("apology")], roles)


def test_an_imported_case_tells_no_tier_and_gets_the_smallest_limit() -> None:
    case = an_imported_case()

    assert not exceeds_authority(case, [remedy("compensation", "200")], HANDLER)
    assert exceeds_authority(case, [remedy("compensation", "201")], HANDLER)


def test_a_tier_that_was_set_for_due_times_raises_no_limit() -> None:
    story = Story()
    customer = Customer(ref="K-1", name=PersonalText("李四"), tier="bronze")
    story.take("report", circumstances(), customer=customer)
    nothing = dict.fromkeys(("urgency", "request_kind", "regulation", "calendar", "reason"))

    story.take("set_service_terms", **nothing, customer_tier="gold")

    assert story.case.terms["tier"] == "gold"
    assert exceeds_authority(story.case, [remedy("compensation", "200.01")], HANDLER)
