"""An alarm's life, and what a rule of the book may say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import pytest

from domain.book import Edition, Entry
from domain.early_warning.alarms import Alarm, AlarmState, alarm_id, folded, raised_fields
from domain.early_warning.judging import Finding
from domain.early_warning.rules import read_rules, rules_of
from domain.errors import (
    AlarmAlreadyAcknowledged,
    AlarmAlreadyClosed,
    CaseAlreadyLinked,
    Refusal,
    RootCauseCaseMissing,
)
from domain.records import (
    AlarmAcknowledged,
    AlarmCaseLinked,
    AlarmClosed,
    AlarmRaised,
    Record,
    checked,
)
from domain.reference_books import CURRENT_EDITION, edition
from domain.values import Actor, ActorKind, Via

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
FOUND = Finding(
    value=2.0 / 3,
    expected=None,
    deviation=None,
    count=3,
    baseline_count=0,
    from_position=10,
    to_position=20,
)


def envelope(version: int) -> dict[str, Any]:
    return {
        "originator_id": alarm_id(rules_of()["complaints_spike_all"], None, AT),
        "originator_version": version,
        "occurred_at": AT,
        "actor": Actor(id="ann", kind=ActorKind.PERSON),
        "via": Via.API,
        "correlation_id": "conversation-1",
    }


def raised(code: str = "complaints_spike_all") -> AlarmRaised:
    return AlarmRaised(**envelope(1), **raised_fields(rules_of()[code], None, AT, FOUND))


def acknowledged(version: int = 2) -> AlarmAcknowledged:
    return AlarmAcknowledged(**envelope(version), file_ref="TICKET-1")


def closed(ground: str, version: int = 2) -> AlarmClosed:
    return AlarmClosed(**envelope(version), ground=ground)


def alarm(*records: Record) -> Alarm:
    found = folded(records)
    assert found is not None
    return found


def refused(standing: Alarm, record: Record) -> type[Refusal]:
    with pytest.raises(Refusal) as refusal:
        standing.require_may(record)
    return refusal.type


def test_an_alarm_is_open_then_acknowledged_then_closed() -> None:
    case_id = uuid4()
    linked = AlarmCaseLinked(**envelope(3), case_id=case_id)

    states = [
        alarm(raised()).state,
        alarm(raised(), acknowledged()).state,
        alarm(raised(), acknowledged(), linked, closed("cause_removed", 4)).state,
        alarm(raised(), closed("false_alarm")).state,
    ]

    closed_one = AlarmState.CLOSED
    assert states == [AlarmState.OPEN, AlarmState.ACKNOWLEDGED, closed_one, closed_one]
    assert alarm(raised(), acknowledged(), linked).case_ids == (case_id,)
    assert folded([]) is None


def test_what_an_alarm_refuses() -> None:
    case_id = uuid4()
    link = AlarmCaseLinked(**envelope(2), case_id=case_id)
    over = alarm(raised(), closed("false_alarm"))

    assert refused(alarm(raised(), acknowledged()), acknowledged(3)) is AlarmAlreadyAcknowledged
    assert refused(alarm(raised(), link), link) is CaseAlreadyLinked
    for record in (acknowledged(3), link, closed("false_alarm", 3)):
        assert refused(over, record) is AlarmAlreadyClosed


@pytest.mark.parametrize("ground", edition(CURRENT_EDITION).book("alarm_grounds").by_code)
def test_a_drop_at_a_touchpoint_is_seen_to_by_a_case(ground: str) -> None:
    drop = raised("satisfaction_drop_touchpoint")
    link = AlarmCaseLinked(**envelope(2), case_id=uuid4())
    is_seen_to = ground in ("cause_removed", "under_control")

    alarm(drop, link).require_may(closed(ground, 3))
    alarm(raised()).require_may(closed(ground))

    if is_seen_to:
        assert refused(alarm(drop), closed(ground)) is RootCauseCaseMissing
    else:
        alarm(drop).require_may(closed(ground))


def test_what_an_alarm_stores_fits_its_kinds() -> None:
    found = raised()

    checked(found)

    assert str(found.value) == "0.6667"
    assert found.window_from == AT - timedelta(hours=24)


def test_there_is_one_id_for_each_rule_value_and_look() -> None:
    rule = rules_of()["complaints_spike_all"]

    ids = {
        alarm_id(rule, None, AT),
        alarm_id(rule, None, AT + timedelta(hours=1)),
        alarm_id(rule, "phone", AT),
        alarm_id(replace(rule, version=rule.version + 1), None, AT),
        alarm_id(rules_of()["complaints_spike_channel"], "phone", AT),
    }

    assert len(ids) == 5
    assert alarm_id(rule, None, AT) in ids


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"threshold": "3"}, id="both a threshold and a baseline"),
        pytest.param({"baseline_windows": 0}, id="neither of them"),
        pytest.param({"baseline_every_hours": 12}, id="windows that overlap"),
        pytest.param({"every_hours": 0}, id="a look at every moment"),
        pytest.param({"least_change": "0"}, id="any change is large enough"),
        pytest.param({"chance": "1"}, id="whatever the chance"),
    ],
)
def test_a_rule_that_makes_no_sense_is_no_rule(changes: dict[str, Any]) -> None:
    books = edition(CURRENT_EDITION)
    book = books.book("warning_rules")
    first = book.entries[0]
    details = MappingProxyType({**first.details, **changes})
    entry = Entry(first.code, first.labels, None, details)
    broken = Edition(99, {**books.books, "warning_rules": replace(book, entries=(entry,))})

    with pytest.raises(ValueError, match="complaints_spike_all"):
        read_rules(broken)


def test_a_mean_whose_scores_may_all_be_equal_needs_a_least_spread() -> None:
    books = edition(CURRENT_EDITION)
    book = books.book("indicators")
    entries = tuple(
        replace(entry, details=MappingProxyType({**entry.details, "least_spread": "0"}))
        for entry in book.entries
    )

    with pytest.raises(ValueError, match="least spread is zero"):
        read_rules(Edition(99, {**books.books, "indicators": replace(book, entries=entries)}))


def test_editions_before_early_warning_have_no_rules() -> None:
    assert rules_of(2) == {}
    assert len(rules_of()) == len(edition(CURRENT_EDITION).book("warning_rules").entries)
