"""Postgres's plans for our statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from enlarger.infra.database import Connection


async def plan_nodes(connection: Connection, query: str, *values: Any, analyze: bool = False) -> list[dict[str, Any]]:
    """Return all nodes of the plan for a statement with these values; `analyze` runs it, and adds what it read."""
    statement = await connection.prepare(query)
    [plan] = await statement.explain(*values, analyze=analyze)
    return list(_nodes(plan["Plan"]))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
