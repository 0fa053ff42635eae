"""Records as stored: every kind has an example that loads for ever, with all of its fields."""

from __future__ import annotations

import json

import pytest

from domain import records
from service.record_book import as_stored, from_stored
from service.topics import topic_of
from tests.golden.stored import digest_of
from tests.golden.stored_records import DIGESTS, StoredRecord, lines

LINES = lines()
each_line = pytest.mark.parametrize("line", LINES, ids=lambda line: line.stored.topic)
each_kind = pytest.mark.parametrize("kind", records.ALL, ids=lambda kind: kind.NAME)


def test_every_schema_of_every_record_has_a_stored_example() -> None:
    """If a newest one is missing, run `python -m tests.golden.add_missing`."""
    stored = {line.stored.topic for line in LINES}
    forms = {f"{kind.NAME}:{n}" for kind in records.ALL for n in range(1, kind.SCHEMA + 1)}

    assert forms == stored


def test_what_was_stored_once_stands_there_unchanged() -> None:
    """A stored form is for ever: if this fails, undo the change of records.jsonl."""
    listed = [line.split() for line in DIGESTS.read_text("ascii").splitlines()]

    assert listed == [[digest_of(line.line), line.stored.topic] for line in LINES]


@each_line
def test_a_stored_record_loads_and_nothing_of_it_is_lost(line: StoredRecord) -> None:
    """A renamed or dropped field would load without complaint, and be gone."""
    record = from_stored(line.stored)

    records.checked(record)
    assert json.loads(as_stored(record).state) == json.loads(line.stored.state)


@each_kind
def test_every_field_of_a_record_is_filled_in_its_example(kind: type[records.Record]) -> None:
    (line,) = (each for each in LINES if each.stored.topic == topic_of(kind))

    record = from_stored(line.stored)

    absent = [name for name, value in vars(record).items() if value in (None, ())]
    assert absent == []
