"""The report's words are whole in both languages, used, and fit where they are put."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest

from api.reports import charts, words
from api.reports.as_csv import harmless
from api.reports.charts import Bar, Span, ticks_for, wrapped_label
from api.reports.wording import Wording
from api.reports.words import DEFINITIONS, WORDS
from domain.reference_books import CURRENT_EDITION, Labels
from projections.figures import Share

HERE = Path(words.__file__).parent
EN, ZH = Wording("en", CURRENT_EDITION), Wording("zh", CURRENT_EDITION)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("table", [WORDS, DEFINITIONS], ids=["words", "definitions"])
def test_both_languages_say_everything(table: Mapping[str, Labels]) -> None:
    for key, labels in table.items():
        assert labels.en.strip(), key
        assert re.search("[一-鿿]", labels.zh), key
        assert places(labels.en) == places(labels.zh), key


def test_every_definition_has_its_name() -> None:
    assert DEFINITIONS.keys() <= WORDS.keys()


def test_no_word_is_left_over() -> None:
    sources = [*HERE.glob("*.py"), HERE / "page.html"]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)

    # Groupings and standings are named by the report itself.
    named = {"type", "subtype", "product", "channel", "customer_type", "cause"}
    used = set(re.findall(r"""["'](\w+)["']""", text))
    unused = WORDS.keys() - used - named - DEFINITIONS.keys()
    assert unused == set()


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1+1", "\uff20SUM(A1)"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    cell = harmless(text)

    assert cell == f"'{text}"


def test_other_cells_stay_as_they_are() -> None:
    assert harmless("Closed with explanation") == "Closed with explanation"
    assert harmless("") == ""


@pytest.mark.parametrize(
    ("seconds", "en", "zh"),
    [
        (None, "–", "–"),
        (0, "< 1 min", "< 1 分钟"),
        (59.9, "< 1 min", "< 1 分钟"),
        (60, "1 min", "1 分钟"),
        (2_460, "41 min", "41 分钟"),
        (29_160, "8.1 h", "8.1 小时"),
        (466_560, "5.4 days", "5.4 天"),
    ],
)
def test_durations_come_in_the_unit_that_suits(seconds: float | None, en: str, zh: str) -> None:
    assert (EN.duration(seconds), ZH.duration(seconds)) == (en, zh)


def test_nothing_of_nothing_is_no_percentage() -> None:
    assert EN.percent(Share(0, 0)) == "–"
    assert EN.percent(Share(2, 3)) == "67%"


def test_unknown_codes_and_groups_have_a_name() -> None:
    assert EN.label("channels", "pigeon") == "pigeon"
    assert EN.group("channel", "phone") == "Phone"
    assert EN.group("product", "PRD-7") == "PRD-7"
    assert ZH.group("type", "") == "尚未确定"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("Phone", ["Phone"]),
        ("Poor internal communication", ["Poor internal", "communication"]),
        ("客户期望与现实之间的落差", ["客户期望与现", "实之间的落差"]),
        ("a " * 60, None),
        ("x" * 80, None),
    ],
)
def test_long_labels_take_two_lines(text: str, lines: list[str] | None) -> None:
    wrapped = wrapped_label(text, 150)

    if lines is None:
        assert len(wrapped) == 2
        assert wrapped[1].endswith("…")
    else:
        assert wrapped == lines


def test_charts_are_well_formed_whatever_the_words() -> None:
    nasty = '</text><script>"&'
    bars = charts.bars(nasty, [Bar(nasty, [(3, "main"), (0, "soft")], nasty), Bar("", [], "0")])
    rows = [Span(nasty, 60.0, 90_000.0, nasty), Span("none", None, None, "–")]
    spans = charts.spans(nasty, rows, {tick: str(tick) for tick in ticks_for(rows)})

    for drawn in (bars, spans, charts.bars("empty", [])):
        root = ElementTree.fromstring(str(drawn))  # noqa: S314
        assert root.tag == "svg"
        assert not root.findall(".//script")


@pytest.mark.parametrize(
    ("median", "p90"), [(None, None), (5.0, 20.0), (60.0, 1e9), (4e7, 5e7), (3_600.0, 3_600.0)]
)
def test_the_axis_of_time_has_two_to_six_ticks(median: float | None, p90: float | None) -> None:
    ticks = ticks_for([Span("", median, p90, "")])

    assert 2 <= len(ticks) <= 6
    assert ticks == sorted(set(ticks))


def test_what_took_no_time_is_drawn_where_its_label_says() -> None:
    rows = [Span("at once", 0.0, 0.0, ""), Span("a week", 600_000.0, 604_800.0, "")]

    assert min(ticks_for(rows)) == 60


def test_one_case_is_not_many() -> None:
    assert (EN.cases(1), EN.cases(1_234)) == ("1 case", "1,234 cases")
    assert (ZH.cases(1), ZH.cases(2)) == ("1 件", "2 件")
