"""The page's figures on cases: headlines, groups, outcomes, times and causes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from markupsafe import Markup

from api.reports import charts
from api.reports.charts import WIDE, Bar, Span
from api.reports.page_cells import MOST_GROUPS, Cell, Headline, Indicator, PageCells, Row
from api.reports.wording import NOTHING, SMALL_N
from projections.figures import Share, Spread
from projections.lessons_values import FIRST_CONTACT_TARGET, GroupFigures

STANDING_COLOURS: Final = {
    "resolved": "main",
    "open": "soft",
    "dismissed": "grey",
    "withdrawn": "lightgrey",
    "merged": "faint",
}


class PageFigures(PageCells):
    """The cases of the period, in numbers."""

    @property
    def headlines(self) -> list[Headline]:
        """Cases, time to resolution, satisfied customers."""
        now, before = self._total.counts, self._report.previous
        times = now.stages["resolved"], before.stages["resolved"]
        return [
            self._headline(
                "cases",
                (now.cases, before.cases),
                (self._wording.number(now.cases), self._wording.number(before.cases)),
                self._of_which_cases,
            ),
            self._headline(
                "median_to_resolution",
                (times[0].median_seconds, times[1].median_seconds),
                tuple(self._wording.duration(time.median_seconds) for time in times),
                f"{self._word('measured')} {self._wording.number(times[0].n)}",
            )._replace(few=0 < times[0].n < SMALL_N),
            self._headline(
                "satisfied",
                (now.satisfied.share.share, before.satisfied.share.share),
                tuple(self._wording.percent(each.satisfied.share) for each in (now, before)),
                self._wording.known(now.satisfied),
            )._replace(few=0 < now.satisfied.share.of < SMALL_N),
        ]

    @property
    def _of_which_cases(self) -> str:
        """Beside the number of cases: that others were imported is easily overlooked elsewhere."""
        imported = self._report.imported_total.cases
        if not imported:
            return self._word("grouped", grouping=self.grouping)
        return self._word("imported_apart", cases=self._wording.cases(imported))

    def _headline(
        self,
        key: str,
        values: tuple[float | None, float | None],
        shown: Sequence[str],
        detail: str,
    ) -> Headline:
        now, before = values
        if before is None:
            return Headline(self._word(key), shown[0], detail, self._word("no_before"), "")
        trend = "" if now is None or now == before else ("↗" if now > before else "↘")
        told = self._word("before", value=shown[1])
        return Headline(self._word(key), shown[0], detail, told, trend)

    @property
    def grouping(self) -> str:
        return self._word(self._report.group_by)

    @property
    def indicators(self) -> list[Indicator]:
        """The shares that are watched."""
        counts = self._total.counts
        target = self._word("target", share=f"≥ {FIRST_CONTACT_TARGET:.0%}")
        shares = (
            ("resolution_rate", counts.resolution_rate),
            ("substantially_solved", counts.substantially_solved.share),
            ("disputed_or_reopened", counts.disputed_or_reopened),
            ("prompt_reply", counts.prompt_reply),
            ("repeat_rate", self._total.repeats.overall),
        )
        name = "first_contact_resolution"
        first = Indicator(self._word(name), self.cell(counts.first_contact_resolution), target)
        return [first, *(Indicator(self._word(name), self.cell(share)) for name, share in shares)]

    @property
    def in_short(self) -> list[str]:
        """What stands out, in sentences."""
        return [sentence for sentence in self._sentences() if sentence]

    def _sentences(self) -> Iterable[str]:
        total, wording = self._total, self._wording
        largest = max(self._report.groups, key=lambda each: each.counts.cases, default=None)
        for group in (largest,) if largest and largest.code else ():
            share = Share(group.counts.cases, total.counts.cases)
            label = self.group_label(group)
            told = wording.count_of(share)
            yield self._word("short_group", label=label, told=told, share=wording.percent(share))
        for cause in total.codes.cause_classes[:1]:
            of = sum(each.standing for each in total.codes.cause_classes)
            label = wording.label("cause_classes", cause.code)
            yield self._word("short_cause", label=label, count=cause.standing, of=of)
        for lesson in total.codes.lessons[:1]:
            label = wording.label("lesson_codes", lesson.code)
            yield self._word("short_lesson", label=label, cases=wording.cases(lesson.standing))
        if total.preventions.overdue:
            yield self._word("short_overdue", count=total.preventions.overdue)
        if total.earlier.attempts:
            yield self._word("short_lost", count=total.earlier.attempts)

    def group_label(self, group: GroupFigures) -> str:
        return self._wording.group(self._report.group_by, group.code or "")

    @property
    def group_chart(self) -> Markup:
        """Cases of each group by where they stand."""
        rows = [
            Bar(
                self.group_label(group),
                [
                    (getattr(group.counts.standing, name), colour)
                    for name, colour in STANDING_COLOURS.items()
                ],
                self._wording.number(group.counts.cases),
            )
            for group in self._report.groups[:MOST_GROUPS]
        ]
        title = self._word("by_group", grouping=self.grouping)
        return charts.bars(title, rows)

    @property
    def standing_legend(self) -> list[tuple[str, str, str]]:
        """(colour, label, number of cases) of what occurs."""
        standing = self._total.counts.standing
        return [
            (colour, self._word(name), self._wording.number(getattr(standing, name)))
            for name, colour in STANDING_COLOURS.items()
            if getattr(standing, name)
        ]

    @property
    def group_rows(self) -> list[Row]:
        """Each group's main figures, and all cases together."""
        groups = self._report.groups[:MOST_GROUPS]
        rows = [self._group_row(self.group_label(group), group) for group in groups]
        return [*rows, self._group_row(self._word("all"), self._total)]

    @property
    def groups_left_out(self) -> int:
        return max(0, len(self._report.groups) - MOST_GROUPS)

    def _group_row(self, label: str, group: GroupFigures) -> Row:
        counts = group.counts
        return Row(
            label,
            [
                Cell(self._wording.number(counts.cases)),
                self.cell(counts.resolution_rate),
                self.cell(counts.first_contact_resolution),
                self._time(counts.stages["resolved"]),
                self.cell(counts.satisfied.share),
                self.cell(counts.disputed_or_reopened),
                self.cell(group.repeats.overall),
            ],
        )

    def _time(self, spread: Spread) -> Cell:
        if not spread.n:
            return Cell(NOTHING)
        measured = f"n = {self._wording.number(spread.n)}"
        return Cell(self._wording.duration(spread.median_seconds), measured, spread.n < SMALL_N)

    @property
    def group_columns(self) -> list[str]:
        names = (
            "cases",
            "resolution_rate",
            "first_contact_resolution",
            "median_to_resolution",
            "satisfied",
            "disputed_or_reopened",
            "repeat_rate",
        )
        return [self._word(name) for name in names]

    @property
    def stage_chart(self) -> Markup:
        """How long the cases took to each stage."""
        rows = [self._span(self._word("first_reply"), self._total.counts.first_reply)]
        for stage, spread in self._total.counts.stages.items():
            rows.append(self._span(self._wording.label("statuses", stage), spread))
        ticks = {tick: self._wording.round_duration(tick) for tick in charts.ticks_for(rows)}
        least = min(ticks)
        if any(row.median is not None and row.median < least for row in rows):
            # What is shorter is drawn at the left end.
            ticks[least] = f"≤ {ticks[least]}"
        frame = WIDE._replace(label_width=150, note_width=190)
        return charts.spans(self._word("time_to_stage"), rows, ticks, frame)

    def _span(self, label: str, spread: Spread) -> Span:
        median, p90 = spread.median_seconds, spread.p90_seconds
        times = f"{self._wording.duration(median)} · {self._wording.duration(p90)}"
        note = f"{times}  (n = {self._wording.number(spread.n)})" if spread.n else NOTHING
        return Span(label, median, p90, note)

    def code_chart(self, family: str) -> Markup | None:
        """The codes of a family, each with what lost attempts had in a lighter colour."""
        return self._code_bars(family, getattr(self._total.codes, family))

    def has_earlier(self, *families: str) -> bool:
        """Whether lost attempts add anything to these families."""
        codes = self._total.codes
        return any(count.earlier for family in families for count in getattr(codes, family))

    @property
    def few_anywhere(self) -> bool:
        """Whether any share on the page rests on few cases."""
        cells = [cell for row in self.group_rows for cell in row.cells]
        cells += [indicator.shown for indicator in self.indicators]
        return any(cell.few for cell in cells) or any(each.few for each in self.headlines)
