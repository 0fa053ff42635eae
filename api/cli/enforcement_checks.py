"""What `amends doctor` looks at in the database's rights: who could change what was recorded."""

from typing import Final

from sqlalchemy import Connection, text

from api.cli.findings import Finding, fault, fine, warning
from service.database import AUDITED, INSERT_ONLY_TABLES

GUARDS: Final = (
    *((table, f"{table.rpartition('.')[2]}_insert_only") for table in sorted(INSERT_ONLY_TABLES)),
    ("subject_keys", "subject_keys_kept"),
    ("subject_keys", "subject_keys_not_emptied"),
)
"""The triggers that refuse changes by anybody, superusers and replicas included."""

GUARDED: Final = text("""
    SELECT count(*) FROM pg_trigger
    WHERE tgrelid = to_regclass(:table) AND tgname = :trigger AND tgenabled = 'A'
""")
MAY_CHANGE: Final = text("SELECT has_table_privilege(:table, 'UPDATE, DELETE, TRUNCATE')")
IS_OWNER: Final = text("""
    SELECT rolsuper OR pg_has_role(
        (SELECT relowner FROM pg_class WHERE oid = 'events'::regclass), 'MEMBER'
    )
    FROM pg_roles WHERE rolname = current_user
""")
MAY_READ: Final = text("""
    SELECT to_regrole(:role) IS NOT NULL, coalesce(bool_or(
        has_table_privilege(CAST(to_regrole(:role) AS oid), class.oid, 'SELECT')
    ), false)
    FROM pg_class AS class JOIN pg_namespace AS space ON space.oid = class.relnamespace
    WHERE class.relkind IN ('r', 'v') AND space.nspname NOT IN ('pg_catalog', 'information_schema')
        AND NOT concat_ws('.', nullif(space.nspname, 'public'), class.relname) = ANY (:audited)
""")
MAY_AUDIT: Final = text("SELECT has_table_privilege(CAST(:role AS text), 'events', 'SELECT')")


def insert_only(connection: Connection) -> Finding:
    """Whether the triggers are there and always on."""
    for table, trigger in GUARDS:
        found = connection.execute(GUARDED, {"table": table, "trigger": trigger})
        if not found.scalar():
            return fault(
                "insert-only log",
                f"the trigger that keeps {table} from being changed is missing or switched off",
                "Find out who did it, compare with a backup, then: "
                f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}",
            )
    return fine("insert-only log", "stored events cannot be changed")


def rights(connection: Connection) -> Finding:
    """Whether the service's own role is weaker than the owner of the tables."""
    changeable = [
        table
        for table in sorted(INSERT_ONLY_TABLES)
        if connection.execute(MAY_CHANGE, {"table": table}).scalar()
    ]
    if changeable:
        return warning(
            "rights",
            f"the service's own role may change {', '.join(changeable)}; only triggers refuse it",
            "Set AMENDS_OWNER_DATABASE_URL to the address of another role, then `amends migrate`.",
        )
    if connection.execute(IS_OWNER).scalar():
        return warning(
            "rights",
            "the service's own role may act as the owner of the tables and switch triggers off",
            "REVOKE the owner's role from it, or let it be no superuser.",
        )
    return fine("rights", "the service's own role can only add and read events")


def auditor(connection: Connection, role: str) -> Finding:
    """Whether the auditor's role reads the log, and nothing else."""
    exists, more = connection.execute(MAY_READ, {"role": role, "audited": sorted(AUDITED)}).one()
    advice = "Create it with CREATE ROLE, then run `amends migrate`."
    if not exists:
        return fault("auditor role", "there is no such role in this database", advice)
    if not connection.execute(MAY_AUDIT, {"role": role}).scalar():
        return fault("auditor role", "it may not read the events", "Run `amends migrate`.")
    if more:
        return warning(
            "auditor role",
            "it may read more than the log, perhaps the keys of personal texts",
            "REVOKE what `amends migrate` did not grant; it must own nothing.",
        )
    return fine("auditor role", "it reads the log and nothing else")
