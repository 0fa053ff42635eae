"""A store restored into a younger cluster: refused, then adopted without a hole."""

from uuid import uuid4

import pytest
from sqlalchemy import Engine

from service.database import create_owner_engine
from service.event_store import StoreFromAnotherCluster, adopt_store, check_cluster
from tests.service.event_store.steps import an_event, append_without_commit, ask, readable


@pytest.fixture
def owner_engine(settings) -> Engine:
    return create_owner_engine(settings)


@pytest.fixture
def restored(owner, recorder) -> int:
    """The position of an event from a cluster that has used up many more transaction ids."""
    position = recorder.horizon() + (123_456_789 << 12) + 5
    statement = "INSERT INTO events VALUES (%s, now(), %s, 1, 'topic:1', '') RETURNING position"
    return ask(owner, statement, position, str(uuid4()))


def test_a_store_in_its_own_cluster_is_fine(engine, recorder):
    recorder.append([an_event()])

    check_cluster(engine)


def test_an_event_beyond_a_held_horizon_is_no_reason_to_refuse(engine, recorder, other_writer):
    append_without_commit(other_writer, an_event())
    (later,) = recorder.append([an_event()])

    check_cluster(engine)

    assert later.id > recorder.horizon()


def test_a_store_from_another_cluster_is_refused(engine, restored):
    with pytest.raises(StoreFromAnotherCluster, match="amends store adopt") as refusal:
        check_cluster(engine)

    assert str(restored) in str(refusal.value)


def test_after_adoption_new_events_follow_the_old_ones(engine, owner_engine, recorder, restored):
    base = adopt_store(owner_engine)

    check_cluster(engine)
    (recorded,) = recorder.append([an_event()])
    readable(recorder, recorded.id)
    assert recorded.id > restored
    assert base % 4096 == 0
    assert [each.id for each in recorder.read_page(0, 10).events] == [restored, recorded.id]
    assert [each.id for each in recorder.read_page(restored, 10).events] == [recorded.id]


def test_adopting_twice_or_without_need_changes_nothing(owner_engine, restored):
    base = adopt_store(owner_engine)

    assert adopt_store(owner_engine) == base


def test_adopting_an_empty_store_changes_nothing(owner_engine):
    assert adopt_store(owner_engine) == 0


def test_adoption_waits_for_running_appends(owner_engine, other_writer, restored, owner):
    append_without_commit(other_writer, an_event())
    with owner.cursor() as cursor:
        cursor.execute("ALTER ROLE CURRENT_USER SET lock_timeout = '50ms'")

    with pytest.raises(Exception, match="lock timeout"):
        adopt_store(owner_engine)

    with owner.cursor() as cursor:
        cursor.execute("ALTER ROLE CURRENT_USER RESET lock_timeout")
    other_writer.rollback()
    assert adopt_store(owner_engine) > 0
