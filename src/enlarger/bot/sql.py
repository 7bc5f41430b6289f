"""The statements of `queries.sql`, by name."""

from typing import Any

from enlarger.infra.named_sql import load_queries

sql: Any = load_queries("enlarger.bot")
