"""What is sent to a provider, in its own words; open tasks and attempts by name; the field's standard terms."""

from alembic import op

revision = "0014"
down_revision = "0013"

_SCHEMA = (
    # Attempts of earlier versions have their input, in the catalogue's words, in `sent`.
    "ALTER TABLE attempts ADD COLUMN request jsonb",
    "ALTER TABLE attempts RENAME COLUMN looks TO polls",
    "ALTER TABLE attempts RENAME COLUMN next_look_at TO next_poll_at",
    "ALTER INDEX attempts_next_look RENAME TO attempts_next_poll",
    "ALTER TABLE paces RENAME TO rate_limits",
    # A view has the columns that its table had when it was made: whoever adds one makes these anew.
    """
    CREATE VIEW open_tasks AS
    SELECT * FROM tasks WHERE state IN ('waiting', 'queuing', 'generating')
    """,
    """
    -- Nobody knows their end yet.
    CREATE VIEW unfinished_attempts AS
    SELECT * FROM attempts WHERE state IN ('submitting', 'accepted', 'unknown')
    """,
    """
    -- And their tasks wait for it; a task has one at most.
    CREATE VIEW open_attempts AS
    SELECT * FROM attempts WHERE state IN ('submitting', 'accepted', 'unknown') AND abandoned_at IS NULL
    """,
    """
    -- A hosted provider was, or may have been, paid for them.
    CREATE VIEW paid_attempts AS
    SELECT * FROM attempts
    WHERE provider <> 'local' AND (state IN ('submitting', 'accepted', 'unknown', 'succeeded') OR dollars > 0)
    """,
    "ALTER TABLE provider_states DROP CONSTRAINT provider_states_state_check",
    """
    UPDATE provider_states SET state = CASE state WHEN 'resting' THEN 'throttled' WHEN 'broken' THEN 'open'
                                                  WHEN 'out' THEN 'suspended' ELSE state END
    """,
    "ALTER TABLE provider_states ADD CHECK (state IN ('ok', 'throttled', 'open', 'suspended'))",
)


def upgrade() -> None:
    for statement in _SCHEMA:  # asyncpg takes one statement at a time
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE provider_states DROP CONSTRAINT provider_states_state_check")
    op.execute(
        "UPDATE provider_states SET state = CASE state WHEN 'throttled' THEN 'resting' WHEN 'open' THEN 'broken'"
        " WHEN 'suspended' THEN 'out' ELSE state END"
    )
    op.execute("ALTER TABLE provider_states ADD CHECK (state IN ('ok', 'resting', 'broken', 'out'))")
    op.execute("DROP VIEW open_tasks, unfinished_attempts, open_attempts, paid_attempts")
    op.execute("ALTER TABLE rate_limits RENAME TO paces")
    op.execute("ALTER INDEX attempts_next_poll RENAME TO attempts_next_look")
    op.execute("ALTER TABLE attempts RENAME COLUMN next_poll_at TO next_look_at")
    op.execute("ALTER TABLE attempts RENAME COLUMN polls TO looks")
    op.execute("ALTER TABLE attempts DROP COLUMN request")
