"""The page's figures on what customers said in the period: scores, surveys, orders."""

from __future__ import annotations

from markupsafe import Markup

from api.reports import charts
from api.reports.charts import HALF, Bar
from api.reports.page_cells import MOST_BARS, Cell, PageCells, Row
from api.reports.wording import NOTHING, SMALL_N, Wording
from projections.figures import Share
from projections.managers_report import ManagersReport
from projections.satisfaction_report import ScaleFigures


class PageSatisfaction(PageCells):
    """Scores without the invalid ones, and what came of low ones."""

    def __init__(self, report: ManagersReport, wording: Wording) -> None:
        super().__init__(report.lessons, wording)
        self._found = report.satisfaction

    @property
    def has_scores(self) -> bool:
        return bool(self._found.scales)

    @property
    def score_chart(self) -> Markup | None:
        """Scores on each scale: low ones, and the others."""
        rows = [self._score_bar(each, self._scale(each)) for each in self._found.scales]
        return charts.bars(self._word("scores"), rows, HALF) if rows else None

    @property
    def touchpoint_chart(self) -> Markup | None:
        """The same by the touchpoint that was asked about, whatever the scale."""
        rows = [
            self._score_bar(each, f"{self._touchpoint(each)} · {self._scale(each)}")
            for each in self._found.touchpoints[:MOST_BARS]
        ]
        return charts.bars(self._word("by_touchpoint"), rows, HALF) if rows else None

    def _score_bar(self, figures: ScaleFigures, label: str) -> Bar:
        segments = [(figures.low, "warn"), (figures.valid - figures.low, "main")]
        return Bar(label, segments, self._wording.number(figures.valid))

    def _touchpoint(self, figures: ScaleFigures) -> str:
        return self._wording.label("touchpoints", figures.touchpoint or "")

    def _scale(self, figures: ScaleFigures) -> str:
        return self._wording.label("score_scales", figures.scale)

    @property
    def columns(self) -> list[str]:
        names = ("scores_counted", "average", "low", "net", "invalid")
        return [self._word(name) for name in names]

    @property
    def rows(self) -> list[Row]:
        """A line for each scale."""
        number = self._wording.number
        return [
            Row(
                self._scale(each),
                [
                    Cell(number(each.valid)),
                    self._mean(each.average, each.valid, "{:.1f}"),
                    self.cell(Share(each.low, each.valid)),
                    self._mean(each.net, each.valid, "{:+.0f}"),
                    Cell(number(each.invalid)),
                ],
            )
            for each in self._found.scales
        ]

    def _mean(self, value: float | None, valid: int, shape: str) -> Cell:
        return Cell(NOTHING) if value is None else Cell(shape.format(value), "", valid < SMALL_N)

    @property
    def survey_chart(self) -> Markup | None:
        """Surveys sent on each occasion: answered by now, and not."""
        rows = [
            Bar(
                self._wording.label("survey_occasions", occasion),
                [(share.count, "main"), (share.of - share.count, "soft")],
                self._wording.count_of(share),
            )
            for occasion, share in self._found.answered_by_occasion
        ]
        frame = HALF._replace(note_width=92)
        return charts.bars(self._word("surveys_answered"), rows, frame) if rows else None

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What else there is to say: a name and a figure."""
        found, number = self._found, self._wording.number
        return [
            (self._word("surveys_answered"), self._shown(found.answered)),
            (self._word("repeat_complaints"), self._shown(found.repeat_complaints)),
            (self._word("orders"), number(found.orders.opened)),
            (self._word("orders_in_time"), self._shown(found.orders.in_time)),
        ]
