"""The page's figures on what was learned: attempts lost, lessons, prevention, who came back."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

from api.reports import charts
from api.reports.charts import Bar, Frame
from api.reports.page_cells import Cell, Indicator, PageCells, Row
from domain.impact import BOOK as IMPACT_BOOK
from domain.reference_books import ReferenceBookError, edition, lesson_influence
from projections.lessons_impact import ImpactCases
from projections.lessons_values import PlaybookCases

PREVENTION_COLOURS: Final = {
    "overdue": "warn",
    "planned": "soft",
    "completed": "mid",
    "checked": "main",
}
LIKELY_WORDS: Final = {
    "boycott": "impact_boycott",
    "buy_less": "impact_buy_less",
    "buy_more": "impact_buy_more",
    "tell_twenty": "impact_tell_twenty",
}


class PageLearning(PageCells):
    """What the cases taught, in numbers."""

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

    @property
    def targets(self) -> list[Row]:
        """Service clocks: the share that was met, and what was missed or still runs."""
        label, number = self._wording.label, self._wording.number
        return [
            Row(
                label("service_clocks", each.clock),
                [
                    self.cell(each.attained),
                    Cell(number(each.missed)),
                    Cell(number(each.running)),
                ],
            )
            for each in self._total.targets
        ]

    @property
    def impact_facts(self) -> list[tuple[str, str]]:
        """What the cases may do to the company's name: a name and an estimate."""
        found = self._total.impact
        likely = [
            (self._word(word), f"{found.customers(name):,.1f}")
            for name, word in LIKELY_WORDS.items()
        ]
        return [(self._word("impact_people_told"), self._range(*found.people_told)), *likely]

    def _range(self, least: int, most: int) -> str:
        number = self._wording.number
        return number(least) if least == most else f"{number(least)}–{number(most)}"

    @property
    def impact_versions(self) -> list[tuple[str, list[Row]]]:
        """The coefficients that were used, by version of the book."""
        found = self._total.impact.estimated
        return [
            (
                self._word("impact_mood", version=version),
                [self._coefficients(each) for each in found if each.version == version],
            )
            for version in sorted({each.version for each in found})
        ]

    def _coefficients(self, of: ImpactCases) -> Row:
        told = self._range(of.coefficient("people_told_least"), of.coefficient("people_told_most"))
        percents = [Cell(f"{of.coefficient(f'{name}_percent')}%") for name in LIKELY_WORDS]
        label = self._wording.label(IMPACT_BOOK, of.mood)
        return Row(label, [Cell(self._wording.number(of.cases)), Cell(told), *percents])

    @property
    def impact_columns(self) -> list[str]:
        words = ("impact_cases", "impact_people_told", *LIKELY_WORDS.values())
        return [self._word(word) for word in words]

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
    def playbooks_resolved(self) -> list[Indicator]:
        """How many stand resolved, by whether the playbook was followed."""
        return [
            Indicator(name, self.cell(found.resolved)) for name, found in self._playbooks.items()
        ]

    @property
    def playbooks_satisfied(self) -> list[Indicator]:
        """How many are satisfied, by whether the playbook was followed."""
        return [
            Indicator(name, self.cell(found.satisfied.share))
            for name, found in self._playbooks.items()
        ]

    @property
    def _playbooks(self) -> dict[str, PlaybookCases]:
        found = self._total.playbooks
        return {
            f"{self._word(word)} ({self._wording.number(cases.cases)})": cases
            for word, cases in (
                ("playbook_followed", found.followed),
                ("playbook_skipped", found.skipped),
                ("playbook_unrecorded", found.unrecorded),
            )
        }
