"""The page's figures on imported history, in the words of its sources."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from api.reports import charts
from api.reports.charts import WIDE, Bar
from api.reports.page_cells import MOST_BARS, MOST_GROUPS, Cell, PageCells, Row
from api.reports.wording import NOTHING
from projections.figures import Answers
from projections.lessons_values import ImportedFigures


class PageImported(PageCells):
    """Cases handled elsewhere."""

    @property
    def columns(self) -> list[str]:
        names = ("cases", "timely", "imported_disputed", "imported_reopened", "reopenings")
        return [self._word(name) for name in names]

    def rows(self, figures: Iterable[ImportedFigures]) -> list[Row]:
        """A line for each source or group of imported cases."""
        return [
            Row(
                self._label(each),
                [
                    Cell(self._wording.number(each.cases)),
                    self._answers_cell(each.timely),
                    self._answers_cell(each.disputed),
                    self.cell(each.reopened),
                    Cell(self._wording.number(each.reopenings) if each.reopened.of else NOTHING),
                ],
            )
            for each in list(figures)[:MOST_GROUPS]
        ]

    def _label(self, figures: ImportedFigures) -> str:
        if figures.code is None:
            return figures.system or self._word("all")
        group = self._wording.group(self._report.group_by, figures.code)
        return group if figures.code else self._word("not_stated")

    def _answers_cell(self, answers: Answers) -> Cell:
        """Counts and no share: some sources write only one of the two answers down."""
        if not answers.yes + answers.no:
            return Cell(NOTHING)
        told = [(self._word(name), getattr(answers, name)) for name in ("no", "unknown")]
        detail = " · ".join(
            f"{name} {self._wording.number(count)}" for name, count in told if count
        )
        return Cell(self._wording.number(answers.yes), detail)

    def chart(self, figures: ImportedFigures) -> Markup:
        """The outcomes of one source, in its own words."""
        rows = [
            Bar(
                self._word("not_stated") if outcome is None else outcome,
                [(cases, "mid")],
                self._wording.number(cases),
            )
            for outcome, cases in figures.outcomes[:MOST_BARS]
        ]
        frame = WIDE._replace(label_width=300, note_width=70)
        return charts.bars(self._word("imported_outcomes"), rows, frame)
