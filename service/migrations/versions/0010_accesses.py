"""Finding who looked: by actor and by case, straight from the bytes of the records."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the accesses among the records."""
    op.execute("""
        CREATE FUNCTION said_by_record(p_state bytea) RETURNS jsonb
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT convert_from(p_state, 'UTF8')::jsonb $$;
        CREATE INDEX records_accesses_by_actor
            ON records ((said_by_record(state) #>> '{actor,id}'), position)
            WHERE topic = 'personal_data_accessed:1';
        CREATE INDEX records_accesses_by_case
            ON records USING gin ((said_by_record(state) -> 'cases'))
            WHERE topic = 'personal_data_accessed:1';
    """)
