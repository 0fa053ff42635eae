"""The watch: alarms from the log alone, each once, and the same ones when history is replayed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from sqlalchemy import Engine

from domain.early_warning.judging import Finding, Windows
from domain.early_warning.rules import HOUR, WarningRule, rules_of
from domain.records import AlarmRaised
from domain.values import Via
from projections import indicators, warning_watch
from projections.event_log import EventLog
from projections.read_models import build_engine
from projections.warning_backtest import FactsOfLog, WouldRaise, backtest
from projections.warning_watch import WarningWatch
from service.assembly import Service
from service.settings import Settings
from tests.projections.raised_alarms import ids, raised
from tests.projections.warning_history import (
    BEGINNING,
    DAY,
    Happened,
    positions,
    record,
    scores,
    series,
)
from tests.still_clocks import TimeMachine

WATCHED = (
    "imports_spike_all",
    "imports_spike_product",
    "satisfaction_drop_all",
    "satisfaction_drop_touchpoint",
)
RULES = tuple(rules_of()[code] for code in WATCHED)
BEGAN = BEGINNING + 60 * DAY
"""When the rules were put in force."""


def history(seed: int = 7) -> list[Happened]:
    """Seventy-three days of two products and of scores: one product has a spike, the scores a drop.

    A tenth is recorded late, up to three days after it happened.
    """
    random = Random(seed)
    happened = [
        *series(random, 73, 12, spike=63 * 24 + 5, product="loan"),
        *series(random, 73, 5, product="card"),
        *scores(random, 73, 20, 4.2, drop=67 * 24 + 9, product="survey"),
    ]
    late = (timedelta(days=3 * random.random()) for _ in happened)
    return [
        replace(each, known_at=each.at + delay) if random.random() < 0.1 else each
        for each, delay in zip(happened, late, strict=True)
    ]


def watch_of(
    service: Service, time: TimeMachine, rules: Sequence[WarningRule] = RULES
) -> WarningWatch:
    return WarningWatch(service.engine, service.alarms, rules, time)


def read(service: Service) -> None:
    build_engine(service, [indicators.READ_MODEL]).catch_up()


def live(
    service: Service,
    happened: list[Happened],
    step: timedelta,
    rules: Sequence[WarningRule] = RULES,
) -> None:
    """Let the history happen: record, read and look by steps of time."""
    numbers, time = positions(), TimeMachine(BEGAN)
    watch = watch_of(service, time, rules)
    times = [BEGINNING, BEGAN]
    while times[-1] < BEGINNING + 74 * DAY:
        times.append(times[-1] + step)
    for since, until in pairwise(times):
        record(service.engine, [e for e in happened if since <= e.known_at < until], numbers)
        read(service)
        time.now = until
        watch.look()


def replayed(
    service: Service, until: datetime, rules: Sequence[WarningRule] = RULES
) -> list[WouldRaise]:
    facts = FactsOfLog(EventLog(service.recorder, service.mapper)).read()
    return backtest(rules, facts, since=BEGAN, until=until)


def shown(alarm: AlarmRaised) -> tuple[object, ...]:
    return (alarm.originator_id, alarm.from_position, alarm.to_position, alarm.count)


def test_replaying_the_log_raises_the_same_alarms(service: Service) -> None:
    live(service, history(), timedelta(hours=31))

    again = replayed(service, BEGINNING + 74 * DAY)

    found = raised(service)
    codes = {alarm.rule for alarm in found}
    assert {"imports_spike_product", "satisfaction_drop_all"} <= codes
    assert sorted(shown(alarm) for alarm in found) == sorted(
        (
            each.id,
            each.finding.from_position,
            each.finding.to_position,
            each.finding.count,
        )
        for each in again
    )


def test_an_alarm_stores_what_it_saw(service: Service, shared_rule: WarningRule) -> None:
    live(service, history(), 4 * DAY, [shared_rule])

    spike = next(alarm for alarm in raised(service) if alarm.rule == "imports_spike_product")

    assert (spike.scope, spike.scope_value) == ("product", "loan")
    assert spike.rule_version == shared_rule.version
    assert spike.expected is not None
    assert spike.value > 2 * spike.expected
    assert 0 < spike.from_position < spike.to_position
    assert spike.occurred_at - spike.window_from == timedelta(hours=24)
    began = BEGINNING + timedelta(hours=63 * 24 + 5)
    assert began < spike.occurred_at <= began + DAY
    assert (spike.actor.id, spike.via) == ("early-warning", Via.TIMER)


def test_three_workers_and_three_restarts_raise_each_alarm_once(
    service: Service, settings: Settings
) -> None:
    record(service.engine, history(), positions())
    read(service)
    time = TimeMachine(BEGAN)
    watch_of(service, time).look()
    time.now = BEGINNING + 74 * DAY

    for _ in range(3):
        watches = [watch_of(service, time) for _ in range(3)]
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(WarningWatch.look, watches * 2))
    until_done(service, time)

    found = raised(service)
    assert len(found) == len(ids(found)) > 2
    assert ids(found) == {each.id for each in replayed(service, time.now)}


def until_done(service: Service, time: TimeMachine) -> None:
    """Rounds take a hundred looks each of a rule: go on until none is left."""
    for _ in range(10):
        watch_of(service, time).look()


def test_a_worker_that_dies_between_alarm_and_note_raises_no_second_one(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(service.engine, history(), positions())
    read(service)
    time = TimeMachine(BEGAN)
    watch_of(service, time).look()
    time.now = BEGINNING + 69 * DAY
    raise_once = type(service.alarms).raise_once

    def die(*told: object) -> bool:
        raise_once(*told)  # type: ignore[arg-type]
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(type(service.alarms), "raise_once", die)
        for _ in range(3):
            with pytest.raises(ConnectionError):
                until_done(service, time)
    until_done(service, time)

    found = raised(service)
    assert len(found) == len(ids(found)) > 1
    assert ids(found) == {each.id for each in replayed(service, time.now)}


def test_rules_look_only_from_when_they_are_in_force_on(service: Service) -> None:
    record(service.engine, history(), positions())
    read(service)
    time = TimeMachine(BEGINNING + 74 * DAY)

    raised_at_first = watch_of(service, time).look()
    again = watch_of(service, time).look()

    assert (raised_at_first, again, raised(service)) == (0, 0, [])


def test_nothing_is_looked_at_before_the_model_has_read_it(
    service: Service, shared_rule: WarningRule
) -> None:
    numbers, time = positions(), TimeMachine(BEGAN)
    happened = history()
    record(service.engine, [e for e in happened if e.known_at < BEGAN], numbers)
    read(service)
    watch = WarningWatch(service.engine, service.alarms, [shared_rule], time)
    watch.look()
    record(service.engine, [e for e in happened if e.known_at >= BEGAN], numbers)
    time.now = BEGINNING + 64 * DAY + 8 * HOUR

    unread = [watch.look() for _ in range(5)]
    read(service)
    looked = [watch.look() for _ in range(5)]

    assert (sum(unread), sum(looked)) == (0, 1)


@pytest.fixture
def shared_rule() -> WarningRule:
    return rules_of()["imports_spike_product"]


def test_one_alarm_is_enough_while_the_rule_cools_down(
    service: Service, shared_rule: WarningRule
) -> None:
    live(service, history(), 4 * DAY, [shared_rule])

    times = [alarm.occurred_at for alarm in raised(service)]

    restless = replace(shared_rule, cool_down=HOUR)
    assert len(replayed(service, BEGINNING + 74 * DAY, [restless])) > len(times) > 0
    assert all(later - earlier >= shared_rule.cool_down for earlier, later in pairwise(times))


def test_looking_at_what_is_quiet_costs_no_question(service: Service, engine: Engine) -> None:
    read(service)
    watch = WarningWatch(service.engine, service.alarms)
    watch.look()

    service.engine.dispose()
    with engine.connect():
        rested = watch.look()

    assert rested == 0
    assert service.engine.pool.checkedin() == 0


def test_a_rule_that_fails_stops_no_other_and_looks_again_later(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = RULES
    happened = history()
    record(service.engine, happened, positions())
    read(service)
    time = TimeMachine(BEGAN)
    watch = watch_of(service, time)
    watch.look()
    judge = warning_watch.judge

    def fails_for_one(rule: WarningRule, windows: Windows) -> Finding | None:
        if rule == first:
            raise ZeroDivisionError
        return judge(rule, windows)

    time.now = BEGINNING + 64 * DAY
    with monkeypatch.context() as broken:
        broken.setattr(warning_watch, "judge", fails_for_one)
        watch.look()
        rests = watch.due_seconds()
        found, behind = {alarm.rule for alarm in raised(service)}, looked_at(service, first)
    resting = watch.look()
    monkeypatch.setattr(watch, "_rests_until", 0.0)
    watch.look()

    assert "imports_spike_product" in found <= {rule.code for rule in others}
    assert (behind, looked_at(service, first)) == (BEGAN, time.now)
    assert 0 < rests <= warning_watch.FAILED_SECONDS
    assert resting == 0


def looked_at(service: Service, rule: WarningRule) -> datetime:
    with service.engine.connect() as connection:
        this = {"rule": rule.code, "version": rule.version}
        found: datetime = connection.execute(warning_watch.LOOKED_AT, this).scalar_one()
    return found
