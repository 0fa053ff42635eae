"""Reporting: little is asked for, everything else may follow later."""

from datetime import UTC, datetime

import pytest

from domain import errors
from domain.personal import PersonalText
from domain.reference_books import CURRENT_EDITION
from domain.values import Customer, Role, Status
from tests.domain.refusing import refused
from tests.given import Story, a_new_case, circumstances

LEAST = {
    "channel": "web",
    "customer": Customer(ref="K-1"),
    "summary": PersonalText("漏发一件商品"),
}


def test_three_fields_are_enough() -> None:
    case = a_new_case()

    event = case.take("report", LEAST, circumstances(roles=[Role.REPORTER]))

    assert case.status is Status.REPORTED
    assert case.report == event
    assert case.subject_ref == "K-1"


@pytest.mark.parametrize("name", LEAST)
def test_each_of_the_three_is_needed(name: str) -> None:
    case = a_new_case()
    details = {key: value for key, value in LEAST.items() if key != name}

    with pytest.raises(errors.InvalidValue) as refusal:
        case.take("report", details, circumstances())

    assert refusal.value.params == {"field": name, "reason": "missing"}
    assert case == a_new_case(case.id)


def test_a_case_gets_a_reference_and_keeps_the_edition_it_began_under() -> None:
    case = a_new_case()
    by = circumstances(at=datetime(2027, 1, 5, tzinfo=UTC), reference_number=123)

    case.take("report", LEAST, by)

    assert case.reference == "C-2027-000123"
    assert case.began_at == case.updated_at == by.now
    assert case.edition.number == CURRENT_EDITION


@pytest.mark.parametrize("name", ["reference", "edition", "actor", "originator_id", "moon_phase"])
def test_a_field_that_no_caller_supplies_is_refused(name: str) -> None:
    refusal = refused(Story(), "report", **{name: 1})

    assert isinstance(refusal, errors.InvalidValue)
    assert refusal.params == {"field": name, "reason": "unknown_field"}


@pytest.mark.parametrize(
    ("customer", "field", "reason"),
    [
        (None, "customer", "wrong_type"),
        ("K-1", "customer", "wrong_type"),
        (Customer(ref="zhang@mail.example"), "customer.ref", "not_reference"),
        (Customer(ref=""), "customer.ref", "not_reference"),
        (Customer(ref="K" * 101), "customer.ref", "not_reference"),
        (Customer(ref="K-1", tier="platinum"), "customer.tier", "unknown_code"),
        (Customer(ref="K-1", name=PersonalText(" ")), "customer.name", "text_length"),
    ],
)
def test_a_faulty_customer_is_named_by_its_own_path(
    customer: object, field: str, reason: str
) -> None:
    refusal = refused(Story(), "report", customer=customer)

    assert isinstance(refusal, errors.InvalidValue)
    assert refusal.params == {"field": field, "reason": reason}
