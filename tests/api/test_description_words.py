"""What the description says of values: their bounds, in words, and no number of a requirement."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api import docs_page, openapi
from api.errors import PROBLEM_KINDS
from api.params import reference
from api.parsing import Fault, day, instant
from api.plain_words import first_line, plain
from api.route_table import ROUTES
from docs.generate import pages
from tests.api.conftest import Callers, Json, shown

DOCUMENT = openapi.document(ROUTES)
PAGE = docs_page.page(DOCUMENT).decode()


def body_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["components"]["schemas"][name]["properties"]
    return found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Agreed (S11).", "Agreed."),
        ("Granted (S30, S31), then (S5 to S7) and (S1 and S2).", "Granted, then and."),
        ("A number such as S1 or (S1A) stays.", "A number such as S1 or (S1A) stays."),
        (None, ""),
    ],
)
def test_requirement_numbers_are_left_out(text: str | None, words: str) -> None:
    assert plain(text) == words
    assert first_line(f"{text}\nmore (S3)" if text else None) == words


@pytest.mark.parametrize("name", ["lifecycle.md", "refusals.md", "http.md"])
def test_no_page_for_users_names_a_requirement(name: str) -> None:
    assert not re.search(r"\(S\d+", pages()[name])


def test_neither_the_description_nor_its_page_names_a_requirement() -> None:
    assert not re.search(r"\(S\d+", str(DOCUMENT))
    assert not re.search(r"\(S\d+", PAGE)
    assert not re.search(r"\(S\d+", str(PROBLEM_KINDS))


def test_what_is_needed_once_each_says_so() -> None:
    principles, risks = body_of("SolutionChosenBody")["principles"], body_of("RiskAssessedBody")

    assert (principles["minItems"], principles["maxItems"]) == (6, 6)
    assert (risks["risks"]["minItems"], risks["risks"]["maxItems"]) == (4, 4)
    assert "Each code of <code>principles</code> exactly once." in PAGE


def test_when_a_step_occurred_is_described() -> None:
    confirmed = body_of("ConflictConfirmedBody")["occurred_at"]["description"]
    contact = body_of("InteractionLoggedBody")["occurred_at"]["description"]

    assert "not before the report" in confirmed
    assert "not before" not in contact


def test_the_page_and_the_reference_say_what_a_reference_may_hold() -> None:
    assert "Letters A-Z and a-z, digits and" in PAGE
    assert "Letters A-Z and a-z, digits and" in pages()["lifecycle.md"]


@pytest.mark.parametrize(
    "text",
    [
        "1899-12-31T23:59:59Z",
        "9999-06-01T00:00:00Z",
        "0001-01-01T00:00:00+08:00",
        "0000-01-01T00:00:00Z",
    ],
)
def test_a_time_out_of_range_is_not_called_badly_written(text: str) -> None:
    with pytest.raises(Fault, match="year_out_of_range"):
        instant(text)


@pytest.mark.parametrize("text", ["1899-12-31", "9999-01-01"])
def test_a_day_out_of_range_is_not_called_badly_written(text: str) -> None:
    with pytest.raises(Fault, match="year_out_of_range"):
        day(text)


def test_a_team_has_a_chinese_name_and_a_customer_reference_has_not(callers: Callers) -> None:
    case = callers.reporter.report()

    taken = callers.handler.take(case, "assign", {"handler": "ann", "unit": "客服二组"})
    refused = callers.handler.post(
        f"/v1/cases/{case['id']}/assign", {"handler": "ann", "unit": "张 三"}, If_Match='"2"'
    )

    assert taken["unit"] == "客服二组"
    problem: Json = shown(refused)
    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [
        ("/unit", "not_owner")
    ]
    with pytest.raises(Fault, match="not_reference"):
        reference("客户")
