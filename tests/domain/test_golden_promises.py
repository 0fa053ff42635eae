"""Promises, exact to the second, from their table; and what holds of any promise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clocks.calendar import Calendar
from domain.clocks.occasions import Occasion
from domain.clocks.policy import Policy
from domain.commitments import Owed

TABLE = Path(__file__).parents[1] / "golden" / "promises.txt"
DAYS = {"day_3": 3, "day_7": 7, "day_15": 15}
MADE_AS = 2
"""The version of the event that made the promise; the first is the report."""


@dataclass(frozen=True)
class PromiseCase:
    """One line of the table."""

    name: str
    zone: ZoneInfo
    made: str
    due: str
    history: str
    seen_at: str
    says: str

    def told(self) -> str:
        owed, history = self.owed(), self.occasions()
        policy = Policy(calendars={"local": Calendar("local", self.zone)})
        breach_at = owed.breach_at(history)
        reminders = [self.shown(at) for at in owed.reminders(DAYS, policy, history).values()]
        return (
            f"{owed.state(history, self.time(self.seen_at))}"
            f" breach {self.shown(breach_at) if breach_at else 'never'}"
            f" reminders {', '.join(reminders) or 'none'}"
        )

    def owed(self) -> Owed:
        made_at = self.time(self.made)
        owed = Owed(made_at=made_at, version=MADE_AS, since=made_at, due_at=self.time(self.due))
        for at, happened in self.happened():
            change = {
                "kept": {"kept_at": at},
                "withdrawn": {"ended_at": at},
                "replaced": {"ended_at": at, "replaced": True},
                "approved": {"since": at},
                "unapproved": {"since": None},
                "breach_recorded": {"breach_recorded": True},
            }
            owed = replace(owed, **change.get(happened, {}))
        return owed

    def occasions(self) -> list[Occasion]:
        report = Occasion(at=self.time(self.made), version=1, terms={"calendar": "local"})
        later = [
            Occasion(at=at, version=number, names=frozenset({happened}))
            for number, (at, happened) in enumerate(self.happened(), start=MADE_AS + 1)
        ]
        return [report, *later]

    def happened(self) -> list[tuple[datetime, str]]:
        items = [item.split() for item in self.history.split(";") if item.strip()]
        return [(self.time(f"{day} {clock}"), name) for day, clock, name in items]

    def time(self, text: str) -> datetime:
        local = datetime.fromisoformat(text.rstrip("*")).replace(
            tzinfo=self.zone, fold=text.endswith("*")
        )
        return local.astimezone(UTC)

    def shown(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"


def promise_cases() -> list[PromiseCase]:
    """Every line of the table that is no heading."""
    rows = [line for line in TABLE.read_text("utf-8").splitlines() if line and line[0] != "#"]
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    return [PromiseCase(name, ZoneInfo(zone), *rest) for name, zone, *rest in cells]


CASES = promise_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_promise_says_what_the_table_says(case: PromiseCase) -> None:
    assert case.told() == case.says


def test_the_table_is_long_enough_and_names_nothing_twice() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 12


BEGAN_AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
hours = st.integers(0, 400).map(lambda n: BEGAN_AT + timedelta(hours=n))
happenings = st.lists(
    st.tuples(hours, st.sampled_from(["merged", "unmerged", "ended", "reopened"])), max_size=6
)


@given(
    due=hours,
    kept=st.none() | hours,
    ended=st.none() | hours,
    events=happenings,
    seen=hours,
    recorded=st.booleans(),
)
def test_what_was_broken_never_becomes_anything_but_late(
    due: datetime,
    kept: datetime | None,
    ended: datetime | None,
    events: list[tuple[datetime, str]],
    seen: datetime,
    recorded: bool,
) -> None:
    """Whatever happens after the due time, what stood at that instant, or is on record, stands."""
    owed = Owed(made_at=BEGAN_AT, version=MADE_AS, since=BEGAN_AT, due_at=due)
    told = replace(owed, kept_at=kept, ended_at=ended, breach_recorded=recorded)
    history = [
        Occasion(at=at, version=n, names=frozenset({name}))
        for n, (at, name) in enumerate(sorted(events), start=MADE_AS + 1)
    ]
    until_due = [each for each in history if each.at <= due]
    later = [each for each in history if each.at > due and "unmerged" not in each.names]
    in_time = replace(
        owed,
        kept_at=kept if kept and kept <= due else None,
        ended_at=ended if ended and ended <= due else None,
    )

    just_after = due + timedelta(microseconds=1)
    was_broken = in_time.state(until_due, just_after) == "broken"

    state = told.state(until_due + later, max(seen, just_after))
    assert (state in ("broken", "late")) == (was_broken or recorded)
    assert (state == "late") == ((was_broken or recorded) and kept is not None)
