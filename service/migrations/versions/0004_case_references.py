"""The sequence behind the short references of cases."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The step is BLOCK in service/reference_numbers.py: one value is a block of fifty numbers.
    op.execute("CREATE SEQUENCE case_reference_numbers AS bigint INCREMENT BY 50")


def downgrade() -> None:
    op.execute("DROP SEQUENCE case_reference_numbers")
