"""Every event enters the tree once, in order of position, whatever happens to the worker."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from psycopg2.extensions import connection as PgConnection  # noqa: N812
from sqlalchemy import Engine

from projections.ledger import feeding
from projections.ledger.edge import Edge, Node
from projections.ledger.feeding import LedgerFeeder
from projections.ledger.leaves import LeafEvent, MalformedLeaf, leaf_hashes, read_stored
from projections.ledger.merkle import root_of
from projections.ledger.tree import Tree, index_of, newest
from service.event_store import EventRecorder
from tests.projections.killing import Killed
from tests.projections.ledger.conftest import Record
from tests.service.event_store.steps import an_event, append_without_commit


def stored_leaves(engine: Engine) -> list[bytes]:
    """The leaf data of every event that may be read."""
    with engine.connect() as connection, connection.connection.cursor() as cursor:
        return list(read_stored(cursor, -1))


def stored_root(engine: Engine) -> tuple[int, bytes]:
    """Size and root of the tree as stored."""
    with engine.connect() as connection:
        size, _ = newest(connection)
        return size, Tree(connection).edge(size).root()


def expected_root(engine: Engine) -> tuple[int, bytes]:
    """Size and root of a tree over the events themselves."""
    leaves = stored_leaves(engine)
    return len(leaves), root_of(leaf_hashes(leaves))


def test_a_leaf_holds_every_column_of_the_event(recorder: EventRecorder, engine: Engine) -> None:
    (recorded,) = recorder.append([an_event(state="gesprochen: 你好".encode())])

    (leaf,) = stored_leaves(engine)

    assert leaf[:14].hex() == "000700000008" + recorded.id.to_bytes(8).hex()
    assert LeafEvent.parse(leaf) == LeafEvent(
        recorded.id,
        recorded.recorded_at,
        recorded.originator_id,
        recorded.originator_version,
        "events",
        recorded.topic,
        recorded.state,
    )


@pytest.mark.parametrize("cut", [0, 1, 13, 40, -1])
def test_bytes_that_are_no_event_are_refused(
    recorder: EventRecorder, engine: Engine, cut: int
) -> None:
    recorder.append([an_event()])
    (leaf,) = stored_leaves(engine)

    with pytest.raises(MalformedLeaf):
        LeafEvent.parse(leaf[:cut])


def test_the_tree_covers_every_event_in_order(
    feeder: LedgerFeeder, record: Record, engine: Engine
) -> None:
    record(700, at_once=31)
    feeder.catch_up()
    record(3, at_once=1)

    added = feeder.catch_up()

    assert added == 3
    assert stored_root(engine) == expected_root(engine)


def test_after_each_page_behind_which_more_are_left_it_is_told(
    feeder: LedgerFeeder, record: Record
) -> None:
    record(90)
    pages: list[int] = []

    feeder.catch_up(lambda: pages.append(1))

    assert len(pages) == 2, "two pages of forty, and what is left"


def test_a_new_worker_goes_on_where_the_last_one_stopped(
    feeder: LedgerFeeder, record: Record, engine: Engine
) -> None:
    record(300)
    feeder.catch_up()
    record(300)

    added = LedgerFeeder(engine).catch_up()

    assert added == 300
    assert stored_root(engine) == expected_root(engine)


@pytest.mark.parametrize("moment", ["read_leaves", "leaf_hashes", "positions_of", "take_turn"])
def test_a_worker_that_dies_leaves_nothing_half_done(
    moment: str,
    feeder: LedgerFeeder,
    record: Record,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record(50)
    feeder.catch_up()
    before = stored_root(engine)
    record(300)

    def die(*given: Any, **named: Any) -> None:
        raise Killed

    monkeypatch.setattr(feeding, moment, die)

    with pytest.raises(Killed):
        feeder.catch_up()

    assert stored_root(engine) == before
    monkeypatch.undo()
    feeder.catch_up()
    assert stored_root(engine) == expected_root(engine)


def test_a_page_that_is_lost_on_its_way_in_is_added_again(
    feeder: LedgerFeeder, record: Record, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(50)
    append = Edge.append

    def append_and_die(edge: Edge, hashes: Sequence[bytes]) -> list[Node]:
        append(edge, hashes)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Edge, "append", append_and_die)
        with pytest.raises(Killed):
            feeder.catch_up()

    feeder.catch_up()
    assert stored_root(engine) == expected_root(engine)


def test_several_workers_at_once_add_every_event_once(record: Record, engine: Engine) -> None:
    record(900, at_once=50)
    feeders = [LedgerFeeder(engine, page_size=17) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        for _ in range(20):
            list(pool.map(LedgerFeeder.catch_up, feeders))

    assert stored_root(engine) == expected_root(engine)


def test_nothing_beyond_the_horizon_is_added(
    feeder: LedgerFeeder, record: Record, engine: Engine, other_writer: PgConnection
) -> None:
    record(5)
    feeder.catch_up()
    append_without_commit(other_writer, an_event())
    EventRecorder(engine).append([an_event()])

    held_back = feeder.catch_up()

    other_writer.commit()
    assert held_back == 0
    record(1)
    assert feeder.catch_up() == 3
    assert stored_root(engine) == expected_root(engine)


def test_the_place_of_an_event_is_found_by_its_position(
    feeder: LedgerFeeder, record: Record, engine: Engine
) -> None:
    positions = record(150)
    feeder.catch_up()

    with engine.connect() as connection:
        places = [index_of(connection, position) for position in positions]
        nowhere = [index_of(connection, 1), index_of(connection, positions[-1] + 1)]

    assert places == list(range(150))
    assert nowhere == [None, None]
