"""The page's figures on what was promised in the period, as it stands now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup

from api.reports import charts
from api.reports.charts import Bar
from api.reports.page_cells import MOST_BARS, Cell, PageCells, Row
from api.reports.wording import Wording
from api.state_labels import owner_label
from projections.managers_report import ManagersReport
from projections.promise_report import PromiseFigures

STATES: Final = (
    ("kept", "promise_kept", "main"),
    ("late", "promise_late", "late"),
    ("broken", "promise_broken", "warn"),
    ("open", "promise_open", "soft"),
    ("proposed", "promise_proposed", "mid"),
    ("withdrawn", "promise_withdrawn", "grey"),
    ("replaced", "promise_replaced", "lightgrey"),
    ("cancelled", "promise_cancelled", "faint"),
)
"""State, its word and its colour, in the order of the bars."""


class PagePromises(PageCells):
    """Promises by where they stand."""

    def __init__(self, report: ManagersReport, wording: Wording) -> None:
        super().__init__(report.lessons, wording)
        self._found = report.promises

    @property
    def made(self) -> int:
        return self._found.total.made

    @property
    def legend(self) -> list[tuple[str, str, str]]:
        """(colour, label, number of promises) of what occurs."""
        states = self._found.total.states
        return [
            (colour, self._word(word), self._wording.number(states[state]))
            for state, word, colour in STATES
            if states[state]
        ]

    @property
    def chart(self) -> Markup:
        """Promises of each kind, and all where there are several, by state."""
        kinds = [
            self._bar(self._wording.label("commitment_kinds", each.code or ""), each)
            for each in self._found.by_kind[:MOST_BARS]
        ]
        whole = [self._bar(self._word("all_promises"), self._found.total)]
        return charts.bars(self._word("promises"), [*(whole if len(kinds) > 1 else []), *kinds])

    def _bar(self, label: str, figures: PromiseFigures) -> Bar:
        segments = [(figures.states[state], colour) for state, _, colour in STATES]
        return Bar(label, segments, self._wording.number(figures.made))

    @property
    def columns(self) -> list[str]:
        names = ("promises_made", "promise_kept", "promise_late", "promise_broken", "in_time")
        return [self._word(name) for name in names]

    @property
    def owners(self) -> list[Row]:
        """Who promised most, and all together."""
        rows = [
            self._row(self._owner(each.code), each) for each in self._found.by_owner[:MOST_BARS]
        ]
        return [*rows, self._row(self._word("all_promises"), self._found.total)]

    def _owner(self, code: str | None) -> str:
        return owner_label(code, self._wording.language) or self._word("not_stated")

    @property
    def owners_left_out(self) -> int:
        return max(0, len(self._found.by_owner) - MOST_BARS)

    def _row(self, label: str, figures: PromiseFigures) -> Row:
        states: Mapping[str, int] = {"made": figures.made, **figures.states}
        counts = [self._wording.number(states[name]) for name in ("made", "kept", "late", "broken")]
        return Row(label, [*map(Cell, counts), self.cell(figures.in_time)])

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What else there is to say: a name and a figure."""
        found = self._found
        return [
            (self._word("confirmed"), self._shown(found.confirmed)),
            (self._word("disclosed"), self._shown(found.disclosed)),
            (self._word("reminders"), self._wording.number(found.reminders)),
        ]
