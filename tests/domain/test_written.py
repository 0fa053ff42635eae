"""Texts that show nothing, and texts that may not be stored."""

import pytest

from domain.written import is_blank, is_storable


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\n\u3000\u00a0\u2028",
        "\u200b",
        "\ufeff",
        "\u00ad",
        "\u202e\u2066\u2069",
        "\u2060\u2064",
        "\u200c\u200d",
        "\u2800",
        "\u3164\uffa0\u115f\u1160",
        "\U0001d159",
        "\u0301\u034f\ufe0f",
        "\U000e0041\U000e0100",
        "\u0085\u009f",
        "\u2065",
        "\ufff0\ufff8",
        "\U000e0000\U000e0080\U000e01f0\U000e0fff",
        "\ufdd0\ufffe\U0001ffff",
    ],
    ids=ascii,
)
def test_what_nobody_can_see_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize(
    "text",
    [
        "-",
        "。",
        "0",
        "  x",
        "\u200b漏",
        "\U0001f469\u200d\U0001f467",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u202b\u0634\u0643\u0648\u0649\u202c",
        "e\u0301",
        "\U00020bb7",
        "\ue000",
        "\U00031350\u3000\U0002ebf0",
        "\U000323b0",
        "\U0001fae8",
        "\u0378",
        "\U000e1000",
    ],
    ids=ascii,
)
def test_what_can_be_seen_is_not(text: str) -> None:
    assert not is_blank(text)
    assert is_storable(text)


@pytest.mark.parametrize("text", ["\ufffe", "\uffff", "\ufdd0", "\ufdef", "\U0001fffe"])
def test_noncharacters_are_not_stored(text: str) -> None:
    assert not is_storable(text)
    assert not is_storable(f"客户{text}😀")


@pytest.mark.parametrize("text", ["\ufdcf", "\ufdf0", "\ufffd", "\U00020000", "\t\r\n"])
def test_their_neighbours_are(text: str) -> None:
    assert is_storable(text)
