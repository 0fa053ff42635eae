"""Every read model handles each event, or says why it does not."""

from __future__ import annotations

import pytest

from domain import events
from projections.case_fields import NEVER_OVERWRITTEN, SHOWN_AS, TAKES_BACK
from projections.read_model import ReadModel
from projections.read_models import READ_MODELS

each_model = pytest.mark.parametrize("model", READ_MODELS, ids=[each.name for each in READ_MODELS])


@each_model
@pytest.mark.parametrize("event", events.ALL, ids=[event.NAME for event in events.ALL])
def test_every_event_is_handled_or_ignored_with_a_reason(
    event: type[events.CaseEvent], model: ReadModel
) -> None:
    assert (event in model.handlers) != bool(model.ignored.get(event))


@each_model
def test_tables_stand_in_the_schema_of_their_read_model(model: ReadModel) -> None:
    assert {table.schema for table in model.tables} == {model.name}


def test_every_event_has_a_place_in_the_audit_trail() -> None:
    assert set(SHOWN_AS) == set(events.ALL)


def test_what_is_never_overwritten_takes_nothing_back() -> None:
    assert NEVER_OVERWRITTEN.isdisjoint(TAKES_BACK)
