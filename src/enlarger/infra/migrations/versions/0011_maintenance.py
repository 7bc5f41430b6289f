"""An operator closes the service for new tasks; all of its processes see it at once."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE maintenance (
            only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
            message     text,               -- the operator's own words for apps
            ends_at     timestamptz,        -- when it will be over, as far as the operator knows
            began_at    timestamptz NOT NULL DEFAULT now()
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE maintenance")
