"""Early warning: finding alarms by rule and time, and how far each rule has looked."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the alarms among the records; one row for each version of a rule that was in force."""
    op.execute("""
        CREATE INDEX records_alarms_by_rule ON records (
            (said_by_record(state) ->> 'rule'), (said_by_record(state) ->> 'occurred_at')
        ) WHERE topic = 'alarm_raised:1';
        CREATE TABLE warning_looks (
            rule text NOT NULL,
            rule_version integer NOT NULL,
            began_at timestamptz NOT NULL,
            looked_at timestamptz NOT NULL,
            PRIMARY KEY (rule, rule_version)
        );
    """)
