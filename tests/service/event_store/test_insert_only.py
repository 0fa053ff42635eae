"""The log can only grow: nobody changes, deletes or empties it."""

from contextlib import closing

import psycopg2
import pytest

from tests.service.event_store.steps import an_event, ask

CHANGES = ["UPDATE events SET state = 'x'", "DELETE FROM events", "TRUNCATE events"]


@pytest.mark.parametrize("change", CHANGES)
def test_the_owner_cannot_change_events(recorder, owner, change):
    recorder.append([an_event()])

    with owner.cursor() as cursor, pytest.raises(psycopg2.Error, match="insert-only") as refusal:
        cursor.execute(change)

    assert refusal.value.pgcode == "AM004"
    assert ask(owner, "SELECT count(*) FROM events WHERE state = '{}'") == 1


@pytest.mark.parametrize("change", CHANGES)
def test_the_service_may_not_even_try(recorder, other_writer, change):
    recorder.append([an_event()])

    with other_writer.cursor() as cursor, pytest.raises(psycopg2.Error, match="permission denied"):
        cursor.execute(change)

    assert len(recorder.read_page(0, 10).events) <= 1


@pytest.mark.parametrize("change", CHANGES)
def test_a_superuser_posing_as_a_replica_is_refused_too(recorder, settings, postgres_url, change):
    (recorded,) = recorder.append([an_event()])
    name = settings.required_database_url().partition("?")[0].rpartition("/")[2]
    with closing(psycopg2.connect(postgres_url, dbname=name)) as superuser:
        cursor = superuser.cursor()
        cursor.execute("SET session_replication_role = replica")

        with pytest.raises(psycopg2.Error, match="insert-only"):
            cursor.execute(change)

    assert recorder.select_events(recorded.originator_id) == [recorded]
