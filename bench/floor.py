"""The floor of createTask and recordInfo: the same statements on the same server, and nothing else.

    uv run python -m bench.floor DATABASE_URL PORT

A hand-written app with Litestar, asyncpg and Granian. For each request it sends Postgres the same prepared statements
as the service: it looks up the key, and then reads the task, or inserts and enqueues it. It validates, counts, logs
and measures nothing, and signs no links.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any

import asyncpg
import msgspec
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server
from litestar import Litestar, Request, get, post
from litestar.params import Parameter
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.adapters.persistence.queries import Queries

from enlarger.infra.database import open_database
from enlarger.tasks.sql import sql

_COST = Decimal(4)


class _NewTask(msgspec.Struct):
    model: str
    input: dict[str, Any]
    callBackUrl: str | None = None  # noqa: N815


class _Database:
    """The statements, on a pool like the service's."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self._enqueue = Queries(AsyncpgPoolDriver(pool)).qbq.build_enqueue_query("skip")

    async def caller(self, authorization: str) -> Any:
        key = authorization.removeprefix("Bearer ")
        async with self.pool.acquire() as connection:
            return await connection.fetchrow(sql.find_caller.sql, hashlib.sha256(key.encode()).digest())

    async def find(self, task_id: str, account_id: str) -> Any:
        async with self.pool.acquire() as connection:
            return await connection.fetchrow(sql.find_task.sql, task_id, account_id)

    async def create(self, new: _NewTask, caller: Any, key: str | None, base_url: str) -> str:
        task_id = secrets.token_hex(16)
        async with self.pool.acquire() as connection:
            await connection.fetchrow(sql.find_maintenance.sql)
        async with self.pool.acquire() as connection, connection.transaction():
            if key is not None:
                await connection.execute(sql.wait_briefly.sql)
            row: Any = await connection.fetchrow(
                sql.insert_task.sql,
                task_id,
                caller["account_id"],
                caller["key_sha256"],
                new.model,
                new.input,
                msgspec.json.encode(new).decode(),
                new.callBackUrl,
                base_url,
                key,
                b"",
                _COST if caller["has_balance"] else Decimal(0),
                6.0,
                None,
                None,
                1.0,
            )
            if caller["has_balance"]:
                await connection.fetchval(sql.reserve_credits.sql, _COST, caller["account_id"], task_id)
            await connection.fetch(
                self._enqueue,
                [-row["turn"]],
                ["dispatch"],
                [task_id.encode()],
                [timedelta(0)],
                [f"dispatch:{task_id}"],
                ["null"],
            )
        return task_id


@post("/api/v1/jobs/createTask", status_code=200)
async def create_task(
    request: Request[Any, Any, Any],
    data: _NewTask,
    authorization: Annotated[str, Parameter(header="Authorization")],
    idempotency_key: Annotated[str | None, Parameter(header="Idempotency-Key")] = None,
) -> dict[str, Any]:
    database: _Database = request.app.state.database
    caller = await database.caller(authorization)
    task_id = await database.create(data, caller, idempotency_key, "http://127.0.0.1")
    return {"code": 200, "msg": "success", "message": "success", "data": {"taskId": task_id, "recordId": task_id}}


@get("/api/v1/jobs/recordInfo")
async def record_info(
    request: Request[Any, Any, Any],
    authorization: Annotated[str, Parameter(header="Authorization")],
    task_id: Annotated[str, Parameter(query="taskId")],
) -> dict[str, Any]:
    database: _Database = request.app.state.database
    caller = await database.caller(authorization)
    row = await database.find(task_id, caller["account_id"])
    completed, result = row["completed_at"], row["result"]
    urls = [f"http://127.0.0.1/files/{file['id']}/{file['name']}" for file in result["files"]] if result else []
    record = {
        "taskId": row["id"],
        "model": row["model"],
        "state": row["state"],
        "param": row["param"],
        "resultJson": msgspec.json.encode({"resultUrls": urls}).decode() if urls else "",
        "failCode": row["fail_code"],
        "failMsg": row["fail_message"],
        "costTime": round((completed - row["created_at"]).total_seconds()) if completed else None,
        "completeTime": int(completed.timestamp() * 1000) if completed else None,
        "createTime": int(row["created_at"].timestamp() * 1000),
        "creditsConsumed": float(row["credits_consumed"]),
        "updateTime": int(row["updated_at"].timestamp() * 1000),
        "progress": row["progress"],
    }
    return {"code": 200, "msg": "success", "message": "success", "data": record}


@get("/readyz")
async def ready() -> str:
    return "ready"


async def serve(url: str, port: int) -> None:
    """Answer on `port` until the process is ended."""

    @asynccontextmanager
    async def connected(app: Litestar) -> AsyncIterator[None]:
        async with open_database(url) as database:
            app.state.database = _Database(database.pool)
            yield

    app = Litestar([create_task, record_info, ready], lifespan=[connected], openapi_config=None, logging_config=None)
    async with app.lifespan():
        await Server(
            app,
            address="127.0.0.1",
            port=port,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            websockets=False,
            log_enabled=False,
        ).serve()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
