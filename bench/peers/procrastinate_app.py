"""FastAPI and Procrastinate: tasks are rows in Postgres, and each step of one is a job of Procrastinate's."""

import json
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, Request
from procrastinate import App, PsycopgConnector, RetryStrategy
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel
from work import CREATE, HEADERS, TIMEOUT, announcement, store, submission

DATABASE_URL = os.environ["DATABASE_URL"]
queue = App(connector=PsycopgConnector(conninfo=DATABASE_URL, min_size=2, max_size=10))
pool = AsyncConnectionPool(DATABASE_URL, min_size=2, max_size=10, open=False)
http = httpx.AsyncClient(timeout=TIMEOUT)
retry = RetryStrategy(max_attempts=5, exponential_wait=2, retry_exceptions=[httpx.HTTPError])


async def opened() -> None:
    """Open the pool where it is not open yet: in the API's process or the worker's."""
    await pool.open()


@queue.task(retry=retry)
async def submit(task_id: str) -> None:
    await opened()
    async with pool.connection() as connection:
        row = await (await connection.execute("SELECT prompt FROM peer_tasks WHERE id = %s", [task_id])).fetchone()
    answer = (await http.post(CREATE, json=submission(task_id, row[0]), headers=HEADERS)).json()
    async with pool.connection() as connection:
        await connection.execute(
            "UPDATE peer_tasks SET state = 'generating', provider_task_id = %s WHERE id = %s AND state = 'waiting'",
            [answer["data"]["taskId"], task_id],
        )


@queue.task(retry=retry)
async def collect(task_id: str, url: str) -> None:
    await opened()
    path = store(task_id, (await http.get(url)).raise_for_status().content)
    async with pool.connection() as connection:
        await connection.execute("UPDATE peer_tasks SET state = 'success', result = %s WHERE id = %s", [path, task_id])
    await deliver.defer_async(task_id=task_id, path=path)


@queue.task(retry=retry)
async def deliver(task_id: str, path: str) -> None:
    await opened()
    async with pool.connection() as connection:
        found = await connection.execute("SELECT callback_url FROM peer_tasks WHERE id = %s", [task_id])
        row = await found.fetchone()
    (await http.post(row[0], json=announcement(task_id, path))).raise_for_status()


@asynccontextmanager
async def connected(_: FastAPI) -> AsyncIterator[None]:
    async with queue.open_async(), pool:
        yield


app = FastAPI(lifespan=connected)


class NewTask(BaseModel):
    prompt: str
    callback_url: str


@app.get("/readyz")
async def ready() -> dict[str, bool]:
    async with pool.connection() as connection:
        await connection.execute("SELECT 1")
    return {"ready": True}


@app.post("/tasks")
async def create(new: NewTask) -> dict[str, object]:
    task_id = uuid.uuid4().hex
    async with pool.connection() as connection:
        await connection.execute(
            "INSERT INTO peer_tasks (id, prompt, callback_url) VALUES (%s, %s, %s)",
            [task_id, new.prompt, new.callback_url],
        )
    await submit.defer_async(task_id=task_id)
    return {"code": 200, "taskId": task_id}


@app.post("/webhook/{task_id}")
async def webhook(task_id: str, request: Request) -> dict[str, bool]:
    data = (await request.json())["data"]
    await collect.defer_async(task_id=task_id, url=json.loads(data["resultJson"])["resultUrls"][0])
    return {"ok": True}
