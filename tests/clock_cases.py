"""The golden clock cases: read from their table, run, and told in its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.clocks.calendar import ALWAYS, Calendar
from domain.clocks.occasions import Occasion
from domain.clocks.policy import ClockKind, Policy, Rule, Target, Unit, policy_of
from domain.clocks.run import ClockRun
from domain.clocks.running import clock_runs

TABLE = Path(__file__).parent / "golden" / "clocks.txt"
V1 = policy_of(2)
V2 = policy_of(3)
POLICIES = {"v1": V1, "v2": V2}
UNITS = {
    "m": Unit.MINUTES,
    "h": Unit.HOURS,
    "d": Unit.DAYS,
    "w": Unit.WEEKS,
    "mo": Unit.MONTHS,
}
TARGET = re.compile(r"(\d+)(mo|[mhdw])(?:\*(\d+))?")
"""How much of which unit, and for how many rounds: `1mo*4`."""
WEEKEND: tuple[tuple[tuple[int, int], ...], ...] = ((), ())


def _every_day(zone: str, *hours: tuple[int, int]) -> Calendar:
    return Calendar("every_day", ZoneInfo(zone), (hours,) * 7)


CALENDARS = {
    "always": ALWAYS,
    "office_sh": V1.calendars["cn_mainland"],
    "office_gb": V1.calendars["gb_england"],
    "office_in": Calendar("in", ZoneInfo("Asia/Kolkata"), (((555, 1035),),) * 5 + WEEKEND),
    "nights_ny": _every_day("America/New_York", (0, 360)),
    "gap_ny": _every_day("America/New_York", (150, 240)),
    "half_ny": _every_day("America/New_York", (30, 90)),
    "date_scl": _every_day("America/Santiago", (0, 1440)),
    "date_utc": _every_day("UTC", (0, 1440)),
}


@dataclass(frozen=True)
class ClockCase:
    """One line of the table."""

    name: str
    zone: ZoneInfo
    clocks: str
    history: str
    seen_at: str
    says: str

    def runs(self) -> tuple[ClockRun, ...]:
        """What the clocks give, those that the line speaks of."""
        named = set(re.findall(r"(\w+)#|no (\w+)", self.says))
        wanted = {name for pair in named for name in pair if name}
        runs = clock_runs(self.policy, self.occasions(), self.time(self.seen_at))
        return tuple(run for run in runs if run.clock in wanted)

    def told(self) -> str:
        runs = " & ".join(map(self._told, self.runs()))
        return runs or f"no {self.says.removeprefix('no ')}"

    @property
    def policy(self) -> Policy:
        if self.clocks in POLICIES:
            return POLICIES[self.clocks]
        found = TARGET.match(self.clocks)
        kind = ClockKind(
            code="work",
            started_by=frozenset({"reported", "reopened"}),
            stopped_by=frozenset({"done"}),
            pauses=True,
            rounds=int(found[3] or 1) if found else 1,
        )
        return Policy(clocks=(kind,), rules=(self._rule(),), calendars=CALENDARS)

    def _rule(self) -> Rule:
        first, rest = self.clocks.split(" ", 1)
        if first == "fixed":
            nothing = Target(amount=0, unit=Unit.HOURS)
            return Rule(code="", clock="work", target=nothing, fixed_at=self.time(rest))
        calendar, _, warning = rest.partition(" -")
        amount, unit, _ = TARGET.fullmatch(first).groups()
        return Rule(
            code="",
            clock="work",
            target=Target(amount=int(amount), unit=UNITS[unit]),
            warn_before=int(warning[:-1]) if warning else 0,
            calendar=CALENDARS[calendar],
        )

    def occasions(self) -> Iterator[Occasion]:
        for version, item in enumerate(self.history.split(";"), start=1):
            day, clock, happened, *terms = item.split()
            names = frozenset() if happened == "terms" else frozenset(happened.split("+"))
            stated = dict(term.split("=") for term in terms)
            at = self.time(f"{day} {clock}")
            yield Occasion(at=at, version=version, names=names, terms=stated)

    def time(self, text: str) -> datetime:
        local = datetime.fromisoformat(text.strip().rstrip("*")).replace(
            tzinfo=self.zone, fold=text.strip().endswith("*")
        )
        return local.astimezone(UTC)

    def _told(self, run: ClockRun) -> str:
        words = [f"{run.clock}#{run.number}", run.rule, run.state.value]
        for name, at in (("due", run.due_at), ("warn", run.warn_at)):
            words += [name, self._shown(at)] if at else []
        if run.remaining is not None and run.paused_since is not None:
            words += ["left", str(run.remaining), "since", self._shown(run.paused_since)]
        words += ["stopped", self._shown(run.stopped_at)] if run.stopped_at else []
        return " ".join(word for word in words if word)

    def _shown(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        twice = local.utcoffset() != local.replace(fold=0).utcoffset()
        return f"{local:%Y-%m-%d %H:%M:%S}{'*' if twice else ''}"


def clock_cases() -> list[ClockCase]:
    """Every line of the table that is no heading."""
    rows = [line for line in TABLE.read_text("utf-8").splitlines() if line and line[0] != "#"]
    return [_case(row) for row in rows]


def _case(row: str) -> ClockCase:
    name, zone, *rest = (cell.strip() for cell in row.split("|"))
    return ClockCase(name, ZoneInfo(zone), *rest)
