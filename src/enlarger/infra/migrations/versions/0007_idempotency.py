"""Idempotency keys are kept as hashes: apps put what they like into them, and they are only ever compared."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(
        "UPDATE tasks SET idempotency_key = encode(sha256(convert_to(idempotency_key, 'UTF8')), 'hex')"
        " WHERE idempotency_key IS NOT NULL"
    )


def downgrade() -> None:
    pass  # what was hashed cannot be told
