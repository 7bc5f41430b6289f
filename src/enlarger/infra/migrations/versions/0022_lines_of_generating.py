"""A task that one provider has failed, and that waits for the next, is `generating`: it stands in the line as well."""

from alembic import op

revision = "0022"
down_revision = "0021"

_INDEX = "CREATE INDEX tasks_line ON tasks (waits_for, turn) WHERE waits_for IS NOT NULL AND"
_UP = (
    "UPDATE tasks SET waits_for = NULL WHERE waits_for IS NOT NULL AND state IN ('success', 'fail')",
    "DROP INDEX tasks_line",
    f"{_INDEX} state IN ('waiting', 'queuing', 'generating')",
    """
    CREATE OR REPLACE VIEW waiting_tasks AS
    SELECT * FROM tasks WHERE waits_for IS NOT NULL AND state IN ('waiting', 'queuing', 'generating')
    """,
)
_DOWN = (
    "DROP VIEW waiting_tasks",
    "DROP INDEX tasks_line",
    f"{_INDEX} state IN ('waiting', 'queuing')",
    # With the columns that it had: the earlier migrations remove others.
    """
    CREATE VIEW waiting_tasks AS
    SELECT id, account_id, model, input, callback_url, base_url, idempotency_key, request_sha256, state, epoch,
           progress, result, fail_code, fail_message, created_at, updated_at, completed_at, param, key_sha256,
           credits_reserved, credits_consumed, answered_by, trace_parent, turn, waits_for, called_at
    FROM tasks WHERE waits_for IS NOT NULL AND state IN ('waiting', 'queuing')
    """,
)


def upgrade() -> None:
    for statement in _UP:  # asyncpg takes one statement at a time
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
