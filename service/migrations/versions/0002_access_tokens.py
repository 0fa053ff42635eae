"""API keys: who may come in, by which roles, stored as a hash of the secret."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of access tokens."""
    op.execute(
        """
        CREATE TABLE access_tokens (
            token_id uuid PRIMARY KEY,
            name text NOT NULL CHECK (name <> ''),
            actor_kind text NOT NULL CHECK (actor_kind IN ('person', 'service')),
            roles text[] NOT NULL CHECK (cardinality(roles) > 0),
            secret_sha256 bytea NOT NULL CHECK (octet_length(secret_sha256) = 32),
            created_at timestamptz NOT NULL DEFAULT now(),
            expires_at timestamptz,
            revoked_at timestamptz
        )
        """
    )
