"""How likely it is to count so many by chance: the test behind every rule about counts."""

from __future__ import annotations

from math import exp, lgamma, log, log1p
from statistics import NormalDist
from typing import Final

PRIOR: Final = 0.5
"""Half an event is added to what was counted before (Jeffreys' prior for a Poisson rate)."""
_NORMAL: Final = NormalDist()


def chance_of_so_many(count: float, before: float, exposure: float) -> float:
    """The chance to count `count` or more, where `before` were counted in 1 / `exposure` as much.

    `exposure`: of what is looked at, in units of what was looked at before; 1/8 for one week after
    eight. What was counted before is itself a sample, so the count is negative binomial, wider than
    Poisson: Gelman et al., Bayesian Data Analysis, 3rd edition, section 2.6.
    """
    shape, success = before + PRIOR, 1.0 / (1.0 + exposure)
    below = 0.0
    for number in range(round(count)):
        below += exp(_log_probability(number, shape, success))
    return max(0.0, 1.0 - below)


def _log_probability(number: int, shape: float, success: float) -> float:
    ways = lgamma(number + shape) - lgamma(shape) - lgamma(number + 1)
    return ways + shape * log(success) + number * log1p(-success)


def deviations_for(chance: float) -> float:
    """How many standard deviations a mean is off with this chance, to one side."""
    return -_NORMAL.inv_cdf(chance)
