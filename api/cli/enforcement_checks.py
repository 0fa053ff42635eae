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

MOST_NAMED: Final = 5

# A trigger that is there may still refuse less than it should. Bits of tgtype (pg_trigger.h):
# for each row 1, before 2, delete 8, update 16, truncate 32. `ALWAYS` works for replicas too.
GUARDED: Final = text("""
    SELECT count(*) FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE tgrelid = to_regclass(:table) AND tgname = :trigger AND tgenabled = 'A'
        AND tgqual IS NULL AND prosrc LIKE '%RAISE EXCEPTION%'
        AND CASE WHEN :trigger LIKE '%insert_only'
            THEN tgtype & 59 = 58 AND prosrc ~ '^\\s*BEGIN\\s+RAISE EXCEPTION'
            ELSE true END
""")
# What may drop, change or hide rows though the trigger is in place.
ADDED: Final = text("""
    SELECT 'the trigger ' || tgname FROM pg_trigger
    WHERE tgrelid = to_regclass(:table) AND NOT tgisinternal AND NOT tgname = ANY (:known)
    UNION ALL
    SELECT 'the rule ' || rulename FROM pg_rewrite WHERE ev_class = to_regclass(:table)
    UNION ALL
    SELECT 'row security' FROM pg_class WHERE oid = to_regclass(:table) AND relrowsecurity
    ORDER BY 1 LIMIT 1
""")
MAY_CHANGE: Final = text("""
    SELECT has_table_privilege(:table, 'UPDATE, DELETE, TRUNCATE')
        OR has_any_column_privilege(:table, 'UPDATE')
""")
# Superusers and the owner can do anything. Of PostgreSQL's own roles, others are members.
OTHERS: Final = text("""
    SELECT rolname FROM pg_roles
    WHERE NOT rolsuper AND rolname NOT LIKE 'pg\\_%' AND rolname <> current_user
        AND NOT pg_has_role(
            pg_roles.oid, (SELECT relowner FROM pg_class WHERE oid = 'events'::regclass), 'MEMBER'
        )
        AND EXISTS (
            SELECT FROM unnest(CAST(:tables AS text[])) AS kept (name)
            WHERE has_table_privilege(pg_roles.oid, kept.name, 'UPDATE, DELETE, TRUNCATE')
                OR has_any_column_privilege(pg_roles.oid, kept.name, 'UPDATE')
        )
    ORDER BY rolname
""")
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
                f"the trigger that keeps {table} from being changed is missing or switched off, "
                "or refuses too little",
                "Find out who did it, compare with a backup, then: "
                f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}",
            )
    for table in sorted({table for table, _ in GUARDS}):
        known = [trigger for each, trigger in GUARDS if each == table]
        if added := connection.execute(ADDED, {"table": table, "known": known}).scalar():
            return fault(
                "insert-only log",
                f"{added} on {table} is not ours and may drop, change or hide what is recorded",
                "Find out who added it, remove it, and compare with `amends ledger verify`.",
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
    if others := connection.execute(OTHERS, {"tables": sorted(INSERT_ONLY_TABLES)}).scalars().all():
        return warning(
            "rights",
            f"other roles may change what is recorded: {', '.join(others[:MOST_NAMED])}",
            "REVOKE it from them; only triggers refuse it.",
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
