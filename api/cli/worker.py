"""`amends worker`: feeds the read models; several may run, on as many machines."""

import os
import signal
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import click
import structlog

from api.cli.exits import Exit
from api.cli.opening import read_settings
from api.cli.signals import StopSignal
from api.cli.start_checks import require_own_store
from projections.crew import Crew
from projections.ledger.keeping import at_once, keeping, once
from projections.ledger.rounds import LedgerRound
from projections.order_watch import OrderWatch
from projections.read_models import build_engine
from projections.resting import Rest, Stillness, standing
from projections.review_watch import ReviewWatch
from projections.timers import Timers
from projections.warning_watch import WarningWatch
from projections.watches import Kept, Pulse
from projections.worker import run_worker
from service.assembly import Service, build
from service.embedded_postgres import database_for
from service.logging import configure_logging

PATIENCE_SECONDS = 2.0
"""How long a worker that ends waits for places that are slow; the next one goes on there."""


@click.command("worker")
@click.option("--parent", type=int, hidden=True, help="Process id of the supervisor.")
def command(parent: int | None) -> int:
    """Feed lists, reports and the ledger, watch due times and indicators, until stopped.

    Outlives restarts of the database. Without a worker the service still takes cases, but lists,
    reports and the ledger stand still; /readyz, /metrics and `amends doctor` say so.
    """
    settings = read_settings()
    configure_logging(settings)
    log = structlog.get_logger("amends.worker")
    with StopSignal(parent) as stop, database_for(settings) as settings:
        require_own_store(settings)
        service = build(settings)
        log.info("worker_started", process_id=os.getpid())
        ledger, stillness = LedgerRound(service), Stillness()
        elsewhere = [Kept(each, each.pulse) for each in ledger.elsewhere]
        resting = rounds_beside(service, ledger, stillness)
        once(ledger.begin)
        try:
            with (
                keeping(*(each.do for each in elsewhere), patience_seconds=PATIENCE_SECONDS),
                keeping(*(each.do for each in resting)),
            ):
                pulses = [each.pulse for each in (*resting, *elsewhere)]
                _run(service, stop, pulses, stillness)
            once(ledger.finish)
            last = [place.publish for place in ledger.elsewhere]
            at_once(*last, patience_seconds=PATIENCE_SECONDS)
        finally:
            service.engine.dispose()
        log.info("worker_stopped", signals=[signal.Signals(each).name for each in stop.received])
    return Exit.INTERRUPTED if stop.interrupted else Exit.OK


def rounds_beside(service: Service, ledger: LedgerRound, stillness: Stillness) -> list[Kept]:
    """What is kept going beside the read models, each spared while it would find nothing to do."""
    timers = Timers(service.engine, service.cases)
    orders = OrderWatch(service.engine, service.orders)
    alarms = WarningWatch(service.engine, service.alarms)
    reviews = ReviewWatch(service.engine, service.reviews)
    look = partial(standing, service.engine)

    def rest(round_: Callable[[], bool], pulse: Pulse, **due: Callable[[], float]) -> Kept:
        longest = pulse.watch.every_seconds
        return Kept(Rest(look, round_, longest_seconds=longest, stillness=stillness, **due), pulse)

    return [
        rest(ledger, ledger.pulse),
        rest(timers.round, timers.pulse, due_seconds=timers.due_seconds),
        rest(orders.round, orders.pulse),
        rest(alarms.round, alarms.pulse, due_seconds=alarms.due_seconds),
        rest(reviews.round, reviews.pulse, due_seconds=reviews.due_seconds),
    ]


def _run(service: Service, stop: StopSignal, beside: Sequence[Pulse], stillness: Stillness) -> None:
    engine = build_engine(service, folds=not service.settings.rebuild_processes)
    with Crew(service.settings) as crew:
        run_worker(
            engine,
            stop,
            housekeeping=lambda: _forget_commands(service),
            call_crew=lambda: crew.call_if_needed(engine),
            look=partial(standing, service.engine),
            beside=beside,
            stillness=stillness,
        )


def _forget_commands(service: Service) -> None:
    """Drop the records of requests that are too old to be sent again."""
    days = timedelta(days=service.settings.idempotency_days)
    service.recorder.purge_commands(datetime.now(UTC) - days)
