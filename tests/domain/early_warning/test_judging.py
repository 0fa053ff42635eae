"""What counts as an alarm: the judgement alone, window by window."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations
from math import exp, factorial

import pytest

from domain.early_warning.chances import PRIOR, chance_of_so_many, deviations_for
from domain.early_warning.judging import NOTHING, Tally, judge
from domain.early_warning.rules import Kind, WarningRule, rules_of

SPIKE = rules_of()["complaints_spike_all"]
DROP = rules_of()["satisfaction_drop_all"]
RISE = rules_of()["reopenings_rise_all"]
HIGH = rules_of()["risk_becomes_high"]
JUMP = rules_of()["risk_jump_customer"]
REPEAT = rules_of()["complaints_repeat_customer"]


def counted(count: int, position: int = 1) -> Tally:
    """So many facts without a value."""
    return Tally(count, 0, 0, position, position + count) if count else NOTHING


def scored(*scores: int) -> Tally:
    """Scores of 1 to 5."""
    worths = [1_000 * score for score in scores]
    return Tally(len(worths), sum(worths), sum(worth * worth for worth in worths), 1, 9)


def out_of(events: int, occasions: int) -> Tally:
    return Tally(occasions, 1_000 * events, 1_000_000 * events, 1, 9)


def risk(score: float, indicators: int = 7) -> Tally:
    """A customer's score that rests on so many indicators."""
    return Tally(indicators, round(1_000 * score) * indicators, 0, 1, 9)


def weeks(*counts: int) -> list[Tally]:
    return [counted(count) for count in counts]


def test_the_chance_is_that_of_a_poisson_whose_rate_is_known_by_a_sample() -> None:
    shape, success = 4 + PRIOR, 1 / (1 + 0.5)

    chance = chance_of_so_many(1, 4, 0.5)

    assert chance == pytest.approx(1 - success**shape)
    assert chance_of_so_many(0, 4, 0.5) == 1
    assert chance_of_so_many(40, 4, 0.5) == pytest.approx(0, abs=1e-12)
    assert deviations_for(0.5) == pytest.approx(0)
    assert deviations_for(0.0228) == pytest.approx(2, abs=0.01)


def test_a_long_sample_makes_it_the_poisson_chance() -> None:
    poisson = 1 - exp(-2) * sum(2**n / factorial(n) for n in range(5))

    chance = chance_of_so_many(5, 2_000_000, 1e-6)

    assert chance == pytest.approx(poisson, rel=1e-4)


def test_three_times_as_many_as_ever_is_an_alarm_that_says_so() -> None:
    finding = judge(SPIKE, weeks(60, 19, 21, 20, 22, 18, 20, 21, 19))

    assert finding is not None
    assert (finding.value, finding.count, finding.baseline_count) == (60.0, 60, 160)
    assert finding.expected == pytest.approx(19.9, abs=0.2)
    assert finding.deviation == pytest.approx(3.0, abs=0.1)
    assert (finding.from_position, finding.to_position) == (1, 61)


@pytest.mark.parametrize(
    "counts",
    [
        pytest.param((24, 19, 21, 20, 22, 18, 20, 21, 19), id="hardly more"),
        pytest.param((7, 1, 1, 1, 1, 1, 1, 1, 1), id="too few at all"),
        pytest.param((60, 20, 20, 20, 0, 0, 0, 0, 0), id="known for three weeks only"),
        pytest.param((60, 5, 60, 3, 55, 8, 70, 4, 66), id="as wild as always"),
        pytest.param((60, 0, 0, 0, 0, 0, 0, 0, 0), id="nothing known before"),
    ],
)
def test_what_is_no_alarm(counts: tuple[int, ...]) -> None:
    assert judge(SPIKE, weeks(*counts)) is None


def test_a_past_spike_hides_no_new_one() -> None:
    finding = judge(SPIKE, weeks(60, 19, 21, 20, 300, 18, 20, 21, 19))

    assert finding is not None
    assert finding.expected == pytest.approx(20, abs=0.5)


def test_weeks_without_any_count_as_weeks() -> None:
    finding = judge(SPIKE, weeks(12, 0, 3, 0, 2, 0, 4, 0, 2))

    assert finding is not None
    assert finding.expected == pytest.approx(10 / 8)


def test_a_point_less_is_an_alarm_and_a_point_more_is_none() -> None:
    usual = [scored(4, 5, 4, 3, 5, 4, 4, 4, 5, 4)] * DROP.baseline_windows
    low, high = scored(*[3, 4, 3, 2, 4, 3, 3, 3, 4, 3] * 2), scored(*[5] * 20)

    finding = judge(DROP, [low, *usual])

    assert finding is not None
    assert (finding.value, finding.expected) == (3.2, 4.2)
    assert finding.deviation is not None
    assert finding.deviation > deviations_for(DROP.chance)
    assert judge(DROP, [high, *usual]) is None
    assert judge(DROP, [scored(1, 1, 1), *usual]) is None


def test_equal_scores_do_not_make_every_change_an_alarm() -> None:
    usual = [scored(*[5] * 10)] * DROP.baseline_windows
    slightly_less = scored(*[5] * 5, *[4] * 4)

    assert judge(DROP, [slightly_less, *usual]) is None


def test_a_rate_counts_events_among_occasions() -> None:
    usual = [out_of(2, 40)] * 8

    finding = judge(RISE, [out_of(12, 40), *usual])

    assert finding is not None
    assert (finding.value, finding.expected, finding.deviation) == (0.3, 0.05, pytest.approx(6))
    assert judge(RISE, [out_of(4, 40), *usual]) is None
    assert judge(RISE, [out_of(2, 19), *usual]) is None


def test_what_was_watched_for_too_short_a_time_is_no_baseline() -> None:
    young_rate = [out_of(2, 400)] * 2 + [NOTHING] * 6
    young_scores = [scored(*[4] * 20)] * 13 + [NOTHING] * 15

    assert judge(RISE, [out_of(40, 400), *young_rate]) is None
    assert judge(DROP, [scored(*[1] * 20), *young_scores]) is None


def test_a_threshold_needs_no_history() -> None:
    finding = judge(REPEAT, [counted(3)])

    assert finding is not None
    assert (finding.value, finding.expected, finding.baseline_count) == (3.0, None, 0)
    assert judge(REPEAT, [counted(2)]) is None


def test_a_threshold_may_be_a_lowest_mean() -> None:
    lowest = replace(DROP, threshold=3.5, baseline_windows=0)

    assert judge(lowest, [scored(*[3] * 10)]) is not None
    assert judge(lowest, [scored(*[4] * 10)]) is None


def test_a_score_is_an_alarm_when_it_reaches_the_threshold_and_did_not_before() -> None:
    finding = judge(HIGH, [risk(70.0), risk(69.9)])

    assert finding is not None
    assert (finding.value, finding.expected, finding.deviation) == (70.0, 69.9, 0.1)
    assert (finding.count, finding.baseline_count) == (7, 7)
    assert judge(HIGH, [risk(100.0), risk(70.0)]) is None
    assert judge(HIGH, [risk(69.9), risk(10.0)]) is None
    assert judge(HIGH, [NOTHING, risk(10.0)]) is None


def test_a_first_score_may_reach_a_threshold_but_has_not_risen() -> None:
    finding = judge(HIGH, [risk(88.8), NOTHING])

    assert finding is not None
    assert (finding.value, finding.expected, finding.baseline_count) == (88.8, None, 0)
    assert judge(JUMP, [risk(88.8), NOTHING]) is None


def test_a_score_is_an_alarm_when_it_rose_by_so_many_points() -> None:
    finding = judge(JUMP, [risk(67.3, 9), risk(42.3, 4)])

    assert finding is not None
    assert (finding.value, finding.expected, finding.deviation) == (67.3, 42.3, 25.0)
    assert (finding.count, finding.baseline_count) == (9, 4)
    assert judge(JUMP, [risk(67.2), risk(42.3)]) is None
    assert judge(JUMP, [risk(20.0), risk(90.0)]) is None


def test_tallies_add_up_in_any_order() -> None:
    tallies = [scored(1, 5), out_of(1, 3), counted(4, position=20), NOTHING]

    sums = {sum(pair, NOTHING) for pair in chain(combinations(tallies, 4), [tallies[::-1]])}

    assert sums == {Tally(9, 7_000, 27_000_000, 1, 24)}


@pytest.mark.parametrize("rule", rules_of().values(), ids=lambda rule: rule.code)
def test_every_rule_of_the_book_finds_something_grave_and_nothing_in_silence(
    rule: WarningRule,
) -> None:
    usual = {
        Kind.COUNT: counted(20),
        Kind.MEAN: scored(*[5] * 20) if rule.indicator == "satisfaction" else scored(*[100] * 20),
        Kind.RATE: out_of(4, 80),
        Kind.SCORE: risk(35.5),
    }[rule.kind]
    grave = {
        Kind.COUNT: counted(90),
        Kind.MEAN: scored(*[1] * 20) if rule.indicator == "satisfaction" else scored(*[-100] * 20),
        Kind.RATE: out_of(60, 80),
        Kind.SCORE: risk(70.0),
    }[rule.kind]
    before = [usual] * rule.baseline_windows

    assert judge(rule, [grave, *before]) is not None
    assert judge(rule, [NOTHING, *before]) is None
    assert rule.threshold is not None or judge(rule, [usual, *before]) is None
