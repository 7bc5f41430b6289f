"""SQL statements by name, from the `.sql` files of a package."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from importlib.resources import files
from typing import Any, cast

import aiosql
import asyncpg
from aiosql.adapters.asyncpg import AsyncPGAdapter

from enlarger.infra.database import Connection


class _ConnectionAdapter(AsyncPGAdapter):
    """Executes statements on connections.

    aiosql's own adapter also accepts pools. To tell them apart it searches `dir(connection)` before each statement,
    which takes 40 % as long as a round trip to Postgres.
    """

    async def select(
        self, conn: Connection, query_name: str, sql: str, parameters: Any, *_: Any
    ) -> AsyncIterator[asyncpg.Record]:
        for row in await conn.fetch(sql, *self._order(query_name, parameters)):
            yield row

    async def select_one(
        self, conn: Connection, query_name: str, sql: str, parameters: Any, *_: Any
    ) -> asyncpg.Record | None:
        return await conn.fetchrow(sql, *self._order(query_name, parameters))

    async def select_value(self, conn: Connection, query_name: str, sql: str, parameters: Any) -> Any:
        return await conn.fetchval(sql, *self._order(query_name, parameters))

    async def insert_update_delete(self, conn: Connection, query_name: str, sql: str, parameters: Any) -> str:
        status: str = await conn.execute(sql, *self._order(query_name, parameters))
        return status

    def _order(self, query_name: str, parameters: Mapping[str, Any]) -> list[Any]:
        """The parameters, ordered by their numbers in the statement."""
        return [parameters[name] for name in self.var_sorted[query_name]]


def load_queries(package: str) -> Any:
    """The SQL of a package's `.sql` files, a method a statement; aiosql's format."""
    pages = [page for page in files(package).iterdir() if page.name.endswith(".sql")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    return aiosql.from_str(text, cast(Any, _ConnectionAdapter))
