"""Requests that count once however often they are sent: after a double click, or when their answer was lost."""

from __future__ import annotations

from enlarger.infra.database import Connection
from enlarger.tasks.sql import sql


async def is_first(connection: Connection, token: str | None) -> bool:
    """Whether the request with this token has not been carried out; a part of the transaction that does so.

    A request without a token is always carried out.
    """
    return token is None or await sql.note_request(connection, token=token) is not None
