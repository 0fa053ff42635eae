"""A rebuild from a long log folds whole cases, in chunks that any process may take."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError

from projections import builds, chunks, folding, rebuild, row_copy
from projections.chunks import Chunk, Plan
from projections.engine import ProjectionEngine, Sizes
from projections.read_model import ReadModel
from tests.projections.killing import Killed, die_after
from tests.projections.rows import folded_rows, stored_rows
from tests.projections.test_engine import fill
from tests.projections.toy import (
    HANDLERS,
    IGNORED,
    TOY,
    Counted,
    Opened,
    Tagged,
    ToyLog,
    new_case_id,
)

SMALL = Sizes(page=10, rebuild_page=10, chunk=10, folded_chunks=2)


def folding_engine(
    engine: Engine, log: ToyLog, model: ReadModel = TOY, *, folds: bool = True
) -> ProjectionEngine:
    """An engine for which even the toy log is a long one."""
    return ProjectionEngine(engine, log, log, [model], sizes=SMALL, folds=folds)


def coming(engine: Engine) -> builds.Build | None:
    """The build in the making."""
    with engine.connect() as connection:
        return builds.find(connection, "toy_next")


def left(engine: Engine) -> list[Chunk]:
    """The chunks that are still to be folded."""
    with engine.connect() as connection:
        return chunks.left(connection, ["toy_next"])


def test_folding_gives_the_same_rows_as_following_the_log(toy_log: ToyLog, engine: Engine) -> None:
    fill(toy_log, 120, cases=30)

    applied = folding_engine(engine, toy_log).catch_up()

    assert applied > 120  # the end of folding and the indexes count as work too
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)
    assert left(engine) == []


ODD_TEXTS = (
    "null",
    "",
    'a "quoted", one',
    "back\\slash",
    "two\nlines",
    "tab\t",
    "\x01",
    "投诉",
    "\\.",
)


@pytest.mark.parametrize("odd", ODD_TEXTS)
def test_no_text_is_folded_into_another(odd: str, toy_log: ToyLog, engine: Engine) -> None:
    fill(toy_log, 120, cases=30)
    toy_log.record(new_case_id(), Opened(title=odd), Tagged(tag=odd), Counted(amount=2))

    folding_engine(engine, toy_log).catch_up()

    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


def test_texts_are_folded_unharmed_over_a_connection_of_another_encoding(
    toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 120, cases=30)
    toy_log.record(new_case_id(), Opened(title="客户投诉"))  # its UTF-8 is GBK of other words too

    @event.listens_for(engine, "connect")
    def speak_gbk(connection: Any, record: Any) -> None:
        connection.set_client_encoding("GBK")

    folding_engine(engine, toy_log).catch_up()

    with engine.connect() as connection:
        assert connection.scalar(text("SHOW client_encoding")) == "GBK"
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


def test_what_is_recorded_while_cases_are_folded_follows(toy_log: ToyLog, engine: Engine) -> None:
    fill(toy_log, 120, cases=30)
    worker = folding_engine(engine, toy_log)
    worker.feed_all()
    worker.feed_all()
    known = toy_log.stored[0].originator_id

    toy_log.record(known, Counted(amount=5))
    fill(toy_log, 20, cases=3)
    worker.catch_up()

    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


def test_a_build_that_folds_says_that_it_has_read_nothing_yet(
    toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 120, cases=30)
    worker = folding_engine(engine, toy_log)
    worker.feed_all()

    worker.feed_all()

    build = coming(engine)
    assert build is not None
    assert (build.position, build.folds_to) == (0, toy_log.stored[-1].id)
    assert not rebuild.switch(engine, TOY, 0)


def test_the_build_in_use_is_fed_while_cases_are_folded_elsewhere(
    toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 120, cases=30)
    folding_engine(engine, toy_log).catch_up()
    feeding = folding_engine(engine, toy_log, folds=False)
    feeding.begin_rebuilds(["toy"])
    fill(toy_log, 5, cases=2)

    applied = feeding.feed_all()

    assert applied == 5
    assert feeding.has_long_work()
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


def test_several_at_once_fold_every_case_once(toy_log: ToyLog, engine: Engine) -> None:
    fill(toy_log, 600, cases=150)
    folding_engine(engine, toy_log).begin_rebuilds(["toy"])
    workers = [folding_engine(engine, toy_log) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ProjectionEngine.catch_up, workers))

    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


@pytest.mark.parametrize("moment", ["take", "finish", "left"])
def test_a_kill_while_folding_leaves_the_chunk_to_the_next(
    moment: str, toy_log: ToyLog, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(toy_log, 120, cases=30)
    killed = folding_engine(engine, toy_log)
    killed.begin_rebuilds(["toy"])
    killed.feed_all()
    killed._rebuilding.folder._known.clear()
    die_after(monkeypatch, chunks, moment)
    with pytest.raises(Killed):
        killed.feed_all()
    monkeypatch.undo()
    before = left(engine)

    folding_engine(engine, toy_log).catch_up()

    assert before
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


def test_a_chunk_that_another_one_folds_is_left_to_it(toy_log: ToyLog, engine: Engine) -> None:
    fill(toy_log, 120, cases=30)
    worker = folding_engine(engine, toy_log)
    worker.begin_rebuilds(["toy"])

    with engine.begin() as other:
        taken = [chunk for chunk in left(engine) if chunks.take(other, chunk, ["toy_next"])]
        folded = worker.work_on_rebuilds()

    assert taken == left(engine)
    assert folded == 0
    assert worker.has_long_work()


def test_what_was_folded_for_an_older_plan_is_thrown_away(toy_log: ToyLog, engine: Engine) -> None:
    """The rebuild was begun anew, with the same cases and a later end, while one folded."""
    fill(toy_log, 120, cases=30)
    worker = folding_engine(engine, toy_log)
    worker.begin_rebuilds(["toy"])
    (first, *_) = left(engine)
    build = coming(engine)
    assert build is not None

    with engine.begin() as connection:
        later = text("UPDATE rebuild_chunks SET up_to_position = up_to_position + 7")
        connection.execute(later)
        finished = chunks.finish(connection, first, build)
        moved = replace(first, up_to_position=first.up_to_position + 7)
        newer = chunks.finish(connection, moved, replace(build, version=2))

    assert not finished
    assert not newer


@pytest.fixture
def with_faults(toy_log: ToyLog) -> list[UUID]:
    """A long log in which one case fails at its second event, and one at its last."""
    fill(toy_log, 100, cases=25)
    ids = [new_case_id(), new_case_id()]
    toy_log.record(ids[0], Opened(title="early"), Counted(amount=-1), Tagged(tag="a"))
    toy_log.record(ids[1], Opened(title="late"), Counted(amount=3), Counted(amount=-1))
    fill(toy_log, 20, cases=5, seed=8)
    return ids


def test_a_case_that_cannot_be_folded_is_parked_where_it_fails(
    toy_log: ToyLog, engine: Engine, with_faults: list[UUID]
) -> None:
    following = ProjectionEngine(engine, toy_log, toy_log, [TOY])
    following.catch_up()
    followed = stored_rows(engine, TOY), following.parked_cases("toy")

    folding_engine(engine, toy_log).begin_rebuilds(["toy"])
    folder = folding_engine(engine, toy_log)
    folder.catch_up()

    parked = folder.parked_cases("toy")
    assert stored_rows(engine, TOY) == followed[0]
    assert {each.case_id for each in parked} == set(with_faults)
    assert [each.position for each in parked] == [each.position for each in followed[1]]


def test_an_event_that_was_skipped_is_left_out_of_the_fold(
    toy_log: ToyLog, engine: Engine, with_faults: list[UUID]
) -> None:
    worker = folding_engine(engine, toy_log)
    worker.catch_up()
    for case_id in with_faults:
        worker.skip("toy", case_id, reason="cannot be counted", actor="test")
    skipped = stored_rows(engine, TOY)

    worker.begin_rebuilds(["toy"])
    worker.catch_up()

    assert worker.parked_cases("toy") == []
    assert stored_rows(engine, TOY) == skipped


def too_long(case: Any, event: Tagged) -> None:
    """A handler whose row the database refuses, for one of the words."""
    HANDLERS[Tagged](case, event)
    if event.tag == "b":
        case.row(TOY.tables[1], "b")["times"] = 2**40


REFUSED = ReadModel("toy", 1, TOY.tables, {**HANDLERS, Tagged: too_long}, IGNORED)


def test_a_row_that_the_database_refuses_parks_only_its_case(
    toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 80, cases=20)
    following = ProjectionEngine(engine, toy_log, toy_log, [REFUSED])
    following.catch_up()
    followed = stored_rows(engine, TOY), following.parked_cases("toy")

    folder = folding_engine(engine, toy_log, REFUSED)
    folder.begin_rebuilds(["toy"])
    folder.catch_up()

    assert followed[1]
    assert stored_rows(engine, TOY) == followed[0]
    assert [each.case_id for each in folder.parked_cases("toy")] == [
        each.case_id for each in followed[1]
    ]


def test_a_lost_connection_while_folding_is_no_reason_to_park(
    toy_log: ToyLog, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(toy_log, 120, cases=30)
    worker = folding_engine(engine, toy_log)
    worker.begin_rebuilds(["toy"])

    def shut_down(connection: Any, *_: Any) -> None:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    monkeypatch.setattr(row_copy, "write", shut_down)
    with pytest.raises(OperationalError):
        worker.work_on_rebuilds()
    monkeypatch.undo()
    worker.catch_up()

    assert worker.parked_cases("toy") == []
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


def test_folding_holds_no_reader_back(
    toy_log: ToyLog, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While handlers run, the transaction has written nothing and so has no id."""
    fill(toy_log, 120, cases=30)
    worker = folding_engine(engine, toy_log)
    worker.begin_rebuilds(["toy"])
    seen: list[str | None] = []
    finish = chunks.finish

    def look(connection: Any, *given: Any) -> bool:
        asked = connection.execute(text("SELECT pg_current_xact_id_if_assigned()::text"))
        seen.append(asked.scalar_one())
        return finish(connection, *given)

    monkeypatch.setattr(folding.chunks, "finish", look)
    worker.work_on_rebuilds()

    assert seen
    assert not any(seen)


def test_a_short_log_is_followed_from_its_first_event(toy_log: ToyLog, engine: Engine) -> None:
    fill(toy_log, 15, cases=5)
    worker = folding_engine(engine, toy_log)

    worker.begin_rebuilds(["toy"])

    build = coming(engine)
    assert build is not None
    assert build.folds_to is None
    assert left(engine) == []


def test_chunks_have_every_case_once(engine: Engine) -> None:
    ends = sorted(new_case_id() for _ in range(3))
    with engine.begin() as connection:
        chunks.add(connection, "toy_next", Plan(ends, 70))
        found = chunks.left(connection, ["toy_next"])

    assert [chunk.up_to_case for chunk in found] == [*ends, chunks.LAST_ID]
    assert [chunk.after_case for chunk in found] == [chunks.FIRST_ID, *ends]
