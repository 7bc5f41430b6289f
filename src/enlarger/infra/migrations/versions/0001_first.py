"""Accounts, keys, tasks, attempts, files."""

from alembic import op

revision = "0001"
down_revision = None

_SCHEMA = (
    """
    CREATE TABLE accounts (
        id          text PRIMARY KEY,
        created_at  timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE api_keys (
        sha256      bytea PRIMARY KEY,
        last4       text NOT NULL,
        account_id  text NOT NULL REFERENCES accounts,
        source      text NOT NULL,          -- who made it: 'embedded' follows the data directory or the settings
        created_at  timestamptz NOT NULL DEFAULT now(),
        revoked_at  timestamptz
    )
    """,
    """
    -- Secrets that every process of a service shares; made once, by whoever comes first.
    CREATE TABLE secrets (
        name        text PRIMARY KEY,
        value       bytea NOT NULL
    )
    """,
    """
    CREATE TABLE tasks (
        id              text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{32}$'),
        account_id      text NOT NULL REFERENCES accounts,
        model           text NOT NULL,      -- the catalogue's id, not the alias that was sent
        input           jsonb NOT NULL,     -- normalised; inline pictures are stored and their URL stands here
        callback_url    text,
        base_url        text NOT NULL,      -- the address by which its app reached the service
        idempotency_key text,
        request_sha256  bytea NOT NULL,     -- of model and payload as sent: what an idempotency key is bound to
        state           text NOT NULL DEFAULT 'waiting'
                        CHECK (state IN ('waiting', 'queuing', 'generating', 'success', 'fail')),
        epoch           integer NOT NULL DEFAULT 0,     -- counts claims: the fence that every write of a worker checks
        progress        smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
        result          jsonb,              -- what was made, and by what
        fail_code       text,
        fail_message    text,
        created_at      timestamptz NOT NULL DEFAULT now(),
        updated_at      timestamptz NOT NULL DEFAULT now(),
        completed_at    timestamptz,
        CHECK ((state IN ('success', 'fail')) = (completed_at IS NOT NULL)),
        CHECK ((state = 'success') = (result IS NOT NULL)),
        CHECK ((state = 'fail') = (fail_code IS NOT NULL))
    )
    """,
    """
    CREATE UNIQUE INDEX tasks_idempotency ON tasks (account_id, idempotency_key) WHERE idempotency_key IS NOT NULL
    """,
    """
    CREATE INDEX tasks_open ON tasks (updated_at) WHERE state NOT IN ('success', 'fail')
    """,
    """
    -- One row a submission to one provider, written before the submission is made.
    CREATE TABLE attempts (
        id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        task_id     text NOT NULL REFERENCES tasks,
        epoch       integer NOT NULL,
        provider    text NOT NULL,
        state       text NOT NULL DEFAULT 'submitting'
                    CHECK (state IN ('submitting', 'accepted', 'unknown', 'succeeded', 'failed')),
        error       text,
        started_at  timestamptz NOT NULL DEFAULT now(),
        ended_at    timestamptz,
        UNIQUE (task_id, epoch)
    )
    """,
    """
    -- One row a callback that is to be sent, or was; which is one a task.
    CREATE TABLE deliveries (
        task_id     text PRIMARY KEY REFERENCES tasks,
        state       text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'given_up')),
        tries       integer NOT NULL DEFAULT 0,
        last_answer text,               -- an HTTP status, or the kind of error
        created_at  timestamptz NOT NULL DEFAULT now(),
        updated_at  timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE INDEX deliveries_pending ON deliveries (updated_at) WHERE state = 'pending'
    """,
    """
    CREATE TABLE files (
        id          text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{32}$'),
        account_id  text NOT NULL REFERENCES accounts,
        task_id     text REFERENCES tasks,  -- whose result it is; an upload has none
        key         text NOT NULL UNIQUE,   -- in the storage
        name        text NOT NULL,
        mime_type   text NOT NULL,
        size        bigint NOT NULL,
        sha256      bytea NOT NULL,
        created_at  timestamptz NOT NULL DEFAULT now(),
        expires_at  timestamptz NOT NULL
    )
    """,
    """
    CREATE INDEX files_expiry ON files (expires_at)
    """,
    """
    CREATE INDEX files_task ON files (task_id) WHERE task_id IS NOT NULL
    """,
)


def upgrade() -> None:
    for statement in _SCHEMA:  # asyncpg takes one statement at a time
        op.execute(statement)
