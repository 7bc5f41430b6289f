"""Tasks keep the request as it was sent."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # The record's `param`; null in tasks that were made before.
    op.execute("ALTER TABLE tasks ADD COLUMN param text")


def downgrade() -> None:
    op.execute("ALTER TABLE tasks DROP COLUMN param")
