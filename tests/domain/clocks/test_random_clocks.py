"""Random histories: the clocks equal those that are counted minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.clocks.calendar import ALWAYS, Calendar
from domain.clocks.occasions import Occasion
from domain.clocks.policy import ClockKind, Policy, Rule, Target, Unit
from domain.clocks.run import State
from domain.clocks.running import clock_runs
from tests.domain.clocks.slow_clocks import MINUTE, SlowClocks

LOOK_AHEAD_DAYS = 4
BEGINNINGS = [
    datetime(2026, 11, 2, 8, 0, tzinfo=UTC),  # an ordinary week
    datetime(2026, 3, 7, 20, 0, tzinfo=UTC),  # New York sets its clocks forward
    datetime(2026, 10, 31, 20, 0, tzinfo=UTC),  # and back
    datetime(2026, 10, 24, 14, 0, tzinfo=UTC),  # London sets its clocks back
    datetime(2026, 9, 29, 23, 0, tzinfo=UTC),  # National Day in China
    datetime(2028, 2, 27, 23, 0, tzinfo=UTC),  # a leap day
]
WEEK = (((540, 720), (780, 1080)),) * 5 + ((), ())
NIGHTS = (((0, 110), (150, 400), (1320, 1440)),) * 7
CALENDARS = {
    "always": ALWAYS,
    "shanghai": Calendar(
        "shanghai",
        ZoneInfo("Asia/Shanghai"),
        WEEK,
        frozenset({datetime(2026, 10, day).date() for day in (1, 2)}),  # noqa: DTZ001
        frozenset({datetime(2026, 10, 3).date()}),  # noqa: DTZ001
    ),
    "new_york": Calendar("new_york", ZoneInfo("America/New_York"), NIGHTS),
    "london": Calendar("london", ZoneInfo("Europe/London"), WEEK),
}
NAMES = [
    "done",
    "reported",
    "reopened",
    "ended",
    "merged",
    "unmerged",
    "customer_awaited",
    "customer_heard",
    "met",
]
TERMS = {"tier": ["gold", "bronze"], "calendar": [*CALENDARS], "kind": ["a", "b"]}
CLOCKS = (
    ClockKind(
        code="reply",
        started_by=frozenset({"reported", "reopened"}),
        stopped_by=frozenset({"done"}),
        pauses=True,
    ),
    ClockKind(
        code="minutes", started_by=frozenset({"met"}), stopped_by=frozenset({"done"}), repeats=True
    ),
    ClockKind(
        code="cycle",
        started_by=frozenset({"met"}),
        stopped_by=frozenset({"done"}),
        pauses=True,
        rounds=3,
    ),
    ClockKind(
        code="order",
        started_by=frozenset({"met"}),
        stopped_by=frozenset({"done"}),
        repeats=True,
        outlives_case=True,
    ),
)

targets = st.one_of(
    st.builds(Target, amount=st.integers(1, 900), unit=st.just(Unit.MINUTES)),
    st.builds(Target, amount=st.integers(1, 20), unit=st.just(Unit.HOURS)),
    st.builds(
        Target, amount=st.integers(1, 2), unit=st.sampled_from([Unit.DAYS, Unit.BUSINESS_DAYS])
    ),
)
conditions = st.dictionaries(
    st.sampled_from(["tier", "kind"]),
    st.sampled_from(["gold", "bronze", "a", "b"]).map(lambda code: frozenset({code})),
    max_size=1,
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Up to four rules on any calendar, for four clocks."""
    rules = [
        Rule(
            code=f"rule_{number}",
            clock=draw(st.sampled_from(["reply", "minutes", "cycle", "cycle", "order"])),
            target=draw(targets),
            calendar=draw(st.sampled_from([*CALENDARS.values()])),
            when=draw(conditions),
        )
        for number in range(draw(st.integers(1, 4)))
    ]
    return Policy(clocks=CLOCKS, rules=tuple(rules), calendars=CALENDARS)


@st.composite
def histories(draw: st.DrawFn) -> list[Occasion]:
    """A report and up to ten occasions in the three days after it, on whole minutes."""
    at = draw(st.sampled_from(BEGINNINGS)) + draw(st.integers(0, 600)) * MINUTE
    happened = [Occasion(at=at, version=1, names=frozenset({"reported"}))]
    for version in range(2, 2 + draw(st.integers(0, 10))):
        at += draw(st.one_of(st.just(0), st.integers(0, 30), st.integers(0, 600))) * MINUTE
        names = frozenset(draw(st.sets(st.sampled_from(NAMES), max_size=1)))
        term = draw(st.none() | st.sampled_from(sorted(TERMS)))
        terms = {term: draw(st.sampled_from(TERMS[term]))} if term else {}
        happened.append(Occasion(at=at, version=version, names=names, terms=terms))
    return happened


def test_a_clock_that_a_reopening_leaves_open_is_not_begun_twice() -> None:
    an_hour = Target(amount=1, unit=Unit.HOURS)
    policy = Policy(clocks=CLOCKS, rules=(Rule(code="rule", clock="order", target=an_hour),))
    names = ["reported", "met", "reopened", "met"]
    history = [
        Occasion(at=BEGINNINGS[0], version=version, names=frozenset({name}), terms={})
        for version, name in enumerate(names, start=1)
    ]

    runs = clock_runs(policy, history)

    assert [(run.clock, run.number, run.state) for run in runs] == [("order", 1, State.RUNNING)]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(policy=policies(), history=histories(), wait_minutes=st.integers(0, 900))
def test_the_clocks_of_any_history_equal_those_counted_minute_by_minute(
    policy: Policy, history: list[Occasion], wait_minutes: int
) -> None:
    now = history[-1].at + wait_minutes * MINUTE
    slow = SlowClocks(policy)
    minute = history[0].at
    while minute < now:
        slow.live(minute, [each for each in history if each.at == minute])
        minute += MINUTE
    slow.notice(now)
    for occasion in history if wait_minutes == 0 else ():
        if occasion.at == now:
            slow.take(occasion, now)
    slow.notice(now)  # a case that is unmerged in this minute may have missed something before

    runs = clock_runs(policy, history, now)

    counted = [run for run in slow.runs if slow.rules_of(run) or run.missed_at]
    shown = sorted(counted, key=lambda run: (run.started_at, run.kind.code, run.number))
    assert [(run.clock, run.number) for run in runs] == [(r.kind.code, r.number) for r in shown]
    for run, slow_run in zip(runs, shown, strict=True):
        assert run.started_at == slow_run.started_at
        assert run.missed_at == slow_run.missed_at
        assert run.stopped_at == slow_run.stopped_at
        assert (run.state is State.CANCELLED) == (
            slow_run.missed_at is None and (slow_run.cancelled or slow_run.aside)
        )
        assert (run.state is State.MET) == (
            slow_run.missed_at is None
            and slow_run.stopped_at is not None
            and not slow_run.cancelled
        )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(policy=policies(), history=histories())
def test_a_due_time_that_lies_ahead_is_where_the_minutes_lead(
    policy: Policy, history: list[Occasion]
) -> None:
    last = history[-1].at
    slow = SlowClocks(policy)
    minute = history[0].at
    while minute <= last + timedelta(days=LOOK_AHEAD_DAYS):
        slow.live(minute, [each for each in history if each.at == minute])
        minute += MINUTE

    runs = [run for run in clock_runs(policy, history) if not run.is_over]

    counted = {(run.kind.code, run.number): run for run in slow.runs}
    for run in runs:
        if run.due_at is not None and run.due_at < minute:
            assert counted[run.clock, run.number].missed_at == run.due_at
        else:
            assert counted[run.clock, run.number].missed_at is None


@settings(max_examples=300, deadline=None)
@given(policy=policies(), history=histories())
def test_a_breach_stays_whatever_happens_later(policy: Policy, history: list[Occasion]) -> None:
    """What was missed by an instant is missed for ever, whatever terms are set afterwards."""
    breaches = [
        {(run.clock, run.number): run.missed_at for run in runs if run.missed_at}
        for runs in (
            clock_runs(policy, history[:length], history[length - 1].at)
            for length in range(1, len(history) + 1)
        )
    ]

    for earlier, later in pairwise(breaches):
        assert earlier.items() <= later.items()
