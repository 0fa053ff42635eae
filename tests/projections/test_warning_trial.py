"""Spikes and drops are found within a day, with few false alarms: a short form of the trial."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.early_warning.judging import NOTHING
from domain.early_warning.rules import HOUR, rules_of
from projections.warning_backtest import Counted
from tests.projections.warning_history import BEGINNING
from tests.projections.warning_trial import Outcome, Summary, summary, trial


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return [trial(seed) for seed in range(1, 7)]


def test_spikes_and_drops_are_found_within_a_day(outcomes: list[Outcome]) -> None:
    found = summary(outcomes)

    assert found.spikes_found >= 0.8
    assert found.drops_found >= 0.8
    assert found.false_alarms_mean <= 0.5
    assert found.false_alarms_most <= 1


def test_the_same_seed_gives_the_same_alarms(outcomes: list[Outcome]) -> None:
    assert trial(1) == outcomes[0]
    assert trial(2) != outcomes[0]


def test_the_aims_are_judged_at_their_limits() -> None:
    good = Summary(0.9, 0.9, 0.1, 1.0)

    assert good.is_good
    assert not replace(good, spikes_found=0.89).is_good
    assert not replace(good, drops_found=0.89).is_good
    assert not replace(good, false_alarms_most=1.01).is_good


def test_a_late_fact_changes_every_window_it_lies_in_and_no_other() -> None:
    rule = replace(rules_of()["complaints_spike_all"], least_count=0)
    counted = Counted(rule)
    at = BEGINNING + 57 * 24 * HOUR
    row = {"occasions": 1, "thousandths": 0}
    counted.add({**row, "occurred_at": at - HOUR, "position": 1})
    (before,) = counted.windows_at(at).values()

    counted.add({**row, "occurred_at": at - timedelta(weeks=1) - 24 * HOUR, "position": 2})
    counted.add({**row, "occurred_at": at - timedelta(weeks=2), "position": 3})
    counted.add({**row, "occurred_at": at - 24 * HOUR - timedelta(seconds=1), "position": 4})

    (after,) = counted.windows_at(at).values()
    assert [tally.count for tally in before] == [1, 0, 0, 0, 0, 0, 0, 0, 0]
    assert [tally.count for tally in after] == [1, 1, 0, 0, 0, 0, 0, 0, 0]
    assert after[2] == NOTHING
