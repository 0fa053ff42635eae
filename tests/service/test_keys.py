"""Subjects' keys: made with their first append, shared, cached for moments, destroyed for ever."""

import os
from uuid import uuid4

import pytest
from eventsourcing.persistence import StoredEvent

from domain.personal import ERASED
from service.data_keys import parsed
from service.event_store import EventRecorder, SubjectKeyDestroyed, VersionConflict
from service.keys import KeyMissing, SubjectKeys
from tests.still_clocks import Stopwatch

PLACE = b"case 7"
SUBJECT = "customer-7"


@pytest.fixture
def clock() -> Stopwatch:
    return Stopwatch(1_000.0)


@pytest.fixture
def master_key() -> bytes:
    return os.urandom(32)


@pytest.fixture
def keys(engine, master_key, clock) -> SubjectKeys:
    return SubjectKeys(engine, master_key, clock=clock)


@pytest.fixture
def another_process(engine, master_key, clock) -> SubjectKeys:
    """Keys with a cache of their own on the same database."""
    return SubjectKeys(engine, master_key, clock=clock)


@pytest.fixture
def recorder(engine) -> EventRecorder:
    return EventRecorder(engine)


def sealed_and_appended(keys, recorder, text="text", subject_ref=SUBJECT, case=None, version=1):
    with keys.sealing() as sealing:
        token = sealing.seal(text, subject_ref, PLACE)
        recorder.append(
            [StoredEvent(case or uuid4(), version, "t:1", token.encode())],
            new_keys=sealing.new_keys,
            used_key_ids=sealing.used_key_ids,
        )
    return token


def test_a_text_sealed_with_an_append_opens_in_every_process(keys, another_process, recorder):
    token = sealed_and_appended(keys, recorder, "Frau Groß rief an")

    assert keys.unseal(token, PLACE) == "Frau Groß rief an"
    assert another_process.unseal(token, PLACE) == "Frau Groß rief an"


def test_a_subject_keeps_its_key(keys, another_process, recorder):
    tokens = [
        sealed_and_appended(keys, recorder),
        sealed_and_appended(keys, recorder),
        sealed_and_appended(another_process, recorder),
    ]

    assert len({parsed(token).key_id for token in tokens}) == 1


def test_texts_of_one_append_share_new_keys_by_subject(keys):
    with keys.sealing() as sealing:
        for subject_ref in ("a", "b", "a"):
            sealing.seal("text", subject_ref, PLACE)

    assert [key.subject_ref for key in sealing.new_keys] == ["a", "b"]
    assert sealing.used_key_ids == []


def test_subjects_do_not_share_keys(keys, recorder):
    mine = sealed_and_appended(keys, recorder, subject_ref="a")

    yours = sealed_and_appended(keys, recorder, subject_ref="b")

    assert parsed(mine).key_id != parsed(yours).key_id


def test_a_key_whose_append_failed_is_not_trusted(keys, recorder):
    case = uuid4()
    sealed_and_appended(keys, recorder, case=case)

    with pytest.raises(VersionConflict):
        sealed_and_appended(keys, recorder, subject_ref="new", case=case)

    assert keys.key_for("new") is None


def test_after_an_erasure_texts_read_as_erased(keys, recorder):
    token = sealed_and_appended(keys, recorder)
    other = sealed_and_appended(keys, recorder, "still here", subject_ref="other")

    assert keys.destroy(SUBJECT) == 1

    assert keys.unseal(token, PLACE) is ERASED
    assert keys.unseal(other, PLACE) == "still here"
    assert [keys.is_erased(each) for each in (token, other)] == [True, False]


def test_an_erasure_reaches_other_processes_within_the_life_of_their_cache(
    keys, another_process, recorder, clock
):
    token = sealed_and_appended(keys, recorder)
    assert another_process.unseal(token, PLACE) == "text"
    keys.destroy(SUBJECT)

    clock.now += 5.0

    assert another_process.unseal(token, PLACE) is ERASED


def test_every_key_made_in_a_race_is_destroyed(keys, another_process, recorder):
    with keys.sealing() as mine, another_process.sealing() as yours:
        tokens = [each.seal("text", SUBJECT, PLACE) for each in (mine, yours)]
        keys.save(mine.new_keys)
        keys.save(yours.new_keys)
    assert parsed(tokens[0]).key_id != parsed(tokens[1]).key_id

    assert keys.destroy(SUBJECT) == 2

    assert [keys.unseal(token, PLACE) for token in tokens] == [ERASED, ERASED]


def test_a_destroyed_key_seals_nothing_new(keys, another_process, recorder):
    """A text typed after the erasure must not vanish under a key that is still cached."""
    sealed_and_appended(another_process, recorder)
    keys.destroy(SUBJECT)

    with pytest.raises(SubjectKeyDestroyed):
        sealed_and_appended(another_process, recorder)

    token = sealed_and_appended(another_process, recorder, "typed later")
    assert keys.unseal(token, PLACE) == "typed later"


def test_destroying_twice_or_nothing_is_harmless(keys, recorder):
    sealed_and_appended(keys, recorder)
    keys.destroy(SUBJECT)

    assert keys.destroy(SUBJECT) == 0
    assert keys.destroy("nobody") == 0


def test_a_destroyed_key_is_nowhere_in_the_table(keys, recorder, engine):
    sealed_and_appended(keys, recorder)
    keys.destroy(SUBJECT)

    with engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT wrapped_key, destroyed_at FROM subject_keys").one()

    assert row.wrapped_key is None
    assert row.destroyed_at is not None


def test_several_keys_open_in_one_round_trip(keys, another_process, recorder, monkeypatch):
    tokens = [sealed_and_appended(keys, recorder, subject_ref=name) for name in "abc"]
    keys.destroy("b")
    ids = [parsed(token).key_id for token in tokens]
    asked = []
    read = another_process._connections.read
    monkeypatch.setattr(
        another_process._connections,
        "read",
        lambda *statement: asked.append(statement) or read(*statement),
    )

    opened = another_process.open_many(ids)

    assert [key and key.subject_ref for key in opened.values()] == ["a", None, "c"]
    assert len(asked) == 1


def test_a_key_of_which_there_is_no_trace_is_a_fault_not_an_erasure(keys):
    with keys.sealing() as sealing:
        token = sealing.seal("text", SUBJECT, PLACE)
    keys.forget(sealing._in_use.values())

    with pytest.raises(KeyMissing):
        keys.unseal(token, PLACE)
    assert not keys.is_erased(token)


def test_the_cache_stays_small(engine, master_key, clock, recorder):
    keys = SubjectKeys(engine, master_key, cached_keys=3, clock=clock)

    tokens = [sealed_and_appended(keys, recorder, name, subject_ref=name) for name in "abcdefgh"]

    assert len(keys._by_id._entries) == 3
    assert [keys.unseal(token, PLACE) for token in tokens] == list("abcdefgh")
