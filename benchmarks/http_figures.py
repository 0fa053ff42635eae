"""What `benchmarks.http` measured: rates, processor time, and both beside the bare view."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

# Two processes for each of two cores: with fewer, it is chance which one the kernel hands most of
# the connections, and the other one idles. Both contestants get the same.
PROCESSES, THREADS = 4, 4
BARE = "bare Flask view, one INSERT"


class Turn(NamedTuple):
    """One contest in one round; processor time of web processes and database per request."""

    per_second: float
    web_us: float
    database_us: float

    @property
    def spent_us(self) -> float:
        return self.web_us + self.database_us


def report(found: dict[str, list[Turn]]) -> dict[str, Any]:
    """Medians, spreads, and the shares of what the bare view did and spent in the same round."""
    return {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
        "web": {"processes": PROCESSES, "threads": THREADS},
        "results": [
            {
                "name": name,
                "per_second": round(median(turn.per_second for turn in turns), 1),
                "lowest": round(min(turn.per_second for turn in turns), 1),
                "highest": round(max(turn.per_second for turn in turns), 1),
                "share_of_bare": _share(turns, found[BARE], lambda mine, bare: mine[0] / bare[0]),
                "web_us": round(median(turn.web_us for turn in turns)),
                "database_us": round(median(turn.database_us for turn in turns)),
                "bare_spends": _share(
                    turns, found[BARE], lambda mine, bare: bare.spent_us / mine.spent_us
                ),
            }
            for name, turns in found.items()
        ],
    }


def _share(turns: list[Turn], bare: list[Turn], of: Callable[[Turn, Turn], float]) -> float:
    """Round by round, so that what else the machine did in a round weighs on both."""
    return round(median(map(of, turns, bare)), 3)


def show(result: dict[str, Any], console: Console) -> None:
    table = Table("", "median/s", "lowest", "highest", "of bare", "web µs", "database µs",
                  "bare spends", title="HTTP")  # fmt: skip
    for row in result["results"]:
        rates = (row["per_second"], row["lowest"], row["highest"])
        table.add_row(
            row["name"],
            *(f"{rate:,.0f}" for rate in rates),
            f"{row['share_of_bare']:.0%}",
            *(f"{row[name]:,}" for name in ("web_us", "database_us")),
            f"{row['bare_spends']:.0%}",
        )
    console.print(table)
