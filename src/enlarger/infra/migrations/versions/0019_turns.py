"""Turns: the order in which tasks of different accounts start."""

from alembic import op

revision = "0019"
down_revision = "0018"

_OPEN_TASKS = "VIEW open_tasks AS SELECT * FROM tasks WHERE state IN ('waiting', 'queuing', 'generating')"


def upgrade() -> None:
    # The turn of the task that started last. A sequence, because many workers set it at once and it need not be exact.
    op.execute("CREATE SEQUENCE turns MINVALUE 0 START 0")
    op.execute("ALTER TABLE tasks ADD COLUMN turn bigint NOT NULL DEFAULT 0")
    op.execute("CREATE INDEX tasks_turns ON tasks (account_id, turn) WHERE state IN ('waiting', 'queuing')")
    op.execute(f"CREATE OR REPLACE {_OPEN_TASKS}")


def downgrade() -> None:
    op.execute("DROP VIEW open_tasks")
    op.execute("ALTER TABLE tasks DROP COLUMN turn")
    op.execute("DROP SEQUENCE turns")
    op.execute(f"CREATE {_OPEN_TASKS}")
