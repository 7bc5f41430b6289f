"""Attempts at hosted providers: where they are, what they cost, when to look at them again; budgets in dollars."""

from alembic import op

revision = "0008"
down_revision = "0007"

_SCHEMA = (
    "ALTER TABLE attempts DROP CONSTRAINT attempts_task_id_epoch_key",
    "ALTER TABLE attempts DROP CONSTRAINT attempts_state_check",
    """
    ALTER TABLE attempts
        ADD CHECK (state IN ('skipped', 'submitting', 'accepted', 'unknown', 'succeeded', 'failed')),
        ADD COLUMN reference        text UNIQUE,    -- its name in the URL of the provider's webhook
        ADD COLUMN provider_task_id text,
        ADD COLUMN sent             jsonb,          -- the input, with the files' URLs as the provider was given them
        ADD COLUMN error_code       text,
        ADD COLUMN final            boolean NOT NULL DEFAULT true,  -- of a failure: this provider is not asked again
        ADD COLUMN dollars          numeric(12, 6) NOT NULL DEFAULT 0,  -- set aside, and once it has ended spent
        ADD COLUMN accepted_at      timestamptz,
        ADD COLUMN finished_at      timestamptz,    -- when the provider says that it ended
        ADD COLUMN deadline_at      timestamptz,
        ADD COLUMN abandoned_at     timestamptz,    -- since then its task goes on, or has ended, without it
        ADD COLUMN next_look_at     timestamptz,    -- when the provider is to be asked; null when it is not
        ADD COLUMN looks            integer NOT NULL DEFAULT 0,
        ADD COLUMN webhook          jsonb,          -- an announcement that nobody has read yet
        ADD COLUMN report           jsonb,          -- what the provider told of its end
        ADD COLUMN expires_at       timestamptz     -- when the provider deletes what it made
    """,
    """
    UPDATE attempts SET state = 'failed', error = 'its task has ended', ended_at = now()
    FROM tasks WHERE tasks.id = task_id AND tasks.state IN ('success', 'fail') AND attempts.ended_at IS NULL
    """,
    """
    -- The promise never to pay twice, as a rule of the database: a task has one submission at a time whose end is open.
    CREATE UNIQUE INDEX attempts_one_open ON attempts (task_id)
    WHERE state IN ('submitting', 'accepted', 'unknown') AND abandoned_at IS NULL
    """,
    "CREATE INDEX attempts_task ON attempts (task_id, id)",
    """
    CREATE UNIQUE INDEX attempts_provider_task ON attempts (provider, provider_task_id)
    WHERE provider_task_id IS NOT NULL
    """,
    "CREATE INDEX attempts_next_look ON attempts (provider, next_look_at) WHERE next_look_at IS NOT NULL",
    "CREATE INDEX attempts_started ON attempts (provider, started_at)",
    """
    CREATE INDEX attempts_running ON attempts (provider)
    WHERE state IN ('submitting', 'accepted', 'unknown') AND abandoned_at IS NULL
    """,
    "CREATE INDEX attempts_to_collect ON attempts (id) WHERE state = 'accepted' AND report IS NOT NULL",
    "ALTER TABLE files ADD COLUMN attempt_id bigint REFERENCES attempts",  # of an attempt that came too late
    "CREATE INDEX files_attempt ON files (attempt_id) WHERE attempt_id IS NOT NULL",
    "CREATE INDEX attempts_submitting ON attempts (started_at) WHERE state = 'submitting'",
    # Until then its app surely has been answered with its id, unless it asked to wait for the end.
    "ALTER TABLE tasks ADD COLUMN answered_by timestamptz NOT NULL DEFAULT now()",
    """
    -- What keeps providers from being asked, for all workers.
    CREATE TABLE provider_states (
        name        text PRIMARY KEY,
        state       text NOT NULL CHECK (state IN ('ok', 'resting', 'broken', 'out')),
        reason      text,
        until       timestamptz,
        updated_at  timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    -- The most dollars that may be spent at a provider, or for an account, in a day and a month (UTC).
    CREATE TABLE budgets (
        kind        text NOT NULL CHECK (kind IN ('provider', 'account')),
        name        text NOT NULL,
        day_cap     numeric(12, 6),
        month_cap   numeric(12, 6),
        PRIMARY KEY (kind, name)
    )
    """,
    """
    -- What was set aside or spent in each day and month.
    CREATE TABLE spending (
        kind        text NOT NULL,
        name        text NOT NULL,
        period      text NOT NULL,      -- 2026-11-21, or 2026-11
        dollars     numeric(12, 6) NOT NULL DEFAULT 0,
        PRIMARY KEY (kind, name, period)
    )
    """,
)


def upgrade() -> None:
    for statement in _SCHEMA:  # asyncpg takes one statement at a time
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE spending")
    op.execute("DROP TABLE budgets")
    op.execute("DROP TABLE provider_states")
    op.execute("ALTER TABLE tasks DROP COLUMN answered_by")
    op.execute("ALTER TABLE files DROP COLUMN attempt_id")
    op.execute("DROP INDEX attempts_one_open, attempts_task, attempts_started, attempts_running, attempts_to_collect")
    op.execute("DROP INDEX attempts_submitting")
    op.execute("DELETE FROM attempts WHERE state = 'skipped'")
    op.execute(
        "DELETE FROM attempts AS older USING attempts AS newer"
        " WHERE older.task_id = newer.task_id AND older.epoch = newer.epoch AND older.id < newer.id"
    )
    op.execute(
        "ALTER TABLE attempts DROP COLUMN reference, DROP COLUMN provider_task_id, DROP COLUMN sent,"
        " DROP COLUMN error_code, DROP COLUMN final, DROP COLUMN dollars, DROP COLUMN accepted_at,"
        " DROP COLUMN finished_at, DROP COLUMN deadline_at, DROP COLUMN abandoned_at, DROP COLUMN next_look_at,"
        " DROP COLUMN looks, DROP COLUMN webhook, DROP COLUMN report, DROP COLUMN expires_at,"
        " ADD UNIQUE (task_id, epoch)"
    )
