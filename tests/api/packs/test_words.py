"""The words of the timeline: for every event and field there is, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import is_dataclass

from api.packs.words import WORDS, Wording
from domain import events
from domain.decisions import APPROVAL_REASONS
from domain.events import ENVELOPE
from domain.kinds import fields_of
from domain.values import Via


def names_in(owner: type) -> Iterator[str]:
    for own in fields_of(owner):
        if own.name in ENVELOPE:
            continue
        yield own.name
        if is_dataclass(own.kind.base):
            yield from names_in(own.kind.base)


def test_words_name_only_what_there_is() -> None:
    """What is newer than the words is shown by its stored name: see the next test."""
    fields = {name for event in events.ALL for name in names_in(event)}

    assert set(WORDS["events"]) <= {event.NAME for event in events.ALL}
    assert set(WORDS["fields"]) <= fields
    assert {f"via_{via.value}" for via in Via} <= set(WORDS["page"])


def test_every_reason_for_an_approval_has_words() -> None:
    words = Wording("zh")

    told = words.told("approval_reasons", list(APPROVAL_REASONS))

    assert set(WORDS["approval_reasons"]) == set(APPROVAL_REASONS)
    assert told == ["高风险", "接受风险", "补救超出权限"]


def test_what_has_no_words_yet_is_shown_by_its_name() -> None:
    words = Wording("zh")

    assert words.event("something_new_happened") == "Something new happened"
    assert words.field("summary") == "摘要"


def test_every_word_is_said_in_both_languages() -> None:
    for group in WORDS.values():
        for name, labels in group.items():
            assert labels.en.strip(), name
            assert labels.zh.strip(), name
