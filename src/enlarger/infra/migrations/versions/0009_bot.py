"""The Telegram bot: who writes to it, what they have asked for, where their conversations stand."""

from alembic import op

revision = "0009"
down_revision = "0008"

_SCHEMA = (
    """
    CREATE TABLE bot_users (
        user_id     bigint PRIMARY KEY,     -- Telegram's
        account_id  text NOT NULL REFERENCES accounts,
        language    text NOT NULL,
        quality     text NOT NULL DEFAULT 'standard',
        subscribed  boolean NOT NULL DEFAULT false,
        blocked     boolean NOT NULL DEFAULT false,
        created_at  timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE bot_jobs (
        id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        user_id         bigint NOT NULL REFERENCES bot_users,
        chat_id         bigint NOT NULL,
        message_id      bigint,             -- that shows its progress
        action          jsonb NOT NULL,
        photo_ids       text[] NOT NULL,    -- Telegram's file_ids
        idempotency_key text NOT NULL UNIQUE,
        sent            jsonb,              -- the input of its task, until it has ended
        task_id         text,               -- no reference: tasks are forgotten before jobs are
        state           text NOT NULL DEFAULT 'new'
                        CHECK (state IN ('new', 'running', 'done', 'failed', 'cancelled')),
        result          jsonb,
        error           text,
        created_at      timestamptz NOT NULL DEFAULT now(),
        ended_at        timestamptz
    )
    """,
    "CREATE INDEX bot_jobs_user ON bot_jobs (user_id, id)",
    "CREATE INDEX bot_jobs_open ON bot_jobs (id) WHERE state IN ('new', 'running')",
    "CREATE INDEX bot_jobs_created ON bot_jobs (created_at)",
    """
    CREATE TABLE bot_state (
        key         text PRIMARY KEY,       -- bot, chat and user, and what tells their conversations apart
        state       text,
        data        jsonb NOT NULL DEFAULT '{}',
        changed_at  timestamptz NOT NULL DEFAULT now()
    )
    """,
)


def upgrade() -> None:
    for statement in _SCHEMA:  # asyncpg takes one statement at a time
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE bot_state, bot_jobs, bot_users")
