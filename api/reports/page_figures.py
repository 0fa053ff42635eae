"""The figures of the page: headlines, charts and table rows, ready to be put into place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from markupsafe import Markup

from api.reports import charts
from api.reports.as_json import CODE_BOOKS
from api.reports.charts import HALF, WIDE, Bar, Frame, Span
from api.reports.wording import NOTHING, SMALL_N, Wording
from domain.reference_books import ReferenceBookError, edition, lesson_influence
from projections.lessons_values import (
    FIRST_CONTACT_TARGET,
    Answers,
    CodeCount,
    GroupFigures,
    ImportedFigures,
    LessonsReport,
    Share,
    Spread,
)

MOST_GROUPS: Final = 20
MOST_BARS: Final = 10
STANDING_COLOURS: Final = {
    "resolved": "main",
    "open": "soft",
    "dismissed": "grey",
    "withdrawn": "lightgrey",
    "merged": "faint",
}
PREVENTION_COLOURS: Final = {
    "overdue": "warn",
    "planned": "soft",
    "completed": "mid",
    "checked": "main",
}


class Headline(NamedTuple):
    """One of the three large figures; `trend` points to where it went since the period before."""

    label: str
    value: str
    detail: str
    before: str
    trend: str


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


class PageFigures:
    """Everything on the page that is a number, in one language."""

    def __init__(self, report: LessonsReport, wording: Wording) -> None:
        self._report = report
        self._total = report.total
        self._wording = wording
        self._word = wording.word

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
                self._word("grouped", grouping=self.grouping),
            ),
            self._headline(
                "median_to_resolution",
                (times[0].median_seconds, times[1].median_seconds),
                tuple(self._wording.duration(time.median_seconds) for time in times),
                f"{self._word('measured')} {self._wording.number(times[0].n)}",
            ),
            self._headline(
                "satisfied",
                (now.satisfied.share.share, before.satisfied.share.share),
                tuple(self._wording.percent(each.satisfied.share) for each in (now, before)),
                self._wording.known(now.satisfied),
            ),
        ]

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

    def cell(self, share: Share) -> Cell:
        """A share as percentage with its counts."""
        if share.share is None:
            return Cell(NOTHING)
        few = share.of < SMALL_N
        return Cell(self._wording.percent(share), self._wording.count_of(share), few)

    @property
    def in_short(self) -> list[str]:
        """What stands out, in sentences."""
        return [sentence for sentence in self._sentences() if sentence]

    def _sentences(self) -> Iterable[str]:
        total, wording = self._total, self._wording
        for group in self._report.groups[:1]:
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
            yield self._word("short_lesson", label=label, count=lesson.standing)
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

    def influence_chart(self, influence: str) -> Markup | None:
        """The lesson codes that helped, or those that harmed."""
        lessons = self._total.codes.lessons
        chosen = [count for count in lessons if self._influence(count.code) == influence]
        return self._code_bars("lessons", chosen, "good" if influence == "helped" else "warn")

    def _influence(self, code: str) -> str:
        try:
            return lesson_influence(edition(self._report.edition), code)
        except ReferenceBookError:
            return ""

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

    @property
    def prevention_chart(self) -> Markup | None:
        """Preventive actions by state, in one bar."""
        states = self.prevention_states
        if not states:
            return None
        segments = [(count, colour) for colour, _, count in states]
        bar = Bar("", segments, self._wording.number(sum(count for _, _, count in states)))
        return charts.bars(self._word("preventions"), [bar], Frame(760, 0, 60))

    @property
    def prevention_states(self) -> list[tuple[str, str, int]]:
        """(colour, label, number of actions) of what occurs."""
        found = self._total.preventions
        counts = {
            "overdue": found.overdue,
            "planned": found.planned,
            "completed": found.completed,
            "checked": sum(effect.standing for effect in found.checked),
        }
        return [
            (colour, self._wording.label("prevention_states", state), counts[state])
            for state, colour in PREVENTION_COLOURS.items()
            if counts[state]
        ]

    @property
    def prevention_facts(self) -> list[tuple[str, str]]:
        """What else there is to say of prevention: a name and a figure."""
        found = self._total.preventions
        return [
            (self._word("covered"), self._shown(found.covered)),
            (self._word("done_late"), self._wording.number(found.done_late)),
            (self._word("trainings"), self._wording.number(found.trainings)),
            (self._word("participants"), self._wording.number(found.participants)),
        ]

    @property
    def effects(self) -> str:
        """What checked preventive actions were good for, the most frequent first."""
        found = self._total.preventions.checked
        label = self._wording.label
        return " · ".join(
            f"{label('prevention_effects', effect.code)} {effect.standing}" for effect in found
        )

    def _shown(self, share: Share) -> str:
        if share.share is None:
            return NOTHING
        return f"{self._wording.percent(share)} · {self._wording.count_of(share)}"

    @property
    def repeats(self) -> list[Indicator]:
        """Who came back: over all, before and after the first preventive action."""
        found = self._total.repeats
        rows = [Indicator(self._word("overall"), self.cell(found.overall))]
        if found.first_done_on:
            rows.append(Indicator(self._word("before_prevention"), self.cell(found.before)))
            rows.append(Indicator(self._word("after_prevention"), self.cell(found.after)))
        return rows

    @property
    def earlier_facts(self) -> list[tuple[str, str]]:
        """What lost attempts had reached: a name and a figure each."""
        found, number = self._total.earlier, self._wording.number
        return [
            (self._word("earlier_attempts"), number(found.attempts)),
            (self._word("earlier_resolved"), number(found.resolved)),
            (self._word("earlier_satisfied"), self._shown(found.satisfied.share)),
            (self._word("earlier_solved"), self._shown(found.substantially_solved.share)),
        ]

    @property
    def imported_columns(self) -> list[str]:
        names = ("cases", "timely", "imported_disputed", "imported_reopened", "reopenings")
        return [self._word(name) for name in names]

    def imported_rows(self, figures: Iterable[ImportedFigures]) -> list[Row]:
        """A line for each source or group of imported cases."""
        return [
            Row(
                self._imported_label(each),
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

    def _imported_label(self, figures: ImportedFigures) -> str:
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

    def imported_chart(self, figures: ImportedFigures) -> Markup:
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

    @property
    def few_anywhere(self) -> bool:
        """Whether any share on the page rests on few cases."""
        cells = [cell for row in self.group_rows for cell in row.cells]
        cells += [each.shown for each in (*self.indicators, *self.repeats)]
        return any(cell.few for cell in cells)
