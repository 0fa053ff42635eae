"""Rest: a worker that has nothing to do looks, and does no round until something has changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from psycopg2.extensions import connection as PgConnection  # noqa: N812
from sqlalchemy import Engine, text

from projections.engine import ProjectionEngine
from projections.read_models import build_engine
from projections.resting import Rest, Stillness, standing
from projections.timers import Timers
from projections.worker import Feeding
from service.assembly import build
from service.event_store import EventRecorder
from service.settings import Settings
from tests.projections.test_engine import fill
from tests.projections.toy import TOY, ToyLog
from tests.service.event_store.steps import an_event, append_without_commit, readable, until
from tests.service.privacy_steps import a_case_of, hold


class Rounds:
    """Counts rounds; each tells whether it left nothing to do."""

    def __init__(self, *left_nothing: bool) -> None:
        self._left_nothing = list(left_nothing)
        self.done = 0

    def __call__(self) -> bool:
        self.done += 1
        return self._left_nothing[min(self.done, len(self._left_nothing)) - 1]


MANY_RUNS = text("""
    INSERT INTO deadlines.runs (case_id, clock, run, is_open, next_at, warning_recorded,
        miss_recorded)
    SELECT md5(number::text)::uuid, 'first_reply', 1, true,
        now() + number * interval '1 hour', false, false
    FROM generate_series(1, 5000) AS number
""")
ROWS_READ = text("""
    SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
    FROM pg_stat_user_tables WHERE schemaname = 'deadlines' AND relname = 'runs'
""")


def test_a_round_is_spared_while_nothing_changes_after_one_that_left_nothing() -> None:
    rounds = Rounds(False, False, True)
    rest = Rest(lambda: "the same", rounds)

    for _ in range(10):
        rest()

    assert rounds.done == 3
    assert rest.is_at_rest


def test_whatever_changes_ends_the_rest() -> None:
    rounds = Rounds(True)
    things = iter(["as before", "as before", "changed", "changed", "as before"])
    rest = Rest(lambda: next(things), rounds)

    spared = [(rest(), rounds.done)[1] for _ in range(5)]

    assert spared == [1, 1, 2, 2, 3]


def test_what_changes_during_a_round_is_not_taken_for_seen() -> None:
    log = [1]

    def round_() -> bool:
        log.append(len(log) + 1)  # somebody appends while it runs
        return True

    rest = Rest(lambda: tuple(log), round_)

    for _ in range(4):
        rest()

    assert len(log) == 5


def test_a_round_that_failed_is_done_again() -> None:
    attempts = []

    def fail_once() -> bool:
        attempts.append(1)
        if len(attempts) == 2:
            raise ConnectionError
        return True

    things = iter([1, 2, 2, 2])
    rest = Rest(lambda: next(things), fail_once)
    rest()

    with pytest.raises(ConnectionError):
        rest()
    rest()
    rest()

    assert len(attempts) == 3


def test_a_round_is_done_now_and_then_whatever_is_seen() -> None:
    rounds = Rounds(True)
    rest = Rest(lambda: "the same", rounds, longest_seconds=0)

    for _ in range(3):
        rest()

    assert rounds.done == 3


def test_events_records_and_builds_are_seen(
    engine: Engine, settings: Settings, toy_engine: ProjectionEngine
) -> None:
    service = build(settings)
    at_first = standing(engine)

    case_id = a_case_of(service, "C-1")
    with_event = standing(engine)
    hold(service, case_id=case_id)
    with_record = standing(engine)
    toy_engine.catch_up()
    with_build = standing(engine)

    service.engine.dispose()
    assert at_first == (None, None, None)
    assert with_event.last_event is not None
    assert with_event[1:] == (None, None)
    assert with_record.last_record is not None
    assert with_record.last_record > with_event.last_event
    assert with_build == (*with_record[:2], f"toy {TOY.version} 0")


def test_an_event_that_may_not_be_read_yet_is_not_seen_and_later_it_is(
    engine: Engine, other_writer: PgConnection
) -> None:
    recorder = EventRecorder(engine)
    append_without_commit(other_writer, an_event())
    (above,) = recorder.append([an_event()])
    held = standing(engine)

    other_writer.commit()
    readable(recorder, above.id)

    assert held.last_event is None
    assert standing(engine).last_event == above.id


def test_an_engine_rests_only_with_everything_read_and_in_use(
    toy_engine: ProjectionEngine, toy_log: ToyLog
) -> None:
    fill(toy_log, 30)
    told = []

    while not toy_engine.is_at_rest:
        toy_engine.feed_all()
        told.append(toy_engine.is_at_rest)
    toy_engine.begin_rebuilds(["toy"])
    toy_engine.feed_all()

    assert told == [False, False, False, True]
    assert not toy_engine.is_at_rest


def test_a_worker_that_rests_asks_no_log_and_goes_on_when_something_comes(
    toy_engine: ProjectionEngine, toy_log: ToyLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(toy_log, 30)
    feeding = Feeding(toy_engine, lambda: len(toy_log.stored), Stillness())
    while not feeding.rest.is_at_rest:
        feeding.feed()
    monkeypatch.setattr(toy_engine, "_builds", None)  # whoever asks, fails
    while_nothing_comes = [feeding.feed() for _ in range(5)]
    monkeypatch.undo()

    fill(toy_log, 12)

    assert while_nothing_comes == [0] * 5
    assert feeding.feed() == 10


def test_timers_that_look_at_many_runs_read_none_that_is_not_due(settings: Settings) -> None:
    service = build(settings)
    build_engine(service).catch_up()
    with service.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(MANY_RUNS)
        connection.execute(text("ANALYZE deadlines.runs"))
        before = connection.execute(ROWS_READ).scalar_one()
        now = datetime.now(UTC)
        watching = Timers(service.engine, service.cases, lambda: now)

        for _ in range(10):
            watching.fire_due()
        service.engine.dispose()  # what a connection has read is told when it ends

        until(lambda: connection.execute(ROWS_READ).scalar_one() > before)
        read = connection.execute(ROWS_READ).scalar_one() - before
    assert read <= 10


def test_the_timers_question_outlives_a_rebuild_of_what_it_asks(settings: Settings) -> None:
    service = build(settings)
    case_id = a_case_of(service, "C-1")
    engine = build_engine(service)
    engine.catch_up()
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    now = [long_ago]
    watching = Timers(service.engine, service.cases, lambda: now[0])
    for _ in range(10):  # the server keeps a plan from the sixth time on
        watching.fire_due()

    engine.begin_rebuilds(["deadlines"])
    engine.catch_up()
    now[0] = datetime.now(UTC) + timedelta(days=365)
    fired = watching.fire_due()

    history = service.cases.history(case_id)
    service.engine.dispose()
    assert fired == len(history) - 1 > 0
