"""A trial of the rules: seeded series with one spike and one drop each, looked at hour by hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from domain.early_warning.rules import HOUR, WarningRule, rules_of
from projections.indicator_tables import SCOPES
from projections.warning_backtest import WouldRaise, backtest
from tests.projections.warning_history import BEGINNING, DAY, Happened, scores, series

DAYS: Final = 150
RULES: Final = tuple(rules_of()[code] for code in ("complaints_spike_all", "satisfaction_drop_all"))
LEARNED: Final = BEGINNING + 57 * DAY
"""From here on both rules have their whole baseline."""
NOTICED_WITHIN: Final = timedelta(hours=24)
FOUND_AIM: Final = 0.9
FALSE_ALARMS_AIM: Final = 1.0


@dataclass(frozen=True)
class Outcome:
    """What one series came to: after how many hours each change was found, and false alarms."""

    spike_hours: float | None
    drop_hours: float | None
    false_alarms: int

    @property
    def false_alarms_in_30_days(self) -> float:
        return self.false_alarms * 30 * DAY / (BEGINNING + DAYS * DAY - LEARNED)


def trial(seed: int) -> Outcome:
    """10 to 80 complaints and 20 to 80 scores a day, a spike for a day, a drop for five days."""
    random = Random(seed)
    spike, drop = (random.randrange(90 * 24, 140 * 24) for _ in range(2))
    daily, answers = random.uniform(10, 80), random.uniform(20, 80)
    mean = random.uniform(3.6, 4.5)
    facts = [
        *_facts("complaints_reported", series(random, DAYS, daily, spike=spike)),
        *_facts("satisfaction", scores(random, DAYS, answers, mean, drop=drop)),
    ]
    found = backtest(RULES, facts, since=LEARNED, until=BEGINNING + DAYS * DAY)
    spiked, dropped = BEGINNING + spike * HOUR, BEGINNING + drop * HOUR
    false = _outside(found, RULES[0], spiked, spiked + 2 * DAY)
    false += _outside(found, RULES[1], dropped, dropped + 6 * DAY)
    return Outcome(_hours_to(found, RULES[0], spiked), _hours_to(found, RULES[1], dropped), false)


def _facts(indicator: str, happened: Sequence[Happened]) -> list[dict[str, Any]]:
    return [
        {
            **dict.fromkeys(SCOPES),
            "indicator": indicator,
            "position": position,
            "occurred_at": each.at,
            "recorded_at": each.known_at,
            "occasions": 1,
            "thousandths": 1_000 * (each.score or 0),
        }
        for position, each in enumerate(happened, start=1)
    ]


def _hours_to(found: Sequence[WouldRaise], rule: WarningRule, began: datetime) -> float | None:
    """After how many hours the rule noticed what began then; None where not within a day."""
    times = [each.at - began for each in found if each.rule is rule and each.at > began]
    first = min(times, default=2 * NOTICED_WITHIN)
    return first / HOUR if first <= NOTICED_WITHIN else None


def _outside(
    found: Sequence[WouldRaise], rule: WarningRule, began: datetime, ended: datetime
) -> int:
    return sum(each.rule is rule and not began < each.at <= ended for each in found)


@dataclass(frozen=True)
class Summary:
    """The share of spikes and of drops found within 24 hours; false alarms per 30 days."""

    spikes_found: float
    drops_found: float
    false_alarms_mean: float
    false_alarms_most: float

    @property
    def is_good(self) -> bool:
        least_found = min(self.spikes_found, self.drops_found)
        return least_found >= FOUND_AIM and self.false_alarms_most <= FALSE_ALARMS_AIM


def summary(outcomes: Sequence[Outcome]) -> Summary:
    """What the series came to together."""
    number = len(outcomes)
    false = [outcome.false_alarms_in_30_days for outcome in outcomes]
    return Summary(
        spikes_found=sum(outcome.spike_hours is not None for outcome in outcomes) / number,
        drops_found=sum(outcome.drop_hours is not None for outcome in outcomes) / number,
        false_alarms_mean=sum(false) / number,
        false_alarms_most=max(false),
    )
