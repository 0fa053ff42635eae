"""What the tables and charts of the page are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from markupsafe import Markup

from api.reports import charts
from api.reports.as_json import CODE_BOOKS
from api.reports.charts import HALF, Bar
from api.reports.wording import NOTHING, SMALL_N, Wording
from projections.figures import Share
from projections.lessons_answer import LessonsReport
from projections.lessons_values import CodeCount

MOST_GROUPS: Final = 20
MOST_BARS: Final = 10


class Headline(NamedTuple):
    """One of the three large figures.

    `trend` points to where it went since the period before; `few`: it rests on few cases.
    """

    label: str
    value: str
    detail: str
    before: str
    trend: str
    few: bool = False


class Cell(NamedTuple):
    """A share in a table: its percentage, the counts behind it, and whether they are few."""

    value: str
    detail: str = ""
    few: bool = False


class Indicator(NamedTuple):
    """A share that is watched, with its target if it has one."""

    name: str
    shown: Cell
    target: str = ""


class Row(NamedTuple):
    """A line of a table."""

    label: str
    cells: Sequence[Cell]


class PageCells:
    """Shares, tables and bars of one report in one language."""

    def __init__(self, report: LessonsReport, wording: Wording) -> None:
        self._report = report
        self._total = report.total
        self._wording = wording
        self._word = wording.word

    def cell(self, share: Share) -> Cell:
        """A share as percentage with its counts."""
        if share.share is None:
            return Cell(NOTHING)
        few = share.of < SMALL_N
        return Cell(self._wording.percent(share), self._wording.count_of(share), few)

    def _shown(self, share: Share) -> str:
        if share.share is None:
            return NOTHING
        return f"{self._wording.percent(share)} · {self._wording.count_of(share)}"

    def _code_bars(
        self, family: str, counts: Sequence[CodeCount], colour: str = "main"
    ) -> Markup | None:
        if not counts:
            return None
        rows = [self._code_bar(CODE_BOOKS[family], count, colour) for count in counts[:MOST_BARS]]
        return charts.bars(self._word(family), rows, HALF)

    def _code_bar(self, book: str, count: CodeCount, colour: str) -> Bar:
        note = self._wording.number(count.standing)
        if count.earlier:
            note += f" + {self._wording.number(count.earlier)}"
        segments = [(count.standing, colour), (count.earlier, "soft")]
        return Bar(self._wording.label(book, count.code), segments, note)
