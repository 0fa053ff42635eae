"""Made-up cases for measurements: real commands, real words, English and Chinese texts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from random import Random
from typing import Any

from domain.conflict_case import ConflictCase
from domain.events import CaseEvent
from domain.personal import PersonalText, StaffText
from domain.reference_books import CURRENT_EDITION, edition
from domain.value_kinds import SHORT_TEXT_MAX
from domain.values import Customer, Restatement, Status
from service.case_ids import new_case_id
from tests.given import STAGES, WAY_TO, Story

CASES_INTERLEAVED = 50
"""So many cases are under way at once: the events of one lie apart in the log."""

ENDS = {
    Status.REPORTED: 20,
    Status.CONFIRMED: 15,
    Status.ANALYSED: 10,
    Status.SOLUTION_PROPOSED: 5,
    Status.RESOLVED: 15,
    Status.FOLLOWED_UP: 10,
    Status.CLOSED: 25,
}
"""How many of a hundred cases come how far."""


class Writer:
    """Writes texts out of the labels of the reference books, common words oftener than others."""

    def __init__(self, random: Random) -> None:
        self.random = random

    @cached_property
    def _words(self) -> dict[bool, tuple[list[str], list[float]]]:
        books = edition(CURRENT_EDITION).books.values()
        entries = [entry for book in books for entry in book.entries]
        english = sorted({word for entry in entries for word in entry.labels.en.lower().split()})
        chinese = sorted({entry.labels.zh for entry in entries})
        found = {}
        for in_chinese, words in ((False, english), (True, chinese)):
            self.random.shuffle(words)
            found[in_chinese] = (words, [1 / place for place in range(1, len(words) + 1)])
        return found

    def text(self, words: int) -> str:
        """A text of so many words, in English or in Chinese, with a number in it."""
        in_chinese = self.random.random() < 0.5
        known, weights = self._words[in_chinese]
        chosen = self.random.choices(known, weights, k=words // 2 if in_chinese else words)
        number = str(self.random.randrange(100_000))
        return ("" if in_chinese else " ").join([*chosen, number])


def lives(events: int, seed: int = 1) -> Iterator[list[CaseEvent]]:
    """At least so many events in batches, each to be recorded as one append."""
    writer = Writer(Random(seed))
    made = 0
    while made < events:
        stories = [_life(writer) for _ in range(CASES_INTERLEAVED)]
        batch = list(_in_turns([story.events for story in stories]))
        made += len(batch)
        yield batch


def _life(writer: Writer) -> Story:
    story = Story(ConflictCase(new_case_id()))
    end = writer.random.choices(list(ENDS), list(ENDS.values()))[0]
    for stage in STAGES[: STAGES.index(end) + 1]:
        for command in WAY_TO[stage]:
            story.take(command, **texts(command, writer))
    return story


def texts(command: str, writer: Writer) -> dict[str, Any]:
    """What people write with a command, for those where it is long."""
    if command == "report":
        reference = f"K-{writer.random.randrange(1_000_000)}"
        name = PersonalText(writer.text(2)[:SHORT_TEXT_MAX])
        return {
            "customer": Customer(ref=reference, name=name),
            "summary": PersonalText(writer.text(12)[:SHORT_TEXT_MAX]),
            "description": PersonalText(writer.text(70)),
        }
    if command == "confirm":
        parts = {"fact": 25, "feeling": 5, "intention": 8}
        said = {name: PersonalText(writer.text(words)) for name, words in parts.items()}
        return {"restatement": Restatement(**said)}
    if command == "analyse":
        return {"root_cause": StaffText(writer.text(20))}
    return {}


def _in_turns(stories: list[list[CaseEvent]]) -> Iterator[CaseEvent]:
    longest = max(len(events) for events in stories)
    for place in range(longest):
        yield from (events[place] for events in stories if place < len(events))
