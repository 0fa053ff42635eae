"""The doctor: what keeps the log from being changed, and who has a right too many."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run
from tests.cli.doctoring import change, faults, found


@pytest.mark.parametrize(
    "tampering",
    [
        "ALTER TABLE events DISABLE TRIGGER events_insert_only",
        "ALTER TABLE events ENABLE TRIGGER events_insert_only",
        "DROP TRIGGER events_insert_only ON events",
    ],
)
def test_a_log_that_could_be_changed(run: Run, owner_database_url: str, tampering: str) -> None:
    change(owner_database_url, tampering)

    assert "is missing or switched off" in faults(run)["insert-only log"]


def test_a_role_with_too_many_rights(run: Run, owner_database_url: str) -> None:
    before = found(run)["rights"]["level"]
    change(owner_database_url, "GRANT UPDATE ON events TO amends")

    rights = found(run)["rights"]

    assert before == "ok"
    assert rights["level"] == "warning"
    assert "AMENDS_OWNER_DATABASE_URL" in rights["advice"]


@pytest.mark.parametrize(
    ("tampering", "says"),
    [
        ("GRANT UPDATE (note) ON ledger.checkpoints TO amends", "may change ledger.checkpoints"),
        ("GRANT DELETE ON records TO amends", "may change records"),
        ("GRANT TRUNCATE ON ledger.leaves TO amends_auditor", "recorded: amends_auditor"),
        ("GRANT UPDATE (state) ON records TO PUBLIC", "may change records"),
    ],
)
def test_rights_to_change_the_ledger_or_the_access_log(
    run: Run, owner_database_url: str, tampering: str, says: str
) -> None:
    change(owner_database_url, tampering)

    rights = found(run)["rights"]

    assert rights["level"] == "warning"
    assert says in rights["says"]


@pytest.mark.parametrize("table", ["events", "records", "ledger.leaves", "ledger.checkpoints"])
@pytest.mark.parametrize("weakened", ["fewer", "later", "never", "nothing"])
def test_a_trigger_that_refuses_less_than_it_should(
    run: Run, owner_database_url: str, table: str, weakened: str
) -> None:
    name = f"{table.rpartition('.')[2]}_insert_only"
    own = {"events": "refuse_change", "records": "refuse_record_change"}
    function = own.get(table, "ledger.refuse_change")
    again = f"CREATE TRIGGER {name} {{}} ON {table} {{}} EXECUTE FUNCTION {function}()"
    every = "BEFORE UPDATE OR DELETE OR TRUNCATE"
    statements = {
        "fewer": again.format("BEFORE UPDATE OR DELETE", ""),
        "later": again.format("AFTER UPDATE OR DELETE OR TRUNCATE", ""),
        "never": again.format("BEFORE UPDATE", "WHEN (false)"),
        "nothing": f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS "
        f"'BEGIN RETURN NULL; END'; {again.format(every, '')}",
    }
    change(
        owner_database_url,
        f"DROP TRIGGER {name} ON {table}",
        statements[weakened],
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
    )

    says = faults(run)["insert-only log"]
    assert "from being changed is missing or switched off, or refuses too little" in says
    assert table.partition(".")[0] in says


@pytest.mark.parametrize(
    ("added", "says"),
    [
        ("CREATE RULE drop_it AS ON INSERT TO records DO INSTEAD NOTHING", "the rule drop_it"),
        ("ALTER TABLE ledger.keys ENABLE ROW LEVEL SECURITY", "row security on ledger.keys"),
        (
            "CREATE TRIGGER mine BEFORE INSERT ON events EXECUTE FUNCTION refuse_change()",
            "the trigger mine on events",
        ),
    ],
)
def test_what_was_added_to_drop_or_hide_what_is_recorded(
    run: Run, owner_database_url: str, added: str, says: str
) -> None:
    change(owner_database_url, added)

    assert says in faults(run)["insert-only log"]


@pytest.mark.parametrize(
    "tampering",
    [
        "ALTER TABLE records DISABLE TRIGGER records_insert_only",
        "DROP TRIGGER subject_keys_kept ON subject_keys",
        "ALTER TABLE ledger.leaves ENABLE TRIGGER leaves_insert_only",
    ],
)
def test_records_keys_or_a_ledger_that_could_be_changed(
    run: Run, owner_database_url: str, tampering: str
) -> None:
    table = tampering.split()[-1] if "DROP" in tampering else tampering.split()[2]
    change(owner_database_url, tampering)

    assert f"keeps {table} from being changed" in faults(run)["insert-only log"]


def test_an_auditors_role(run: Run, owner_database_url: str) -> None:
    before = found(run)["auditor role"]
    change(owner_database_url, "GRANT SELECT ON subject_keys TO amends_auditor")
    more = found(run)["auditor role"]
    change(owner_database_url, "REVOKE SELECT ON events FROM amends_auditor")

    assert (before["level"], more["level"]) == ("ok", "warning")
    assert "it may read more than the log" in more["says"]
    assert faults(run)["auditor role"] == "it may not read the events"
    nobody = found(run, AMENDS_AUDITOR_ROLE="nobody_at_all")["auditor role"]
    assert nobody["says"] == "there is no such role in this database"
