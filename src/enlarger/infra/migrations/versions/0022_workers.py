"""The running workers, and the tasks that they have declined."""

from alembic import op

revision = "0022"
down_revision = "0021"

# Unlogged: after a crash of Postgres every worker announces itself again.
_SCHEMA = (
    """
    CREATE UNLOGGED TABLE workers (
        id          text PRIMARY KEY,           -- new for each start
        name        text NOT NULL,              -- host name and pid
        runs_engine boolean NOT NULL,
        problem     text,                       -- why its engine cannot run
        engine      text,                       -- these three: of its latest pictures
        device      text,
        speed       double precision,           -- megapixels of output per second
        since       timestamptz NOT NULL DEFAULT now(),
        seen_at     timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE UNLOGGED TABLE declined_tasks (
        task_id     text NOT NULL REFERENCES tasks ON DELETE CASCADE,
        worker_id   text NOT NULL REFERENCES workers ON DELETE CASCADE,
        PRIMARY KEY (task_id, worker_id)
    )
    """,
    "CREATE INDEX declined_tasks_worker ON declined_tasks (worker_id)",
)


def upgrade() -> None:
    for statement in _SCHEMA:  # asyncpg takes one statement at a time
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE declined_tasks, workers")
