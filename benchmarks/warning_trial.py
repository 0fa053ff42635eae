"""Tries the rules of early warning on many seeded series, and prints what they found.

    python -m benchmarks.warning_trial [--series 100] [--seed 1]

Each series has one threefold spike of complaints and one drop of satisfaction by a point. Exits
with 1 where less than 90 % of either is found within 24 hours, or a series has more than one false
alarm in 30 days.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from tests.projections.warning_trial import DAYS, summary, trial


def main() -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with ProcessPoolExecutor(2) as processes:
        outcomes = list(processes.map(trial, range(asked.seed, asked.seed + asked.series)))
    found = summary(outcomes)
    spike_hours = _median([each.spike_hours for each in outcomes])
    drop_hours = _median([each.drop_hours for each in outcomes])
    print(f"{asked.series} series of {DAYS} days, seeds from {asked.seed}")
    print(
        f"threefold spikes found in 24 h   {found.spikes_found:6.0%}   median {spike_hours:.0f} h"
    )
    print(f"one-point drops found in 24 h    {found.drops_found:6.0%}   median {drop_hours:.0f} h")
    most = f"most of a series {found.false_alarms_most:.2f}"
    print(f"false alarms in 30 days          {found.false_alarms_mean:6.2f}   {most}")
    return 0 if found.is_good else 1


def _median(hours: Sequence[float | None]) -> float:
    known = sorted(each for each in hours if each is not None)
    return known[len(known) // 2] if known else float("nan")


if __name__ == "__main__":
    sys.exit(main())
