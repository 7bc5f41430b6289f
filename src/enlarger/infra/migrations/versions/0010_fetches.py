"""How often it was tried to fetch what a provider made, so that what never comes is not waited for."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("ALTER TABLE attempts ADD COLUMN fetches int NOT NULL DEFAULT 0")


def downgrade() -> None:
    op.execute("ALTER TABLE attempts DROP COLUMN fetches")
