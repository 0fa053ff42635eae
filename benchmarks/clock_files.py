"""Replays service requests through the clock and compares its verdicts with those of the file.

    python -m benchmarks.clock_files DATA

DATA holds `boston_311/*.csv.gz`: requests with the time they were opened, a target time, the time
they were closed and an on-time flag. Each target is a fixed due time. A request without a target
has no clock, and the file calls it on time; where the file says nothing, the clock's verdict is
listed. Exits with 1 where a verdict differs.
"""

from __future__ import annotations

import csv
import gzip
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.clocks.occasions import Occasion
from domain.clocks.policy import ClockKind, Policy, Rule, Target, Unit
from domain.clocks.run import State
from domain.clocks.running import clock_runs

BOSTON = ZoneInfo("America/New_York")
NO_TARGET = "ONTIME"
"""What the file calls a request that had no target."""
VERDICTS = {State.MET: "ONTIME", State.MISSED: "OVERDUE", State.RUNNING: "ONTIME"}
LISTED_AT_MOST = 20


@dataclass(frozen=True)
class Request:
    """One row of the file; times are instants, None where the row has none."""

    number: str
    opened_at: datetime
    target_at: datetime | None
    closed_at: datetime | None
    verdict: str


def requests_of(path: Path) -> Iterator[Request]:
    """The rows of a packed file."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            opened_at = _instant(row["open_dt"])
            assert opened_at is not None
            yield Request(
                row["case_enquiry_id"],
                opened_at,
                _instant(row["target_dt"]),
                _instant(row["closed_dt"]),
                row["ontime"],
            )


def _instant(text: str) -> datetime | None:
    """A time of the wall in Boston as an instant."""
    if not text:
        return None
    return datetime.fromisoformat(text).replace(tzinfo=BOSTON).astimezone(UTC)


def verdict_of(request: Request, seen_at: datetime) -> str:
    """What the clock says of a request, in the file's words."""
    if request.target_at is None:
        return NO_TARGET
    history = [Occasion(at=request.opened_at, version=1, names=frozenset({"reported"}))]
    if request.closed_at is not None:
        history.append(Occasion(at=request.closed_at, version=2, names=frozenset({"resolved"})))
    (run,) = clock_runs(_policy(request.target_at), history, seen_at)
    return VERDICTS[run.state]


def _policy(target_at: datetime) -> Policy:
    clock = ClockKind(
        code="request", started_by=frozenset({"reported"}), stopped_by=frozenset({"resolved"})
    )
    unused = Target(amount=0, unit=Unit.HOURS)
    rule = Rule(code="named", clock="request", target=unused, fixed_at=target_at)
    return Policy(clocks=(clock,), rules=(rule,))


def main(data: Path) -> bool:
    """Print the comparison of every file; whether all verdicts are equal."""
    paths = sorted((data / "boston_311").glob("*.csv.gz"))
    if not paths:
        sys.exit(f"{data} holds no boston_311/*.csv.gz")
    equal = [_compare(path) for path in paths]
    return all(equal)


def _compare(path: Path) -> bool:
    requests = list(requests_of(path))
    last_close = max(request.closed_at for request in requests if request.closed_at)
    began = time.perf_counter()
    judged = [(request, verdict_of(request, last_close)) for request in requests]
    print(f"{path.name}: {len(requests):,} requests in {time.perf_counter() - began:.1f} s")
    counts = Counter((request.verdict or "(none)", verdict) for request, verdict in judged)
    for (said, verdict), count in sorted(counts.items()):
        print(f"  file {said:8} clock {verdict:8} {count:7,}")
    unequal = [(request, verdict) for request, verdict in judged if request.verdict != verdict]
    _list("the file has no verdict", [each for each in unequal if not each[0].verdict])
    different = [each for each in unequal if each[0].verdict]
    _list("the verdicts differ", different)
    return not different


def _list(title: str, found: list[tuple[Request, str]]) -> None:
    named = [f"{request.number} {verdict}" for request, verdict in found[:LISTED_AT_MOST]]
    more = " ..." if len(found) > LISTED_AT_MOST else ""
    print(f"  {title}: {len(found)}", ", ".join(named) + more)


if __name__ == "__main__":
    sys.exit(not main(Path(sys.argv[1])))
