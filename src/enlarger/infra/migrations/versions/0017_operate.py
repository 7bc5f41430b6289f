"""What the console's pages for administrators read: sums of each day, indexes, and the forms that were carried out."""

from alembic import op

revision = "0017"
down_revision = "0016"

_SCHEMA = (
    """
    -- What ended and was attempted on each day (UTC) that is over. Rows without a provider are of tasks, the others of
    -- attempts; a row without a model says that the day has been summed up.
    CREATE TABLE usage_days (
        day         date NOT NULL,
        model       text NOT NULL,
        provider    text NOT NULL,
        tasks       bigint NOT NULL,
        failures    bigint NOT NULL,
        credits     numeric NOT NULL,
        dollars     numeric NOT NULL,
        PRIMARY KEY (day, model, provider)
    )
    """,
    """
    -- The same of the days from `first` to `last`, read from tasks and attempts.
    CREATE FUNCTION sum_usage(first date, last date) RETURNS SETOF usage_days LANGUAGE sql STABLE AS $$
        SELECT (completed_at AT TIME ZONE 'UTC')::date, model, '', count(*),
               count(*) FILTER (WHERE state = 'fail' AND fail_code IS DISTINCT FROM 'cancelled'),
               sum(credits_consumed), 0::numeric
        FROM tasks
        WHERE completed_at >= first::timestamp AT TIME ZONE 'UTC'
          AND completed_at < (last + 1)::timestamp AT TIME ZONE 'UTC'
        GROUP BY 1, 2
        UNION ALL
        SELECT (started_at AT TIME ZONE 'UTC')::date, model, provider, count(*),
               count(*) FILTER (WHERE attempts.state = 'failed'), 0::numeric, sum(dollars)
        FROM attempts JOIN tasks ON tasks.id = task_id
        WHERE started_at >= first::timestamp AT TIME ZONE 'UTC'
          AND started_at < (last + 1)::timestamp AT TIME ZONE 'UTC' AND attempts.state <> 'skipped'
        GROUP BY 1, 2, 3
    $$
    """,
    "CREATE INDEX attempts_begun ON attempts (started_at)",
    "CREATE INDEX attempts_unfinished ON attempts (started_at) WHERE state IN ('submitting', 'accepted', 'unknown')",
    """
    CREATE INDEX attempts_orphans ON attempts (abandoned_at, id)
    WHERE abandoned_at IS NOT NULL AND state IN ('succeeded', 'unknown')
    """,
    "CREATE INDEX api_keys_account ON api_keys (account_id, created_at, id)",
    """
    -- The tokens of requests that have been carried out: a form that is sent twice counts once.
    CREATE TABLE requests_done (
        token_sha256    bytea PRIMARY KEY,
        at              timestamptz NOT NULL DEFAULT now()
    )
    """,
)


def upgrade() -> None:
    for statement in _SCHEMA:  # asyncpg takes one statement at a time
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE requests_done")
    op.execute("DROP INDEX attempts_begun, attempts_unfinished, attempts_orphans, api_keys_account")
    op.execute("DROP FUNCTION sum_usage")
    op.execute("DROP TABLE usage_days")
