"""What was reserved for an attempt, beside what it then cost."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("ALTER TABLE attempts ADD COLUMN reserved numeric(12, 6)")


def downgrade() -> None:
    op.execute("ALTER TABLE attempts DROP COLUMN reserved")
