"""The statements of `queries.sql`, by name."""

from enlarger.infra.database import load_queries

sql = load_queries("enlarger.bot")
