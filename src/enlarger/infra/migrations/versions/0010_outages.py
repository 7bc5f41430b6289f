"""How often it was tried to fetch what a provider made; and refunds of cancelled tasks that turn out to be unpaid."""

from alembic import op

revision = "0010"
down_revision = "0009"

_SCHEMA = (
    "ALTER TABLE attempts ADD COLUMN fetches int NOT NULL DEFAULT 0",
    "ALTER TABLE ledger DROP CONSTRAINT ledger_kind_check",
    """
    ALTER TABLE ledger ADD CONSTRAINT ledger_kind_check
    CHECK (kind IN ('top_up', 'reserve', 'settle', 'release', 'refund'))
    """,
    "CREATE UNIQUE INDEX ledger_refund ON ledger (task_id) WHERE kind = 'refund'",
)


def upgrade() -> None:
    for statement in _SCHEMA:  # asyncpg takes one statement at a time
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX ledger_refund")  # the ledger is append-only: its refunds, and so their kind, stay
    op.execute("ALTER TABLE attempts DROP COLUMN fetches")
