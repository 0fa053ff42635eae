"""The lessons-learned report as one tidy table: a row per group and measure (RFC 4180).

It begins with a byte order mark, since its readers open it in spreadsheets, which take a Chinese
label for gibberish without one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from api.reports.as_json import CODE_BOOKS
from api.reports.figures_json import PLAYBOOK_KINDS
from api.reports.wording import Wording
from domain.impact import BOOK as IMPACT_BOOK
from projections.figures import Answers, Share, Spread
from projections.lessons_answer import LessonsReport
from projections.lessons_impact import LIKELY, ImpactFigures
from projections.lessons_targets import TargetFigures
from projections.lessons_values import (
    CaseFigures,
    GroupFigures,
    ImportedFigures,
    PlaybookCases,
    PreventionFigures,
    RepeatFigures,
)

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
COLUMNS: Final = (
    "section",
    "group_by",
    "group",
    "group_label",
    "measure",
    "item",
    "item_label",
    "value",
    "unit",
    "n",
)
_SHARES: Final = (
    "resolution_rate",
    "disputed",
    "reopened",
    "disputed_or_reopened",
    "escalated",
    "first_contact_resolution",
    "prompt_reply",
)
# The wide ones too: spreadsheets in Chinese and Japanese take them for the others.
_STARTS_FORMULA: Final = (*"=+-@", *"\uff1d\uff0b\uff0d\uff20", "\t", "\r", "\n")


class Measure(NamedTuple):
    """One figure. `n`: of how many a share is, over how many values a time is taken.

    `book` names the reference book of `item`, or is "" where the item is no code.
    """

    name: str
    value: int | float | str | None
    unit: str
    n: int | None = None
    item: str = ""
    book: str = ""


def report_csv(report: LessonsReport, wording: Wording) -> bytes:
    """UTF-8 with byte order mark. Texts are no figures and do not stand here."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for group in (report.total, *report.groups):
        named = _named(report, group.code, wording)
        for measure in group_measures(group):
            writer.writerow(_row("own", named, measure, wording))
    for figures in (report.imported_total, *report.imported_sources, *report.imported_groups):
        section = f"imported:{figures.system}" if figures.system else "imported"
        named = _named(report, figures.code, wording)
        for measure in imported_measures(figures):
            writer.writerow(_row(section, named, measure, wording))
    return BYTE_ORDER_MARK + written.getvalue().encode()


def _named(report: LessonsReport, code: str | None, wording: Wording) -> tuple[str, str, str]:
    if code is None:
        return "", "", wording.word("all")
    return report.group_by, code, wording.group(report.group_by, code)


def _row(
    section: str, named: tuple[str, str, str], measure: Measure, wording: Wording
) -> list[object]:
    label = wording.label(measure.book, measure.item) if measure.book else ""
    return [
        *(harmless(text) for text in (section, *named, measure.name, measure.item, label)),
        "" if measure.value is None else measure.value,
        measure.unit,
        "" if measure.n is None else measure.n,
    ]


def harmless(text: str) -> str:
    """The text such that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_STARTS_FORMULA) else text


def group_measures(group: GroupFigures) -> Iterator[Measure]:
    """Every figure of a group."""
    yield from _case_measures(group.counts)
    earlier = group.earlier
    yield Measure("earlier_attempts", earlier.attempts, "attempts")
    yield Measure("earlier_resolved", earlier.resolved, "attempts", earlier.attempts)
    yield from _answers("earlier_satisfied", earlier.satisfied)
    yield from _answers("earlier_substantially_solved", earlier.substantially_solved)
    for family, book in CODE_BOOKS.items():
        counts = getattr(group.codes, family)
        n = sum(count.standing for count in counts) if family in ("outcomes", "upheld") else None
        for count in counts:
            yield Measure(family, count.standing, "cases", n, count.code, book)
            if count.earlier:
                yield Measure(
                    f"{family}_earlier", count.earlier, "attempts", None, count.code, book
                )
    yield from _prevention_measures(group.preventions)
    yield from _repeat_measures(group.repeats)
    for kind in PLAYBOOK_KINDS:
        yield from _playbook_measures(kind, getattr(group.playbooks, kind))
    yield from _target_measures(group.targets)
    yield from _impact_measures(group.impact)


def _case_measures(figures: CaseFigures) -> Iterator[Measure]:
    standing = figures.standing
    yield Measure("cases", figures.cases, "cases")
    for name in type(standing).__slots__:
        yield Measure("standing", getattr(standing, name), "cases", figures.cases, name)
    yield Measure("reopenings", figures.reopenings, "times", figures.cases)
    for name in _SHARES:
        yield _share(name, getattr(figures, name))
    for name in ("accepted", "satisfied", "substantially_solved"):
        yield from _answers(name, getattr(figures, name))
    yield from _spread("first_reply", figures.first_reply, "")
    for stage, spread in figures.stages.items():
        yield from _spread("time_to_stage", spread, stage)


def _prevention_measures(figures: PreventionFigures) -> Iterator[Measure]:
    for state in ("planned", "overdue", "completed"):
        value = getattr(figures, state)
        yield Measure("preventions", value, "actions", None, state, "prevention_states")
    for effect in figures.checked:
        yield Measure(
            "preventions_checked",
            effect.standing,
            "actions",
            None,
            effect.code,
            "prevention_effects",
        )
    yield Measure("preventions_done_late", figures.done_late, "actions")
    yield _share("covered", figures.covered)
    yield Measure("trainings", figures.trainings, "trainings")
    yield Measure("participants", figures.participants, "people")


def _playbook_measures(kind: str, found: PlaybookCases) -> Iterator[Measure]:
    yield Measure("playbook_cases", found.cases, "cases", None, kind)
    yield _share(f"playbook_{kind}_resolved", found.resolved)
    yield from _answers(f"playbook_{kind}_satisfied", found.satisfied)


def _repeat_measures(figures: RepeatFigures) -> Iterator[Measure]:
    yield _share("repeats", figures.overall)
    if figures.first_done_on:
        yield Measure("first_prevention_done_on", figures.first_done_on.isoformat(), "date")
        yield _share("repeats_before", figures.before)
        yield _share("repeats_after", figures.after)


def _target_measures(targets: Iterable[TargetFigures]) -> Iterator[Measure]:
    for each in targets:
        attained, named = each.attained, (each.clock, "service_clocks")
        yield Measure("targets_met", attained.count, "runs", attained.of, *named)
        yield Measure("targets_missed", each.missed, "runs", attained.of, *named)
        yield Measure("targets_running", each.running, "runs", None, *named)
        yield Measure("targets_cancelled", each.cancelled, "runs", None, *named)


def _impact_measures(figures: ImpactFigures) -> Iterator[Measure]:
    """Of how many cases each is an estimate; which version of the book, the last rows tell."""
    n, (least, most) = figures.cases, figures.people_told
    yield Measure("impact_not_estimated", figures.not_estimated, "cases")
    yield Measure("impact_people_told_least", least, "people", n)
    yield Measure("impact_people_told_most", most, "people", n)
    for name in LIKELY:
        yield Measure(f"impact_{name}", float(figures.customers(name)), "customers", n)
    for each in figures.estimated:
        named = each.mood, IMPACT_BOOK
        yield Measure(f"impact_cases_by_version_{each.version}", each.cases, "cases", n, *named)


def imported_measures(figures: ImportedFigures) -> Iterator[Measure]:
    """Every figure of imported cases."""
    yield Measure("cases", figures.cases, "cases")
    for outcome, cases in figures.outcomes:
        yield Measure("outcome", cases, "cases", figures.cases, outcome or "")
    yield from _told("timely", figures.timely)
    yield from _told("disputed", figures.disputed)
    yield _share("reopened", figures.reopened)
    yield Measure("reopenings", figures.reopenings, "times", figures.reopened.of)
    yield Measure("went_on", figures.went_on, "cases", figures.cases)


def _share(name: str, share: Share) -> Measure:
    value = None if share.share is None else round(share.share, 4)
    return Measure(name, value, "share", share.of)


def _answers(name: str, answers: Answers) -> Iterator[Measure]:
    yield _share(name, answers.share)
    yield from _told(name, answers)


def _told(name: str, answers: Answers) -> Iterator[Measure]:
    total = answers.yes + answers.no + answers.unknown
    for answer in ("yes", "no", "unknown"):
        yield Measure(f"{name}_answers", getattr(answers, answer), "cases", total, answer)


def _spread(name: str, spread: Spread, item: str) -> Iterator[Measure]:
    book = "statuses" if item else ""
    for kind, seconds in (("median", spread.median_seconds), ("p90", spread.p90_seconds)):
        value = None if seconds is None else round(seconds, 3)
        yield Measure(f"{name}_{kind}", value, "seconds", spread.n, item, book)
