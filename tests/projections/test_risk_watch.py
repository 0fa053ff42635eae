"""Alarms about customers' risk: each once, on news alone, and the same when history is replayed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest

from domain.customer_risk.scoring import Supplied
from domain.early_warning.rules import WarningRule, rules_of
from domain.records import AlarmRaised, IndicatorSupplied, SubjectErased
from domain.times import CLOCK_TOLERANCE
from domain.values import Role
from projections import indicators
from projections.read_models import build_engine
from projections.risk_backtest import CountedScores, facts_of_records
from projections.risk_windows import MOMENT, score_windows_at
from projections.warning_backtest import WouldRaise, backtest
from projections.warning_watch import WarningWatch
from service.assembly import Service, build
from service.settings import Settings
from tests.domain.customer_risk.test_scoring import naive_score
from tests.given import circumstances
from tests.projections.raised_alarms import ids, raised
from tests.risk_history import (
    BEGINNING,
    CALM,
    DAY,
    GRAVE,
    HOUR,
    RiskLog,
    Told,
    history,
    supplied,
    told,
)
from tests.service.privacy_steps import an_erasure_that_commits_last, erase
from tests.still_clocks import TimeMachine

HIGH, JUMP = rules_of()["risk_becomes_high"], rules_of()["risk_jump_customer"]
RULES = (HIGH, JUMP)
CUSTOMER = "CUST-1"
DAYS = 45
END = BEGINNING + (DAYS + 10) * DAY


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    service = build(settings)
    build_engine(service, [indicators.READ_MODEL]).catch_up()
    yield service
    service.engine.dispose()


@pytest.fixture
def log(service: Service) -> RiskLog:
    return RiskLog(service.engine)


def watch_of(service: Service, now: datetime, rules: Sequence[WarningRule] = RULES) -> WarningWatch:
    return WarningWatch(service.engine, service.alarms, rules, lambda: now)


def look_until(service: Service, now: datetime, rules: Sequence[WarningRule] = RULES) -> int:
    """Rounds take a hundred looks each of a rule: go on until none is left."""
    rounds = 2 + (now - BEGINNING) // (100 * HOUR)
    return sum(watch_of(service, now, rules).look() for _ in range(rounds))


def live(
    service: Service,
    log: RiskLog,
    happened: Sequence[Told],
    rules: Sequence[WarningRule] = RULES,
    step: timedelta = 31 * HOUR,
) -> None:
    """Let it be supplied and looked at, by steps of time, from the beginning on."""
    time = TimeMachine(BEGINNING)
    watch = WarningWatch(service.engine, service.alarms, rules, time)
    watch.look()
    times = [BEGINNING - DAY, BEGINNING]
    while times[-1] < END:
        times.append(times[-1] + step)
    for since, until in pairwise(times):
        log.record([each for each in happened if since <= each.known_at < until])
        time.now = until
        watch.look()


def replayed(
    service: Service, rules: Sequence[WarningRule] = RULES, until: datetime = END
) -> list[WouldRaise]:
    records = service.records.of_kinds(IndicatorSupplied, SubjectErased)
    return backtest(rules, list(facts_of_records(records)), since=BEGINNING, until=until)


def shown(alarm: AlarmRaised) -> tuple[object, ...]:
    return (
        alarm.originator_id,
        alarm.scope_value,
        alarm.value,
        alarm.expected,
        alarm.deviation,
        alarm.count,
        alarm.baseline_count,
        alarm.from_position,
        alarm.to_position,
    )


def as_figure(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(Decimal("0.0001"))


def test_replaying_the_log_raises_the_same_alarms(service: Service, log: RiskLog) -> None:
    live(service, log, history(Random(56), 20, DAYS))

    again = replayed(service, until=max(alarm.occurred_at for alarm in raised(service)))

    found = raised(service)
    assert {alarm.rule for alarm in found} == {"risk_becomes_high", "risk_jump_customer"}
    assert len(found) == len(ids(found)) > 10
    assert sorted(map(repr, map(shown, found))) == sorted(
        repr(
            (
                each.id,
                each.scope_value,
                as_figure(each.finding.value),
                as_figure(each.finding.expected),
                as_figure(each.finding.deviation),
                each.finding.count,
                each.finding.baseline_count,
                each.finding.from_position,
                each.finding.to_position,
            )
        )
        for each in again
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_both_ways_of_counting_see_the_same_at_any_look(
    service: Service, log: RiskLog, rule: WarningRule
) -> None:
    log.record(history(Random(7), 12, DAYS))
    facts = sorted(
        facts_of_records(service.records.of_kinds(IndicatorSupplied)),
        key=lambda row: row["recorded_at"],
    )
    counted, random, at = CountedScores(rule), Random(3), BEGINNING

    with service.engine.connect() as connection:
        while at < END:
            at = rule.look_at_or_before(at + random.random() * 4 * DAY) + rule.every
            while facts and facts[0]["recorded_at"] < at:
                counted.add(facts.pop(0))
            assert counted.windows_at(at) == score_windows_at(connection, rule, at)


def test_the_alarms_are_those_of_a_naive_look_at_every_customer_and_hour(
    service: Service, log: RiskLog
) -> None:
    happened = history(Random(2026), 4, DAYS)
    log.record(happened)

    sensitive = replace(HIGH, threshold=40.0, cool_down=DAY)

    found = {(each.scope_value, each.at) for each in replayed(service, [sensitive])}

    assert found == set(naive_alarms(happened, sensitive))
    assert len(found) > 10


def naive_alarms(happened: Sequence[Told], rule: WarningRule) -> Iterator[tuple[str, datetime]]:
    """When what was told in an hour made the score reach what it had not reached before."""
    threshold = rule.threshold or 0.0
    for customer in {each.customer for each in happened}:
        told_of = [each for each in happened if each.customer == customer]
        at, silent_until = BEGINNING + HOUR, BEGINNING
        while at <= END:
            known = [each for each in told_of if each.known_at < at]
            before = [each for each in known if each.known_at < at - HOUR]
            is_news = any(each.known_at >= at - HOUR - CLOCK_TOLERANCE for each in known)
            if is_news and at >= silent_until and naive(known, at - MOMENT) >= threshold:
                last = max((each.known_at + CLOCK_TOLERANCE for each in before), default=at)
                if naive(before, min(last, at - HOUR - MOMENT)) < threshold:
                    silent_until = at + rule.cool_down
                    yield customer, at
            at += HOUR


def naive(known: Sequence[Told], at: datetime) -> float:
    values = [Supplied(each.indicator, each.value, each.observed_at) for each in known]
    score, _ = naive_score(values, at)
    return float(score) if score else -1.0


def test_three_workers_and_three_restarts_raise_each_alarm_once(
    service: Service, log: RiskLog
) -> None:
    look_until(service, BEGINNING)
    log.record(history(Random(11), 20, 25))
    now = BEGINNING + 26 * DAY

    for _ in range(3):
        watches = [watch_of(service, now) for _ in range(3)]
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(WarningWatch.look, watches * 2))
    look_until(service, now)

    found = raised(service)
    assert len(found) == len(ids(found)) > 10
    assert ids(found) == {each.id for each in replayed(service, until=now)}


def test_a_worker_that_dies_between_alarm_and_note_raises_no_second_one(
    service: Service, log: RiskLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_until(service, BEGINNING)
    log.record(told(CUSTOMER, BEGINNING + HOUR / 2, GRAVE))
    raise_once = type(service.alarms).raise_once

    def die(*said: object) -> bool:
        raise_once(*said)  # type: ignore[arg-type]
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(type(service.alarms), "raise_once", die)
        for _ in range(3):
            with pytest.raises(ConnectionError):
                watch_of(service, BEGINNING + DAY, [HIGH]).look()
    look_until(service, BEGINNING + DAY, [HIGH])

    assert len(raised(service)) == 1


def test_the_alarm_tells_what_it_saw(service: Service, log: RiskLog) -> None:
    at = BEGINNING + 3 * DAY
    live(service, log, [*told(CUSTOMER, BEGINNING, CALM), *told(CUSTOMER, at, GRAVE)], [HIGH])

    (alarm,) = raised(service)

    assert (alarm.scope, alarm.scope_value, alarm.level) == ("customer", CUSTOMER, "warning")
    assert (alarm.value, alarm.expected, alarm.deviation) == (100, 0, 100)
    assert (alarm.count, alarm.baseline_count) == (4, 4)
    assert (alarm.from_position, alarm.to_position) == (1, 8)
    assert alarm.occurred_at == at + HOUR
    assert alarm.window_from == at
    assert alarm.rule_version == HIGH.version


def test_a_risk_that_stays_high_is_one_alarm_and_one_that_comes_back_another(
    service: Service, log: RiskLog
) -> None:
    daily = [each for day in range(1, 31) for each in told(CUSTOMER, BEGINNING + day * DAY, GRAVE)]
    better = told(CUSTOMER, BEGINNING + 31 * DAY, CALM)
    worse = told(CUSTOMER, BEGINNING + 32 * DAY, GRAVE)

    live(service, log, [*daily, *better, *worse], [HIGH])

    times = [alarm.occurred_at for alarm in raised(service)]
    assert times == [BEGINNING + DAY + HOUR, BEGINNING + 32 * DAY + HOUR]


def test_one_alarm_is_enough_while_the_rule_cools_down(service: Service, log: RiskLog) -> None:
    days = [told(CUSTOMER, BEGINNING + n * DAY, (CALM, GRAVE)[n % 2]) for n in range(1, 20)]

    live(service, log, [each for day in days for each in day], [HIGH])

    times = [alarm.occurred_at for alarm in raised(service)]
    restless = replace(HIGH, cool_down=HOUR)
    assert len(times) == 3
    assert all(later - earlier >= HIGH.cool_down for earlier, later in pairwise(times))
    assert len(replayed(service, [restless])) == 10


def test_growing_old_is_no_news_but_the_next_value_is_compared_with_what_was_told(
    service: Service, log: RiskLog
) -> None:
    calm = {code: CALM.get(code, "0") for code in ("support_contacts", "open_tickets")}
    calm["cancellation_signs"] = "0"
    more = {"return_rate": "40", "usage_change": "-70"}
    grave = {code: value for code, value in GRAVE.items() if code not in calm}
    both = told(CUSTOMER, BEGINNING + HOUR, {**calm, **grave, **more})
    next_one = told(CUSTOMER, BEGINNING + 20 * DAY, {"return_rate": "41"})

    live(service, log, both, [HIGH])
    grown_old = service.risks.risk_of(CUSTOMER, END, as_of=BEGINNING + 19 * DAY).score.score
    before = raised(service)
    log.record(next_one)

    (alarm,) = replayed(service, [HIGH])
    assert (grown_old, before) == (100, [])
    assert alarm.at == BEGINNING + 20 * DAY + HOUR
    assert (alarm.finding.value, alarm.finding.expected) == (100.0, 65.7)


def test_a_sudden_rise_is_an_alarm_below_the_highest_band_too(
    service: Service, log: RiskLog
) -> None:
    rise = {"spend_change": "-60", "late_deliveries": "2"}
    happened = [
        *told(CUSTOMER, BEGINNING + HOUR, CALM),
        *told(CUSTOMER, BEGINNING + 9 * DAY, rise),
    ]

    live(service, log, happened)

    (alarm,) = raised(service)
    assert (alarm.rule, alarm.value, alarm.expected) == ("risk_jump_customer", 40, 0)


def test_about_too_few_indicators_there_is_no_alarm(service: Service, log: RiskLog) -> None:
    three = dict(list(GRAVE.items())[:3])

    live(service, log, told(CUSTOMER, BEGINNING + HOUR, three))

    assert raised(service) == []


def test_about_an_erased_person_there_is_no_new_alarm(service: Service, log: RiskLog) -> None:
    """Told just before the test itself, since that is when it erases."""
    log.record(told(CUSTOMER, datetime.now(UTC) - HOUR / 2, GRAVE))
    service.keys.living(CUSTOMER)
    erased_at = erase(service, CUSTOMER).recorded_at
    at, before = erased_at + timedelta(seconds=1), erased_at

    with service.engine.connect() as connection:
        seen = score_windows_at(connection, HIGH, at)
        seen_before = score_windows_at(connection, HIGH, before)

    counted = CountedScores(HIGH)
    for row in facts_of_records(service.records.of_kinds(IndicatorSupplied, SubjectErased)):
        counted.add(row)
    assert [now.count for now, _ in seen_before.values()] == [4]
    assert counted.windows_at(at) == seen == {}


def test_what_was_observed_before_an_erasure_raises_no_alarm_after_it(service: Service) -> None:
    """Recorded while the erasure commits, so that it stands behind it."""
    service.keys.living(CUSTOMER)
    now = datetime.now(UTC)
    with an_erasure_that_commits_last(service, CUSTOMER):
        by = circumstances("crm", [Role.REPORTER], now)
        service.risks.supply(CUSTOMER, supplied(now - HOUR / 2), by)
    at = datetime.now(UTC) + timedelta(seconds=1)

    with service.engine.connect() as connection:
        seen = score_windows_at(connection, HIGH, at)

    counted = CountedScores(HIGH)
    for row in facts_of_records(service.records.of_kinds(IndicatorSupplied, SubjectErased)):
        counted.add(row)
    assert counted.windows_at(at) == seen == {}
