"""Who leaves work to another worker tells nothing of it: the other one may hang."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text

from projections import warning_watch
from projections.engine import ProjectionEngine
from projections.indicator_tables import NAME
from projections.ledger import statements
from projections.ledger.rounds import LedgerRound
from projections.read_models import build_engine
from projections.resting import Stillness
from projections.timers import Timers, claim
from projections.warning_watch import WarningWatch
from projections.worker import Feeding
from service.assembly import Service
from tests.projections.test_engine import fill
from tests.projections.test_timer_health import an_overdue_case
from tests.projections.toy import ToyLog


def test_read_models_that_another_worker_hangs_in_are_not_fed_here(
    toy_engine: ProjectionEngine, toy_log: ToyLog
) -> None:
    toy_engine.catch_up()
    feeding = Feeding(toy_engine, object, Stillness())
    fill(toy_log, 5)

    with toy_engine.database.begin() as hanging:
        hanging.execute(text("SELECT FROM projection_builds FOR UPDATE"))
        left = feeding.feed()
        beside_another = feeding.pulse.silent_seconds()
    applied = feeding.feed()

    assert (left, beside_another) == (0, None)
    assert applied > 0
    assert feeding.pulse.silent_seconds() is not None


def test_read_models_that_are_made_by_the_crew_are_well_fed(
    toy_engine: ProjectionEngine, toy_log: ToyLog
) -> None:
    fill(toy_log, 5)
    toy_engine.folds = False
    feeding = Feeding(toy_engine, object, Stillness())

    applied = feeding.feed()

    assert (applied, toy_engine.is_at_rest) == (0, False)
    assert feeding.pulse.silent_seconds() is not None


def test_due_times_that_another_worker_hangs_in_are_not_watched_here(service: Service) -> None:
    an_overdue_case(service)
    timers = Timers(service.engine, service.cases)

    with service.engine.begin() as hanging:
        claimed = claim(hanging, datetime.now(UTC))
        left = timers.fire_due()
        beside_another = timers.pulse.silent_seconds()
    fired = timers.fire_due()

    assert claimed
    assert (left, beside_another) == (0, None)
    assert fired > 0
    assert timers.pulse.silent_seconds() is not None


def test_a_rule_that_another_worker_hangs_in_is_not_kept_here(service: Service) -> None:
    build_engine(service).catch_up()
    watch = WarningWatch(service.engine, service.alarms)
    rule = watch.rules[0]
    words = {"name": f"{NAME} { {'rule': rule.code, 'version': rule.version} }"}

    with service.engine.begin() as hanging:
        hanging.execute(warning_watch.MINE, words)
        watch.round()
        beside_another = watch.pulse.silent_seconds()
    watch.round()

    assert beside_another is None
    assert watch.pulse.silent_seconds() is not None


def test_a_ledger_that_another_worker_hangs_in_is_not_kept_here(service: Service) -> None:
    ledger = LedgerRound(service)
    words = {"lock": statements.LEDGER_LOCK, "synchronous": "on"}

    with service.engine.begin() as hanging:
        hanging.execute(statements.TAKE_TURN, words)
        ledger()
        beside_another = ledger.pulse.silent_seconds()
    ledger()

    assert beside_another is None
    assert ledger.pulse.silent_seconds() is not None
