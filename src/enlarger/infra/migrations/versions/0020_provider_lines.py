"""Tasks that wait for a hosted provider that is full."""

from alembic import op

revision = "0020"
down_revision = "0019"

_OPEN_TASKS = "VIEW open_tasks AS SELECT * FROM tasks WHERE state IN ('waiting', 'queuing', 'generating')"
# A task that an earlier provider has failed stays `generating`.
_WAITING = "waits_for IS NOT NULL AND state IN ('waiting', 'queuing', 'generating')"
_WAITING_TASKS = f"VIEW waiting_tasks AS SELECT * FROM tasks WHERE {_WAITING}"  # noqa: S608 - written here
_STATEMENTS = (
    """
    ALTER TABLE tasks
        ADD COLUMN waits_for text,          -- a provider; the task is in the queue only after it is called
        ADD COLUMN called_at timestamptz
    """,
    f"CREATE INDEX tasks_line ON tasks (waits_for, turn, created_at) WHERE {_WAITING}",
    f"CREATE INDEX tasks_called ON tasks (waits_for, called_at) WHERE {_WAITING} AND called_at IS NOT NULL",
    f"CREATE OR REPLACE {_OPEN_TASKS}",
    f"CREATE {_WAITING_TASKS}",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP VIEW waiting_tasks, open_tasks")
    op.execute("ALTER TABLE tasks DROP COLUMN waits_for, DROP COLUMN called_at")
    op.execute(f"CREATE {_OPEN_TASKS}")
