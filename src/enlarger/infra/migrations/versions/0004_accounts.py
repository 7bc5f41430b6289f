"""Accounts have balances and limits, keys have caps; what credits do is written down."""

from alembic import op

revision = "0004"
down_revision = "0003"

_SCHEMA = (
    """
    ALTER TABLE accounts
        ADD COLUMN balance      numeric(16, 4),     -- credits; null is without limit
        ADD COLUMN create_limit integer,            -- createTask in 10 seconds; null is without limit
        ADD COLUMN query_limit  integer             -- recordInfo in a second and for a key; null is without limit
    """,
    """
    ALTER TABLE api_keys
        ADD COLUMN id           text UNIQUE,        -- what people call it by
        ADD COLUMN name         text,
        ADD COLUMN hour_cap     numeric(16, 4),     -- credits in an hour, a day (UTC) and in all; null is without limit
        ADD COLUMN day_cap      numeric(16, 4),
        ADD COLUMN total_cap    numeric(16, 4),
        ADD COLUMN hour         timestamptz,        -- the hour and the day that the sums beside them are of
        ADD COLUMN hour_spent   numeric(16, 4) NOT NULL DEFAULT 0,
        ADD COLUMN day          timestamptz,
        ADD COLUMN day_spent    numeric(16, 4) NOT NULL DEFAULT 0,
        ADD COLUMN total_spent  numeric(16, 4) NOT NULL DEFAULT 0,
        ADD COLUMN allow        cidr[],             -- from where it may be used; null is from anywhere
        ADD COLUMN used_at      timestamptz
    """,
    "UPDATE api_keys SET id = left(encode(sha256, 'hex'), 12)",
    "ALTER TABLE api_keys ALTER COLUMN id SET NOT NULL",
    """
    ALTER TABLE tasks
        ADD COLUMN key_sha256       bytea REFERENCES api_keys,
        ADD COLUMN credits_reserved numeric(16, 4) NOT NULL DEFAULT 0,
        ADD COLUMN credits_consumed numeric(16, 4) NOT NULL DEFAULT 0
    """,
    """
    -- Append-only. An account's balance is the sum of its credits here.
    CREATE TABLE ledger (
        id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account_id  text NOT NULL REFERENCES accounts,
        task_id     text,               -- the task may be gone before its entries are
        kind        text NOT NULL CHECK (kind IN ('top_up', 'reserve', 'settle', 'release')),
        credits     numeric(16, 4) NOT NULL,    -- what it adds to the balance; a reservation takes away
        note        text,
        at          timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX ledger_account ON ledger (account_id, id)",
    # A task is reserved for once, and settled or released once.
    "CREATE UNIQUE INDEX ledger_reserve ON ledger (task_id) WHERE kind = 'reserve'",
    "CREATE UNIQUE INDEX ledger_end ON ledger (task_id) WHERE kind IN ('settle', 'release')",
    """
    CREATE FUNCTION keep_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the ledger is append-only';
    END
    $$
    """,
    """
    CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION keep_ledger()
    """,
    """
    -- When something was done in the last seconds, for limits that hold across all processes. Gone after a crash,
    -- which does no harm.
    CREATE UNLOGGED TABLE paces (
        name    text PRIMARY KEY,
        times   timestamptz[] NOT NULL
    )
    """,
)


def upgrade() -> None:
    for statement in _SCHEMA:  # asyncpg takes one statement at a time
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE paces")
    op.execute("DROP TABLE ledger")
    op.execute("DROP FUNCTION keep_ledger")
    op.execute("ALTER TABLE tasks DROP COLUMN key_sha256, DROP COLUMN credits_reserved, DROP COLUMN credits_consumed")
    op.execute(
        "ALTER TABLE api_keys DROP COLUMN id, DROP COLUMN name, DROP COLUMN hour_cap, DROP COLUMN day_cap,"
        " DROP COLUMN total_cap, DROP COLUMN hour, DROP COLUMN hour_spent, DROP COLUMN day, DROP COLUMN day_spent,"
        " DROP COLUMN total_spent, DROP COLUMN allow, DROP COLUMN used_at"
    )
    op.execute("ALTER TABLE accounts DROP COLUMN balance, DROP COLUMN create_limit, DROP COLUMN query_limit")
