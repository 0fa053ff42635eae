"""Kinds of value: how annotations are read, and what is refused at the borders of each limit."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any

import pytest

from domain.checking import check
from domain.errors import InvalidValue
from domain.kinds import Between, CodeOf, Kind, ListLimit, Shape, TextLimit, fields_of, kind_of
from domain.personal import ERASED, PersonalText, StaffText
from domain.reference_books import edition
from domain.values import Status

FIRST = edition(1)


@dataclass(frozen=True, kw_only=True)
class Inner:
    """A nested value."""

    text: Annotated[PersonalText, TextLimit(5)]
    codes: Annotated[tuple[Annotated[str, CodeOf("channels")], ...], ListLimit(2, least=1)] = (
        "web",
    )


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One field of every kind."""

    text: Annotated[str, TextLimit(5)] = "x"
    loose: Annotated[str, TextLimit(5, least=0)] = ""
    shaped: Annotated[str, Shape("plate", r"[A-Z]{2}\d")] = "AB1"
    code: Annotated[str, CodeOf("channels")] | None = None
    number: Annotated[int, Between(-2, 2)] = 0
    amount: Annotated[Decimal, Between(0, 100)] = Decimal(0)
    yes: bool = True
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    day: date = date(2026, 1, 1)
    status: Status = Status.CLOSED
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()


def fault(**values: Any) -> tuple[str, str] | None:
    """The field and the reason why a sample with these values is refused; None if it is not."""
    try:
        check(Sample(**values), FIRST)
    except InvalidValue as refusal:
        return refusal.params["field"], refusal.params["reason"]
    return None


def inner(text: str = "x", **others: Any) -> Inner:
    return Inner(text=PersonalText(text), **others)


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (str, Kind(str)),
        (str | None, Kind(str, optional=True)),
        (tuple[Inner, ...], Kind(Inner, many=True)),
        (Annotated[str, TextLimit(5)] | None, Kind(str, optional=True, marks=(TextLimit(5),))),
        (
            Annotated[tuple[Annotated[str, CodeOf("a")], ...], ListLimit(2)],
            Kind(str, many=True, marks=(ListLimit(2), CodeOf("a"))),
        ),
    ],
)
def test_an_annotation_says_the_kind(annotation: Any, kind: Kind) -> None:
    assert kind_of(annotation) == kind


def test_a_field_without_default_is_required() -> None:
    assert [(own.name, own.required) for own in fields_of(Inner)] == [
        ("text", True),
        ("codes", False),
    ]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"text": "x" * 5},
        {"text": "中文五个字"},
        {"text": " a\t\n"},
        {"text": "😀" * 5},
        {"loose": ""},
        {"code": "web"},
        {"number": -2},
        {"number": 2},
        {"amount": Decimal("100.0000")},
        {"amount": Decimal("0.0001")},
        {"at": datetime(1900, 1, 1, tzinfo=UTC)},
        {"day": date(1900, 1, 1)},
        {"at": datetime(9998, 12, 31, tzinfo=timezone(-timedelta(hours=12)))},
        {"inner": inner("五个中文字")},
        {"inner": inner(codes=("web", "phone"))},
        {"many": (inner(),) * 50},
    ],
    ids=str,
)
def test_what_lies_within_the_limits_is_taken(values: dict[str, Any]) -> None:
    assert fault(**values) is None


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("text", "", "text_length"),
        ("text", "   ", "text_length"),
        ("text", "\u200b\ufeff", "text_length"),
        ("text", "x" * 6, "text_length"),
        ("text", "中文有六个字", "text_length"),
        ("text", "a\x00", "unstorable_character"),
        ("text", "a\x1b", "unstorable_character"),
        ("text", "\ud83d", "unstorable_character"),
        ("text", "a\ufffe", "unstorable_character"),
        ("text", "a\udfff", "unstorable_character"),
        ("text", b"x", "wrong_type"),
        ("text", None, "wrong_type"),
        ("loose", "x" * 6, "text_length"),
        ("shaped", "AB1\n", "not_plate"),
        ("shaped", "xAB1", "not_plate"),
        ("code", "pigeon", "unknown_code"),
        ("code", "", "unknown_code"),
        ("code", ["web"], "wrong_type"),
        ("number", True, "wrong_type"),
        ("number", 1.0, "wrong_type"),
        ("number", "1", "wrong_type"),
        ("number", 3, "out_of_range"),
        ("number", -3, "out_of_range"),
        ("number", 10**30, "out_of_range"),
        ("amount", Decimal("NaN"), "not_finite"),
        ("amount", Decimal("sNaN"), "not_finite"),
        ("amount", Decimal("Infinity"), "not_finite"),
        ("amount", Decimal("-0.01"), "out_of_range"),
        ("amount", Decimal("100.01"), "out_of_range"),
        ("amount", Decimal("0.00001"), "not_an_amount"),
        ("amount", Decimal("1E-100000"), "not_an_amount"),
        ("amount", Decimal("1E+1"), "not_an_amount"),
        ("amount", 1, "wrong_type"),
        ("amount", 1.5, "wrong_type"),
        ("yes", 1, "wrong_type"),
        ("yes", "true", "wrong_type"),
        ("at", datetime(2026, 1, 1), "no_offset"),  # noqa: DTZ001
        ("at", datetime(1899, 12, 31, tzinfo=UTC), "year_out_of_range"),
        ("at", datetime.max.replace(tzinfo=UTC), "year_out_of_range"),
        ("at", date(2026, 1, 1), "wrong_type"),
        ("day", datetime(2026, 1, 1, tzinfo=UTC), "wrong_type"),
        ("day", date(1, 1, 1), "year_out_of_range"),
        ("status", "closed", "wrong_type"),
        ("inner", {"text": "x"}, "wrong_type"),
        ("many", [inner()], "not_a_list"),
        ("many", inner(), "not_a_list"),
        ("many", (inner(),) * 51, "list_length"),
    ],
)
def test_what_lies_beyond_is_refused(field: str, value: object, reason: str) -> None:
    assert fault(**{field: value}) == (field, reason)


@pytest.mark.parametrize(
    ("values", "path", "reason"),
    [
        ({"inner": inner("x" * 6)}, "inner.text", "text_length"),
        ({"inner": inner("\x00")}, "inner.text", "unstorable_character"),
        ({"inner": inner(codes=())}, "inner.codes", "list_length"),
        ({"inner": inner(codes=("web", "x"))}, "inner.codes.1", "unknown_code"),
        ({"inner": inner(codes=("web",) * 3)}, "inner.codes", "list_length"),
        ({"inner": inner(codes=("web", "web"))}, "inner.codes", "repeated_item"),
        ({"many": (inner(), inner(" "))}, "many.1.text", "text_length"),
        ({"many": (inner(), None)}, "many.1", "wrong_type"),
        ({"many": (inner(), inner(codes=("x",)))}, "many.1.codes.0", "unknown_code"),
    ],
)
def test_a_fault_inside_is_named_by_its_path(
    values: dict[str, Any], path: str, reason: str
) -> None:
    assert fault(**values) == (path, reason)


@pytest.mark.parametrize("content", [7, b"x", None, ["x"]])
def test_personal_text_holds_text(content: Any) -> None:
    holder = Inner(text=PersonalText(content))

    assert fault(inner=holder) == ("inner.text", "wrong_type")


def test_personal_text_has_exactly_the_readers_of_its_field() -> None:
    holder = Inner(text=StaffText("x"))  # type: ignore[arg-type]

    assert fault(inner=holder) == ("inner.text", "wrong_type")


def test_an_erased_text_passes() -> None:
    erased = PersonalText.sealed("token", lambda token: ERASED, lambda token: True)

    assert fault(inner=Inner(text=erased)) is None


def test_the_first_fault_is_told_and_what_is_undecided_is_not_looked_at() -> None:
    sample = Sample(text="", number=9)

    with pytest.raises(InvalidValue) as refusal:
        check(sample, FIRST, undecided=frozenset({"text"}))

    assert refusal.value.params == {"field": "number", "reason": "out_of_range"}


def test_a_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(InvalidValue) as refusal:
        check(Sample(code="张三"), FIRST)

    assert "张三" not in str(refusal.value)
