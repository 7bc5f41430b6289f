"""Indexes for the console's lists of tasks: by state, newest first, of one account or of all."""

from alembic import op

revision = "0016"
down_revision = "0015"

_SCHEMA = (
    "CREATE INDEX tasks_listed ON tasks (account_id, state, created_at, id)",
    "CREATE INDEX tasks_listed_all ON tasks (state, created_at, id)",
)


def upgrade() -> None:
    for statement in _SCHEMA:  # asyncpg takes one statement at a time
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX tasks_listed, tasks_listed_all")
