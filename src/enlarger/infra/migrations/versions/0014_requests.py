"""What is sent to a provider, in the provider's own words; attempts of earlier versions keep theirs in `sent`."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE attempts ADD COLUMN request jsonb")


def downgrade() -> None:
    op.execute("ALTER TABLE attempts DROP COLUMN request")
