"""The database's schema, as Alembic revisions in plain SQL, and the one call that brings a database up to date."""

from enlarger.infra.migrations.migrate import (
    OLDEST_POSTGRES,
    migrate,
    migrate_when_up,
    newest_revision,
    revision_of,
)

__all__ = ["OLDEST_POSTGRES", "migrate", "migrate_when_up", "newest_revision", "revision_of"]
