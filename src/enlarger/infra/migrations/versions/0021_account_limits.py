"""Weights of accounts, and limits on their open tasks and their use of the engine."""

from alembic import op

revision = "0021"
down_revision = "0020"

_OPEN_TASKS = "VIEW open_tasks AS SELECT * FROM tasks WHERE state IN ('waiting', 'queuing', 'generating')"
_SCHEMA = (
    # For the limits, null means the service's default and 0 means no limit.
    """
    ALTER TABLE accounts
        ADD COLUMN weight           double precision NOT NULL DEFAULT 1 CHECK (weight > 0),
        ADD COLUMN open_limit       integer,            -- open tasks
        ADD COLUMN megapixel_limit  integer,            -- of the pictures of open tasks for the engine
        ADD COLUMN engine_limit     integer,            -- seconds of the engine in a day (UTC)
        ADD COLUMN engine_day       timestamptz,        -- the day to which engine_seconds belongs
        ADD COLUMN engine_seconds   double precision NOT NULL DEFAULT 0
    """,
    # `turn_end` is where the account's next turn begins. An earlier version that runs at the same time leaves it out:
    # its tasks count as one turn.
    """
    ALTER TABLE tasks
        ADD COLUMN turn_end double precision,
        ADD COLUMN pixels   bigint              -- of the engine's input; only if the account has a limit
    """,
    f"CREATE OR REPLACE {_OPEN_TASKS}",
)


def upgrade() -> None:
    for statement in _SCHEMA:  # asyncpg takes one statement at a time
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP VIEW open_tasks")
    op.execute("ALTER TABLE tasks DROP COLUMN turn_end, DROP COLUMN pixels")
    op.execute(
        "ALTER TABLE accounts DROP COLUMN weight, DROP COLUMN open_limit, DROP COLUMN megapixel_limit,"
        " DROP COLUMN engine_limit, DROP COLUMN engine_day, DROP COLUMN engine_seconds"
    )
    op.execute(f"CREATE {_OPEN_TASKS}")
