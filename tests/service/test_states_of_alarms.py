"""Alarms that were on record before their states had rows: the migration makes the same rows."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

from sqlalchemy import text

from domain.early_warning.alarms import alarm_id
from domain.records import AlarmAcknowledged
from service.alarms import as_raised
from service.assembly import Service
from service.database import MIGRATIONS, create_owner_engine
from service.event_store.shared_commits import Append
from service.record_book import as_stored, envelope
from service.settings import Settings
from tests.an_alarm import FOUND, LOOK, RULE, raise_one
from tests.given import circumstances

ROWS = text("SELECT * FROM alarm_states ORDER BY raised_position")


DIFFERING = text("""
    SELECT count(*) FROM (TABLE alarm_states_kept EXCEPT TABLE alarm_states_by_records) AS differing
""")


def test_rows_made_from_records_are_those_that_were_kept(
    service: Service, settings: Settings
) -> None:
    (path,) = (MIGRATIONS / "versions").glob("*_states_of_alarms.py")
    migration = import_module(f"service.migrations.versions.{path.stem}")
    for hour, value in enumerate(["a", "b", "c", "d"]):
        raise_one(service, value, hour)
    seen, closed, both, _ = (
        alarm_id(RULE, value, LOOK + timedelta(hours=hour)) for hour, value in enumerate("abcd")
    )
    for each in (seen, both):
        service.alarms.acknowledge(each, circumstances(), expected_version=1)
    for each, version in ((closed, 1), (both, 2)):
        service.alarms.close(
            each, circumstances(), expected_version=version, ground="expected_event"
        )
    owner = create_owner_engine(settings)
    with owner.begin() as connection:
        kept = connection.execute(ROWS).all()
        connection.execute(text("DELETE FROM alarm_states"))
        connection.exec_driver_sql(migration.FROM_RECORDS)

        made = connection.execute(ROWS).all()

    owner.dispose()
    assert made == kept
    assert [row.state for row in made] == ["acknowledged", "closed", "closed", "open"]
    assert made[0].acknowledged_by == circumstances().actor.id


def test_alarms_get_their_rows_however_they_are_appended(
    service: Service, settings: Settings
) -> None:
    """Nobody sends them so today; whoever comes to do it leaves no alarm without its row."""
    by_all, together, other = (
        as_raised(RULE, value, LOOK, FOUND) for value in ("all", "together", "other")
    )
    seen = AlarmAcknowledged(**envelope(by_all.originator_id, 2, circumstances()))
    book = service.alarms.streams.book

    book.append_all([by_all, seen])
    book._append_together([Append(as_stored(each), None, ()) for each in (together, other)])

    with service.engine.connect() as connection:
        rows = {row.alarm_id: row.state for row in connection.execute(ROWS)}
        differing = connection.execute(DIFFERING).scalar_one()
    assert rows == {
        by_all.originator_id: "acknowledged",
        together.originator_id: "open",
        other.originator_id: "open",
    }
    assert differing == 0
