"""The texts of the page, as far as its reader may read them, each cut to a readable length."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple
from uuid import UUID

from markupsafe import Markup

from api.rendering import Reader
from api.reports.wording import Wording
from api.state_labels import owner_label
from domain.personal import PersonalText
from projections.lessons_answer import LessonsReport, LessonStory, PreventionRow
from projections.lessons_values import CodeCount
from projections.stand_ins import ERASED, HIDDEN

MOST_CODES: Final = 4
MOST_QUOTES: Final = 2
MOST_ANSWERS: Final = 4
MOST_STORIES: Final = 3
MOST_ACTIONS: Final = 12
LONGEST_TEXT: Final = 320


class Quote(NamedTuple):
    """Words from a case, under what they are about."""

    about: str
    text: str | Markup
    reference: str


class Story(NamedTuple):
    """A case to read."""

    reference: str
    case_id: str
    about: str
    codes: str
    quotes: list[Quote]


class Action(NamedTuple):
    """A preventive action; `colour` marks its state."""

    reference: str
    action: str | Markup
    owner: str
    due_on: str
    state: str
    colour: str
    effect: str


class PageTexts:
    """Everything on the page that people wrote."""

    def __init__(self, report: LessonsReport, reader: Reader, wording: Wording) -> None:
        self._report = report
        self._reader = reader
        self._wording = wording

    def _shown(self, held: PersonalText, case_id: UUID) -> str | Markup:
        self._reader.about(case_id)
        read = self._reader.text(held)
        if read in (ERASED, HIDDEN):
            return Markup('<span class="erased">{}</span>').format(self._wording.word("erased"))
        text = " ".join(str(read).split())
        return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT].rstrip()}…"

    def causes(self, book: str, ranked: Iterable[CodeCount]) -> list[tuple[str, list[Quote]]]:
        """What analyses say under the most frequent codes of this book, no words twice."""
        found = [(count.code, self._quotes(book, count.code)) for count in ranked]
        told = [(self._wording.label(book, code), quotes) for code, quotes in found if quotes]
        return told[:MOST_CODES]

    def _quotes(self, book: str, code: str) -> list[Quote]:
        quotes = [
            Quote(code, self._shown(each.text, each.case_id), each.reference)
            for each in self._report.cause_texts
            if (each.book, each.code) == (book, code)
        ]
        return _each_once(quotes)[:MOST_QUOTES]

    def lessons(self, question: str) -> list[Quote]:
        """The newest answers to a question about what was learned, no words twice."""
        found = [
            Quote(each.about, self._shown(each.text, each.case_id), each.reference)
            for each in self._report.lesson_texts
            if each.about == question
        ]
        return _each_once(found)[:MOST_ANSWERS]

    @property
    def successes(self) -> list[Story]:
        return self._stories(self._report.successes)

    @property
    def failures(self) -> list[Story]:
        return self._stories(self._report.failures)

    def _stories(self, stories: Iterable[LessonStory]) -> list[Story]:
        return [self._story(story) for story in list(stories)[:MOST_STORIES]]

    def _story(self, story: LessonStory) -> Story:
        label = self._wording.label
        about = [
            story.conflict_subtype and label("conflict_subtypes", story.conflict_subtype),
            label("channels", story.channel),
            story.outcome and label("resolution_outcomes", story.outcome),
        ]
        told = (
            ("root", story.root),
            ("trigger", story.trigger),
            ("what_worked", story.what_worked),
            ("what_made_it_worse", story.what_made_it_worse),
            ("missed", story.missed_by_early_detection),
        )
        return Story(
            story.reference,
            str(story.case_id),
            " · ".join(part for part in about if part),
            self._wording.listed(label("lesson_codes", code) for code in story.codes),
            [
                Quote(self._wording.word(key), self._shown(held, story.case_id), story.reference)
                for key, held in told
                if held is not None
            ],
        )

    @property
    def actions(self) -> list[Action]:
        """The preventive actions, overdue ones first."""
        return [self._action(row) for row in self._report.preventions[:MOST_ACTIONS]]

    @property
    def actions_left_out(self) -> int:
        found = self._report.total.preventions
        checked = sum(effect.standing for effect in found.checked)
        everything = found.planned + found.overdue + found.completed + checked
        return max(0, everything - MOST_ACTIONS)

    def _action(self, row: PreventionRow) -> Action:
        wording = self._wording
        return Action(
            row.reference,
            self._shown(row.action, row.case_id),
            owner_label(row.owner, wording.language) or "",
            wording.day(row.due_on),
            wording.label("prevention_states", row.state),
            row.state,
            wording.label("prevention_effects", row.effect) if row.effect else "",
        )


def _each_once(quotes: Iterable[Quote]) -> list[Quote]:
    """The quotes in order, without those whose words came before."""
    first: dict[str | Markup, Quote] = {}
    for quote in quotes:
        first.setdefault(quote.text, quote)
    return list(first.values())
