"""Console sessions, one-time sign-in links, and administrators' keys."""

from alembic import op

revision = "0015"
down_revision = "0014"

_SCHEMA = (
    "ALTER TABLE api_keys ADD COLUMN admin boolean NOT NULL DEFAULT false",
    """
    CREATE TABLE sessions (
        token_sha256 bytea PRIMARY KEY,
        key_sha256 bytea NOT NULL REFERENCES api_keys (sha256) ON DELETE CASCADE,
        admin boolean NOT NULL,
        expires_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX sessions_expiry ON sessions (expires_at)",
    """
    CREATE TABLE sign_in_links (
        token_sha256 bytea PRIMARY KEY,
        key_sha256 bytea NOT NULL REFERENCES api_keys (sha256) ON DELETE CASCADE,
        admin boolean NOT NULL,
        expires_at timestamptz NOT NULL
    )
    """,
)


def upgrade() -> None:
    for statement in _SCHEMA:  # asyncpg takes one statement at a time
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE sessions, sign_in_links")
    op.execute("ALTER TABLE api_keys DROP COLUMN admin")
