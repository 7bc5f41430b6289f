"""The database's schema, as Alembic revisions in plain SQL, and the calls that bring a database up to date."""

from enlarger.infra.migrations.migrate import (
    OLDEST_POSTGRES,
    bring_to,
    check_server,
    lock_for_migrating,
    migrate,
    migrate_when_up,
    newest_revision,
    revision_of,
)

__all__ = [
    "OLDEST_POSTGRES",
    "bring_to",
    "check_server",
    "lock_for_migrating",
    "migrate",
    "migrate_when_up",
    "newest_revision",
    "revision_of",
]
