"""A store restored into a younger cluster: refused, then adopted without a hole."""

from threading import Thread
from uuid import uuid4

import pytest
from eventsourcing.persistence import ProgrammingError
from sqlalchemy import Engine

from service.database import create_owner_engine
from service.event_store import (
    Command,
    StoreBusy,
    StoreFromAnotherCluster,
    adopt_store,
    check_cluster,
    connections,
    pass_lost_positions,
)
from tests.service.event_store.steps import (
    a_command,
    an_event,
    append_without_commit,
    ask,
    readable,
    until,
)


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


def test_adoption_waits_for_running_appends(owner_engine, other_writer, restored, monkeypatch):
    monkeypatch.setattr(connections, "_LOCK_TIMEOUT", "50ms")
    append_without_commit(other_writer, an_event())

    with pytest.raises(StoreBusy):
        adopt_store(owner_engine)

    other_writer.rollback()
    assert adopt_store(owner_engine) > 0


@pytest.mark.parametrize("command", [None, a_command()])
@pytest.mark.parametrize("number", [1, 2])
def test_appends_that_come_meanwhile_use_the_new_base(recorder, owner, restored, command, number):
    """Also on a connection that has planned its appends with the old one."""

    def append(command: Command | None) -> int:
        case = uuid4()
        events = [an_event(case, version + 1) for version in range(number)]
        return recorder.append(events, command=command)[0].id

    for _ in range(10):
        append(command and a_command())
    appended: list[int] = []
    late = Thread(target=lambda: appended.append(append(command)))
    with owner.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT adopt_event_store()")
        late.start()
        until(lambda: ask(owner, "SELECT count(*) FROM pg_locks WHERE NOT granted") > 0)

        cursor.execute("COMMIT")

    late.join()
    assert appended[0] > restored


def test_after_a_recovery_no_lost_position_is_given_out_again(owner_engine, recorder, engine):
    (kept,) = recorder.append([an_event()])
    lost = kept.id + (1_000_000 << 12)

    base = pass_lost_positions(owner_engine)

    check_cluster(engine)
    (recorded,) = recorder.append([an_event()])
    readable(recorder, recorded.id)
    assert base % 4096 == 0
    assert recorded.id > lost
    assert recorder.read_page(lost, 10).events == [recorded]
    assert adopt_store(owner_engine) == base


def test_only_the_owner_can_adopt(engine, restored):
    for adopt in (adopt_store, pass_lost_positions):
        with pytest.raises(ProgrammingError):
            adopt(engine)

    with pytest.raises(StoreFromAnotherCluster):
        check_cluster(engine)
