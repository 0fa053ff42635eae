"""Words are found in their one form, in English and Chinese, and only by who may read them."""

from __future__ import annotations

import pytest

from domain.personal import PersonalText, RestrictedText, StaffText
from projections.search_tokens import BlindIndex, Sight, _runs, sight_of

INDEX = BlindIndex(bytes(range(32)))


def finds(query: str, text: str) -> bool:
    """Whether a reader of everything finds the text by the query."""
    tokens = INDEX.of_query(query, Sight.PERSONAL)
    return bool(tokens) and INDEX.of_text(PersonalText(text)).issuperset(tokens)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("refund", "They refunded nothing"),
        ("REFUNDS late", "Late refund, as always"),
        ("退款", "我要求退款已经三周"),
        ("慢", "处理太慢了"),
        ("太慢了", "处理太慢了"),
        ("洗衣机", "我的洗衣机坏了 and nobody came"),
        ("ORD-2026/77", "about order ord-2026/77."),
        ("77", "about order ORD-2026/77."),
        ("jose", "señor José called"),
        ("full", "ｆｕｌｌ width letters"),
    ],
)
def test_a_word_is_found(query: str, text: str) -> None:
    assert finds(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("refund parcel", "the refund never came"),
        ("款退", "退款"),
        ("退款慢", "退款很慢"),
        ("the", "the thing"),
        ("的", "我的"),
        ("!?", "what!?"),
    ],
)
def test_what_is_not_there_or_is_common_is_not_found(query: str, text: str) -> None:
    assert not finds(query, text)


def test_a_reader_searches_no_text_that_they_may_not_read() -> None:
    personal = INDEX.of_text(PersonalText("parcel"))
    staff = INDEX.of_text(StaffText("carrier"))
    code = INDEX.of_code("ORD-7")

    found = {
        sight: [
            words.issuperset(INDEX.of_query(query, sight))
            for query, words in (("parcel", personal), ("carrier", staff), ("ORD-7", code))
        ]
        for sight in Sight
    }

    assert found == {
        Sight.PERSONAL: [True, True, True],
        Sight.STAFF: [False, True, True],
        Sight.PLAIN: [False, False, True],
    }


def test_who_is_accountable_is_not_searchable() -> None:
    assert INDEX.of_text(RestrictedText("somebody")) == set()


def test_roles_decide_how_far_a_search_sees() -> None:
    sights = [sight_of(frozenset({role})) for role in ("handler", "analyst", "reporter")]

    assert sights == [Sight.PERSONAL, Sight.STAFF, Sight.PLAIN]


def test_another_key_gives_other_tokens() -> None:
    other = BlindIndex(bytes(32))

    assert INDEX.of_code("ORD-7").isdisjoint(other.of_code("ORD-7"))


@pytest.mark.parametrize("text", ["Order ORD-2026/77, it's late!", "a b-4 c", "x" * 200, "  "])
def test_plain_text_in_pieces_has_the_same_tokens_as_in_runs(text: str) -> None:
    of_runs = INDEX._of_runs(_runs(text), [Sight.PERSONAL])

    assert INDEX.of_text(PersonalText(text)) == of_runs
