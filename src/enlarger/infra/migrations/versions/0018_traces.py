"""The trace that a task and an attempt belong to."""

from alembic import op

revision = "0018"
down_revision = "0017"

# A view has the columns that its table had when it was made.
_VIEWS = (
    "VIEW open_tasks AS SELECT * FROM tasks WHERE state IN ('waiting', 'queuing', 'generating')",
    "VIEW unfinished_attempts AS SELECT * FROM attempts WHERE state IN ('submitting', 'accepted', 'unknown')",
    """
    VIEW open_attempts AS
    SELECT * FROM attempts WHERE state IN ('submitting', 'accepted', 'unknown') AND abandoned_at IS NULL
    """,
    """
    VIEW paid_attempts AS
    SELECT * FROM attempts
    WHERE provider <> 'local' AND (state IN ('submitting', 'accepted', 'unknown', 'succeeded') OR dollars > 0)
    """,
)


def upgrade() -> None:
    # The W3C traceparent of the request that made the task, and of the step that submitted the attempt.
    op.execute("ALTER TABLE tasks ADD COLUMN trace_parent text")
    op.execute("ALTER TABLE attempts ADD COLUMN trace_parent text")
    for view in _VIEWS:
        op.execute(f"CREATE OR REPLACE {view}")  # an earlier version goes on with them meanwhile


def downgrade() -> None:
    op.execute("DROP VIEW open_tasks, unfinished_attempts, open_attempts, paid_attempts")
    op.execute("ALTER TABLE attempts DROP COLUMN trace_parent")
    op.execute("ALTER TABLE tasks DROP COLUMN trace_parent")
    for view in _VIEWS:
        op.execute(f"CREATE {view}")
