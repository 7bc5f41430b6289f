"""Callbacks: every try is written down, when the next one is, and who waits for a receiver that has enough to do."""

from alembic import op

revision = "0005"
down_revision = "0004"

_SCHEMA = (
    """
    ALTER TABLE deliveries
        ADD COLUMN next_try_at      timestamptz NOT NULL DEFAULT now(),
        ADD COLUMN earlier_tries    integer NOT NULL DEFAULT 0,     -- before it was last sent anew: of another schedule
        ADD COLUMN waits_for        text    -- the line that it stands in while it is due; it is not in the queue then
    """,
    "UPDATE deliveries SET next_try_at = updated_at",
    "DROP INDEX deliveries_pending",
    "CREATE INDEX deliveries_pending ON deliveries (next_try_at) WHERE state = 'pending'",
    "CREATE INDEX deliveries_waiting ON deliveries (waits_for, next_try_at) WHERE waits_for IS NOT NULL",
    """
    CREATE TABLE delivery_tries (
        task_id         text NOT NULL REFERENCES deliveries ON DELETE CASCADE,
        at              timestamptz NOT NULL,
        number          integer NOT NULL,
        milliseconds    integer NOT NULL,
        answer          text NOT NULL,      -- an HTTP status, or in words why there was none; never a URL
        accepted        boolean NOT NULL,
        PRIMARY KEY (task_id, at)
    )
    """,
    "CREATE INDEX delivery_tries_age ON delivery_tries (at)",
)


def upgrade() -> None:
    for statement in _SCHEMA:  # asyncpg takes one statement at a time
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE delivery_tries")
    op.execute("DROP INDEX deliveries_waiting")
    op.execute("DROP INDEX deliveries_pending")
    op.execute("ALTER TABLE deliveries DROP COLUMN next_try_at, DROP COLUMN earlier_tries, DROP COLUMN waits_for")
    op.execute("CREATE INDEX deliveries_pending ON deliveries (updated_at) WHERE state = 'pending'")
