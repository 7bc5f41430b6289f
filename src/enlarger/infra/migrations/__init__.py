"""The database's schema, as Alembic revisions in plain SQL, and the calls that bring a database up to date."""

from enlarger.infra.migrations.migrate import (
    bring_to,
    check_server,
    lock_for_migrating,
    migrate,
    migrate_when_up,
)

__all__ = ["bring_to", "check_server", "lock_for_migrating", "migrate", "migrate_when_up"]
