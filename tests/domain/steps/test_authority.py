"""The authority matrix: what a handler may grant alone, however it is cut or spread (S30, S31)."""

from decimal import ROUND_FLOOR, Decimal

import pytest

from domain.authority import exceeds_authority
from domain.book import UnknownCode
from domain.book_answers import approval_limit, minor_units, remedy_unit
from domain.conflict_case import ConflictCase
from domain.personal import PersonalText
from domain.reference_books import CURRENT_EDITION, edition
from domain.solution_values import Money, Remedy
from domain.values import Customer, Role, Status
from tests.details.solving import remedy, risks
from tests.given import Story, an_imported_case, circumstances

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


# Every cell of the matrix: the limit, one smallest unit above it, and worth that is not stated


CELLS = [
    (row.details["role"], row.details["remedy"], tier)
    for row in edition(CURRENT_EDITION).book("authority_matrix").entries
    for tier in ("bronze", "silver", "gold", None)
]
each_cell = pytest.mark.parametrize(("role", "code", "tier"), CELLS)


def limit_of(
    case: ConflictCase, role: str, code: str, tier: str | None, currency: str | None
) -> Decimal:
    found = approval_limit(case.edition, [role], code, currency, tier)
    assert found is not None
    return found


@each_cell
@pytest.mark.parametrize("currency", ["CNY", "USD", "JPY", "KWD"])
def test_a_cell_grants_its_limit_and_not_one_smallest_unit_more(
    role: str, code: str, tier: str | None, currency: str
) -> None:
    case = a_case_of(tier)
    places = minor_units(case.edition, currency)
    limit = limit_of(case, role, code, tier, currency)
    least = limit.quantize(Decimal(1).scaleb(-places), ROUND_FLOOR)

    within = remedy(code, f"{least}", currency)
    beyond = remedy(code, f"{least + Decimal(1).scaleb(-places)}", currency)

    assert not exceeds_authority(case, [within], frozenset({role}))
    assert exceeds_authority(case, [beyond], frozenset({role}))


@each_cell
def test_a_cell_of_points_grants_its_points_and_not_one_more(
    role: str, code: str, tier: str | None
) -> None:
    case = a_case_of(tier)
    unit = remedy_unit(case.edition, code)
    limit = int(limit_of(case, role, code, tier, None)) if unit == "points" else 0

    beyond = Remedy(remedy=code, points=limit + 1)
    within = Remedy(remedy=code, points=limit) if unit == "points" else None

    assert exceeds_authority(case, [beyond], frozenset({role}))
    assert within is None or not exceeds_authority(case, [within], frozenset({role}))


@each_cell
def test_a_cell_grants_no_worth_that_is_not_stated_nor_in_an_unknown_currency(
    role: str, code: str, tier: str | None
) -> None:
    case = a_case_of(tier)
    has_worth = remedy_unit(case.edition, code) != "none"

    assert exceeds_authority(case, [remedy(code)], frozenset({role})) is has_worth
    with pytest.raises(UnknownCode):
        exceeds_authority(case, [remedy(code, "1", "XTS")], frozenset({role}))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("code", sorted(edition(CURRENT_EDITION).book("remedies").codes))
def test_a_role_without_a_cell_grants_nothing_of_it(role: Role, code: str) -> None:
    case = a_case_of("gold")
    has_cell = any((role, code) == cell[:2] for cell in CELLS)
    nothing = [remedy(code, "0"), Remedy(remedy=code, points=0)]

    assert all(exceeds_authority(case, [each], frozenset({role})) for each in nothing) or has_cell


# Over the attempts of a case


def a_case_that_granted(*granted: Remedy) -> Story:
    """Its first attempt granted these, was reopened, and stands before a choice again."""
    story = Story().to(Status.ANALYSED)
    story.take("propose_solution", remedies=granted)
    story.to(Status.RISK_ASSESSED).after("propose_solution", "assess_risk", "assess_risk")
    story.after("consult_customer", "choose_solution", "approve_solution")
    story.take("resolve", remedies=granted)
    return story.after("reopen").to(Status.ANALYSED)


@pytest.mark.parametrize(
    ("granted", "now", "exceeds"),
    [
        (remedy("compensation", "300"), remedy("compensation", "200"), False),
        (remedy("compensation", "300"), remedy("compensation", "200.01"), True),
        (remedy("compensation", "500"), remedy("compensation", "0.01"), True),
        (remedy("compensation", "300"), remedy("compensation", "29", "USD"), True),
        (remedy("compensation", "500"), remedy("coupon", "10"), False),
        (remedy("compensation", "900"), remedy("apology"), False),
        (points(300), points(10_000), True),
    ],
    ids=str,
)
def test_what_earlier_attempts_granted_counts_for_the_next(
    granted: Remedy, now: Remedy, exceeds: bool
) -> None:
    case = a_case_that_granted(granted).case

    assert exceeds_authority(case, [now], HANDLER) is exceeds


def test_reopening_does_not_grant_the_same_again_without_an_approval() -> None:
    story = a_case_that_granted(remedy("compensation", "500"))
    low = risks(1, 1, None)
    for _ in range(2):
        story.take("propose_solution", remedies=(remedy("compensation", "500"),))
    for solution in story.case.proposed_solutions:
        story.take("assess_risk", solution_id=solution.id, risks=low)

    story.after("consult_customer", "choose_solution")

    assert story.case.choice
    assert story.case.choice.approval_reasons == ("remedy_beyond_limit",)
    assert story.case.needs_approval


def test_an_approver_too_is_held_to_the_limit_over_all_attempts() -> None:
    case = a_case_that_granted(remedy("compensation", "600000")).case
    left = limit_of(case, "approver", "compensation", "silver", "CNY") - 600_000

    assert not exceeds_authority(case, [remedy("compensation", f"{left}")], APPROVER)
    assert exceeds_authority(case, [remedy("compensation", f"{left}.01")], APPROVER)
