"""The ledger: hashes of every event in order, the nodes above them, checkpoints and keys."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# One row of leaves for each page of events: 32 bytes of hash and 8 of position for each event.
# A node is the root of 256 leaves, of 256 such roots, and so on: what lies between is computed.
TABLES = """
CREATE SCHEMA ledger;
CREATE TABLE ledger.leaves (
    first_index bigint NOT NULL,
    leaf_count integer NOT NULL,
    last_position bigint NOT NULL,
    positions bytea NOT NULL,
    hashes bytea NOT NULL,
    added_at timestamptz NOT NULL,
    CONSTRAINT leaves_first_index PRIMARY KEY (first_index),
    CONSTRAINT leaves_last_position UNIQUE (last_position),
    CONSTRAINT leaves_whole CHECK (
        leaf_count > 0
        AND octet_length(positions) = 8 * leaf_count
        AND octet_length(hashes) = 32 * leaf_count
    )
);
ALTER TABLE ledger.leaves ALTER COLUMN positions SET STORAGE EXTERNAL;
ALTER TABLE ledger.leaves ALTER COLUMN hashes SET STORAGE EXTERNAL;
CREATE TABLE ledger.nodes (
    height smallint NOT NULL,
    number bigint NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    CONSTRAINT nodes_place PRIMARY KEY (height, number)
);
CREATE TABLE ledger.keys (
    verifier_key text NOT NULL,
    first_used_at timestamptz NOT NULL,
    CONSTRAINT keys_verifier_key PRIMARY KEY (verifier_key)
);
CREATE TABLE ledger.checkpoints (
    tree_size bigint NOT NULL,
    note text NOT NULL,
    signed_at timestamptz NOT NULL,
    CONSTRAINT checkpoints_tree_size PRIMARY KEY (tree_size)
);
CREATE TABLE ledger.cosignatures (
    tree_size bigint NOT NULL,
    line text NOT NULL,
    received_at timestamptz NOT NULL,
    CONSTRAINT cosignatures_line PRIMARY KEY (tree_size, line)
);
CREATE TABLE ledger.publications (
    place text NOT NULL,
    tree_size bigint,
    published_at timestamptz,
    failing_since timestamptz,
    fault text,
    CONSTRAINT publications_place PRIMARY KEY (place)
);
"""

# `ENABLE ALWAYS`: not even a session that replays a replica's changes gets past it.
INSERT_ONLY = """
CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is insert-only: % refused', TG_OP USING ERRCODE = 'AM004';
END $$;
"""
GUARD = """
CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.{table}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.{table} ENABLE ALWAYS TRIGGER {table}_insert_only;
"""
GUARDED = ("leaves", "nodes", "keys", "checkpoints", "cosignatures")


def upgrade() -> None:
    """Create the ledger; a worker fills it from the events that are there."""
    op.execute(TABLES)
    op.execute(INSERT_ONLY)
    for table in GUARDED:
        op.execute(GUARD.format(table=table))
