"""Indicators of customers' risk in the store: each once, in order, told by both clocks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest

from domain import errors
from domain.circumstances import Circumstances
from domain.customer_risk.book import risk_book
from domain.customer_risk.scoring import FactorState, NoScore, Supplied, risk_score
from domain.customer_risk.supplying import SuppliedIndicator
from domain.values import Actor, ActorKind, Role
from service.assembly import Service, build
from service.data_keys import DataKey
from service.erasure_register import Entry, ErasureRegister
from service.event_store import Command
from service.keys import SubjectKeys
from service.risk_indicators import NowSupplied
from service.settings import Settings
from service.store_check import check_store
from tests.given import circumstances
from tests.risk_history import BEGINNING, CALM, DAY, GRAVE, HOUR, RiskLog, history, supplied
from tests.service.privacy_steps import (
    a_case_of,
    an_erasure_that_commits_last,
    erase,
    hold,
)

NOW = datetime.now(UTC)
CUSTOMER = "K-1"


def crm(now: datetime = NOW) -> Circumstances:
    return circumstances("crm", [Role.REPORTER], now)


def a_command(body: bytes = b"body") -> Command:
    return Command(uuid4(), body)


def supply(
    service: Service,
    values: list[SuppliedIndicator],
    command: Command | None = None,
    customer: str = CUSTOMER,
) -> NowSupplied:
    return service.risks.supply(customer, values, crm(), command=command)


def test_each_value_is_a_record_of_its_own_in_one_append(service: Service) -> None:
    observed_at = NOW - DAY

    done = supply(service, supplied(observed_at))

    records = [each.record for each in done.records]
    positions = [each.position for each in done.records]
    assert {each.indicator: str(each.value) for each in records} == GRAVE
    assert [each.originator_version for each in records] == [1, 2, 3, 4]
    assert positions == list(range(positions[0], positions[0] + 4))
    assert {each.occurred_at for each in records} == {observed_at}
    assert len({each.recorded_at for each in done.records}) == 1
    assert {each.actor.id for each in records} == {"crm"}
    assert service.risks.all_about(CUSTOMER) == list(done.records)
    assert not done.replayed


def test_the_score_rests_on_the_newest_values(service: Service) -> None:
    supply(service, supplied(NOW - DAY))
    before = service.risks.risk_of(CUSTOMER, NOW)

    supply(service, supplied(NOW - HOUR, {"late_deliveries": "0"}))

    after = service.risks.risk_of(CUSTOMER, NOW)
    assert (before.score.score, before.score.band) == (100, "high")
    assert (after.score.score, after.values["late_deliveries"].actor_id) == (80, "crm")
    assert service.risks.risk_of("K-2", NOW).score.why_none is NoScore.TOO_FEW_INDICATORS


@pytest.mark.parametrize("age", [DAY, DAY + HOUR], ids=["at the same time", "before it"])
def test_what_is_not_newer_is_refused_with_all_beside_it(service: Service, age: timedelta) -> None:
    supply(service, supplied(NOW - DAY, {"open_tickets": "1"}))
    values = [
        *supplied(NOW - HOUR, {"late_payments": "1"}),
        *supplied(NOW - age, {"open_tickets": "2"}),
    ]

    with pytest.raises(errors.IndicatorNotNewer) as refused:
        supply(service, values)

    assert refused.value.params["field"] == "indicators.1.observed_at"
    assert refused.value.params["newest_observed_at"] == NOW - DAY
    assert len(service.risks.all_about(CUSTOMER)) == 1


@pytest.mark.parametrize(
    ("values", "field", "reason"),
    [
        pytest.param({"return_rate": "101"}, "value", "out_of_range 0..100", id="too much"),
        pytest.param({"return_rate": "-0.1"}, "value", "out_of_range 0..100", id="too little"),
        pytest.param({"return_rate": "NaN"}, "value", "not_finite", id="no number"),
        pytest.param({"return_rate": "0.00001"}, "value", "not_an_amount", id="too fine"),
        pytest.param({"late_deliveries": "2.5"}, "value", "not_a_number", id="half a delivery"),
        pytest.param({"moon": "1"}, "indicator", "unknown_code", id="unknown"),
    ],
)
def test_a_bad_value_is_refused(
    service: Service, values: dict[str, str], field: str, reason: str
) -> None:
    with pytest.raises(errors.InvalidValue) as refused:
        supply(service, supplied(NOW, values))

    assert refused.value.params["reason"] == reason
    assert str(refused.value.params["field"]).endswith(field)
    assert service.risks.all_about(CUSTOMER) == []


def test_an_indicator_is_told_once_in_a_request(service: Service) -> None:
    values = supplied(NOW - DAY, {"return_rate": "1"}) + supplied(NOW, {"return_rate": "2"})

    with pytest.raises(errors.InvalidValue) as refused:
        supply(service, values)

    assert refused.value.params == {"field": "indicators.1.indicator", "reason": "repeated_item"}


def test_the_future_is_not_observed_yet_but_clocks_may_differ(service: Service) -> None:
    with pytest.raises(errors.OccurredInFuture) as refused:
        supply(service, supplied(NOW + timedelta(minutes=5, seconds=1)))

    supply(service, supplied(NOW + timedelta(minutes=5)))

    assert refused.value.params["field"] == "indicators.0.observed_at"
    assert len(service.risks.risk_of(CUSTOMER, NOW).score.counted) == 4


def test_a_time_without_an_offset_is_refused(service: Service) -> None:
    with pytest.raises(errors.InvalidValue) as refused:
        supply(service, supplied(NOW.replace(tzinfo=None)))

    assert refused.value.params["reason"] == "no_offset"


def test_a_request_is_recorded_once_however_often_it_is_sent(service: Service) -> None:
    command = a_command()
    values = supplied(NOW - DAY)

    first = supply(service, values, command)
    supply(service, supplied(NOW - HOUR))
    again = supply(service, values, command)

    assert (again.records, again.replayed) == (first.records, True)
    assert len(service.risks.all_about(CUSTOMER)) == 8
    with pytest.raises(errors.IdempotencyKeyReused):
        supply(service, values, replace(command, fingerprint=b"other"))


def test_many_at_once_supply_a_request_once(service: Service) -> None:
    command, values = a_command(), supplied(NOW - DAY)

    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(lambda _: supply(service, values, command), range(8)))

    assert len({tuple(each.position for each in one.records) for one in done}) == 1
    assert [one.replayed for one in done].count(False) == 1
    assert len(service.risks.all_about(CUSTOMER)) == 4


def test_what_many_supply_at_once_stays_in_order(service: Service) -> None:
    def tell(number: int) -> bool:
        try:
            supply(service, supplied(NOW - number * HOUR, {"open_tickets": str(number)}))
        except errors.IndicatorNotNewer:
            return False
        return True

    with ThreadPoolExecutor(12) as threads:
        told = list(threads.map(tell, range(12)))

    kept = [each.record.occurred_at for each in service.risks.all_about(CUSTOMER)]
    assert len(kept) == sum(told) >= 1
    assert kept == sorted(kept)
    assert kept[-1] == NOW


def test_the_past_is_told_by_both_clocks(service: Service) -> None:
    told = history(Random(20261122), 6, 60)
    RiskLog(service.engine).record(told)
    random, book = Random(7), risk_book()

    for _ in range(200):
        customer = f"CUST-{random.randrange(6)}"
        as_of, known_at = (BEGINNING + random.random() * 70 * DAY for _ in range(2))
        risk = service.risks.risk_of(customer, NOW, as_of=as_of, known_at=known_at)

        there = [
            Supplied(each.indicator, each.value, each.observed_at)
            for each in told
            if each.customer == customer and each.observed_at <= as_of and each.known_at <= known_at
        ]
        expected = risk_score(there, as_of, book)
        assert (risk.score.score, risk.score.why_none) == (expected.score, expected.why_none)
        assert [each.state for each in risk.score.factors] == [
            each.state for each in expected.factors
        ]


def test_what_was_known_of_an_erased_person_is_not_told_any_more(service: Service) -> None:
    supply(service, supplied(NOW - DAY))

    erasure = erase(service, CUSTOMER)

    score = service.risks.risk_of(CUSTOMER, NOW).score
    then = service.risks.risk_of(CUSTOMER, NOW, as_of=NOW - HOUR, known_at=erasure.recorded_at)
    assert (erasure.record.keys, erasure.record.cases) == (1, 0)
    assert {each.state for each in score.factors} == {FactorState.MISSING}
    assert then.values == {}
    assert check_store(service.engine, service.mapper, lambda *told: None).is_sound


@pytest.mark.parametrize("value", [{"open_tickets": "1"}, {"return_rate": "1"}])
def test_nothing_tells_when_an_erased_person_was_observed(
    service: Service, value: dict[str, str]
) -> None:
    supply(service, supplied(NOW - DAY, {"open_tickets": "1"}))
    erased_at = erase(service, CUSTOMER).recorded_at

    told = []
    for observed_at in (NOW - 2 * DAY, NOW - HOUR, erased_at):
        with pytest.raises(errors.ObservedBeforeErasure) as refused:
            service.risks.supply(CUSTOMER, supplied(observed_at, value), crm(erased_at))
        told.append(refused.value.params)

    assert told == [{"field": "indicators.0.observed_at", "erased_at": erased_at}] * 3


def test_who_comes_back_after_an_erasure_is_scored_anew_and_can_be_erased_again(
    service: Service,
) -> None:
    supply(service, supplied(NOW - DAY))
    erase(service, CUSTOMER)

    now = datetime.now(UTC)
    service.risks.supply(CUSTOMER, supplied(now, CALM), crm(now))
    scored = service.risks.risk_of(CUSTOMER, now).score
    erase(service, CUSTOMER)

    assert scored.score == 0
    assert service.risks.risk_of(CUSTOMER, NOW).values == {}
    assert [each.record.keys for each in service.erasures.of(CUSTOMER)] == [1, 1]


def test_a_key_that_another_process_destroyed_is_not_used(
    service: Service, settings: Settings
) -> None:
    supply(service, supplied(NOW - DAY))
    other = build(settings)
    erase(other, CUSTOMER)
    other.engine.dispose()

    now = datetime.now(UTC)
    service.risks.supply(CUSTOMER, supplied(now, CALM), crm(now))

    assert service.risks.risk_of(CUSTOMER, now).score.score == 0
    assert len(service.keys.live_keys(CUSTOMER)) == 1


def test_an_erasure_before_the_key_is_made_keeps_what_was_observed_before_it_out(
    service: Service, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    supply(service, supplied(NOW - DAY))
    other = build(settings)  # a process without the person's key at hand
    living = SubjectKeys.living

    def just_erased(keys: SubjectKeys, subject_ref: str) -> DataKey:
        if keys is other.keys and not service.erasures.of(subject_ref):
            erase(service, subject_ref)
        return living(keys, subject_ref)

    monkeypatch.setattr(SubjectKeys, "living", just_erased)

    with pytest.raises(errors.ObservedBeforeErasure):
        supply(other, supplied(NOW - HOUR))

    other.engine.dispose()
    assert len(service.erasures.of(CUSTOMER)) == 1
    assert len(service.risks.all_about(CUSTOMER)) == 4
    assert service.risks.risk_of(CUSTOMER, NOW).values == {}


def test_what_was_observed_before_an_erasure_and_recorded_while_it_commits_is_not_told(
    service: Service,
) -> None:
    supply(service, supplied(NOW - DAY))

    with an_erasure_that_commits_last(service, CUSTOMER):
        late = supply(service, supplied(NOW - HOUR)).records

    (erasure,) = service.erasures.of(CUSTOMER)
    assert all(each.position > erasure.position for each in late)
    assert service.risks.risk_of(CUSTOMER, NOW).values == {}
    assert service.risks.risk_of(CUSTOMER, NOW, as_of=NOW - HOUR / 2).values == {}
    assert all(erasure.covers(each) for each in service.risks.all_about(CUSTOMER))
    assert erase(service, CUSTOMER).record == erasure.record


def test_what_is_observed_while_an_erasure_commits_can_be_erased_like_anything_later(
    service: Service,
) -> None:
    supply(service, supplied(NOW - DAY))

    with an_erasure_that_commits_last(service, CUSTOMER):
        now = datetime.now(UTC)
        service.risks.supply(CUSTOMER, supplied(now, CALM), crm(now))
    known = service.risks.risk_of(CUSTOMER, now).values
    again = erase(service, CUSTOMER)

    assert len(known) == len(CALM)
    assert (again.is_new, again.record.originator_version) == (True, 2)
    assert service.risks.risk_of(CUSTOMER, now).values == {}
    assert not erase(service, CUSTOMER).is_new


def test_a_restored_backup_brings_no_values_back(settings: Settings, tmp_path: Path) -> None:
    kept = replace(settings, erasure_register=tmp_path / "erasures.jsonl")
    service = build(kept)
    supply(service, supplied(NOW - DAY))
    (key_id,) = service.keys.live_keys(CUSTOMER)
    actor = Actor(id="pia", kind=ActorKind.PERSON)
    # Written when they were erased, which the backup does not know.
    ErasureRegister(kept.erasure_register).add(Entry(NOW, (key_id,), "objection", actor))

    came_back = service.erasures.repeat(NOW)

    assert came_back == 1
    assert service.risks.risk_of(CUSTOMER, NOW).values == {}
    service.engine.dispose()


def test_a_hold_keeps_somebody_who_is_known_by_indicators_alone(service: Service) -> None:
    supply(service, supplied(NOW - DAY))

    hold(service, CUSTOMER)

    with pytest.raises(errors.LegalHoldStands):
        erase(service, CUSTOMER)
    with pytest.raises(errors.SubjectNotFound):
        hold(service, "K-2")
    assert service.risks.risk_of(CUSTOMER, NOW).score.score == 100


def test_a_customer_with_cases_has_one_key_for_both(service: Service) -> None:
    a_case_of(service, CUSTOMER)

    supply(service, supplied(NOW - DAY))

    assert len(service.keys.live_keys(CUSTOMER)) == 1


def test_a_figure_keeps_its_decimals(service: Service) -> None:
    supply(service, supplied(NOW - DAY, {"spend_change": "-42.1250"}))

    (known,) = service.risks.risk_of(CUSTOMER, NOW).values.values()

    assert known.supplied.value == Decimal("-42.125")
