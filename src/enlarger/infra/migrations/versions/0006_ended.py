"""An index to find the tasks by that ended long ago."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("CREATE INDEX tasks_ended ON tasks (completed_at) WHERE completed_at IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP INDEX tasks_ended")
