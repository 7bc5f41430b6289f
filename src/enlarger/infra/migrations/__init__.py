"""The database's schema, as Alembic revisions in plain SQL, and the one call that brings a database up to date."""

from enlarger.infra.migrations.migrate import migrate, migrate_when_up

__all__ = ["migrate", "migrate_when_up"]
