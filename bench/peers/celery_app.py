"""FastAPI, Celery and Redis: tasks are hashes in Redis, and each step of one is a task of Celery's."""

import json
import os
import uuid

import httpx
import redis
import redis.asyncio
from celery import Celery
from fastapi import FastAPI, Request
from pydantic import BaseModel
from work import CREATE, HEADERS, TIMEOUT, announcement, store, submission

REDIS_URL = os.environ["REDIS_URL"]
queue = Celery("peers", broker=REDIS_URL)
queue.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
)
database = redis.Redis.from_url(REDIS_URL, decode_responses=True)
http = httpx.Client(timeout=TIMEOUT)


@queue.task(autoretry_for=(httpx.HTTPError,), retry_backoff=True)
def submit(task_id: str) -> None:
    prompt = database.hget(task_id, "prompt")
    answer = http.post(CREATE, json=submission(task_id, prompt), headers=HEADERS).json()
    database.hset(task_id, mapping={"state": "generating", "provider_task_id": answer["data"]["taskId"]})


@queue.task(autoretry_for=(httpx.HTTPError,), retry_backoff=True)
def collect(task_id: str, url: str) -> None:
    path = store(task_id, http.get(url).raise_for_status().content)
    database.hset(task_id, mapping={"state": "success", "result": path})
    deliver.delay(task_id, path)


@queue.task(autoretry_for=(httpx.HTTPError,), retry_backoff=True)
def deliver(task_id: str, path: str) -> None:
    callback_url = database.hget(task_id, "callback_url")
    http.post(callback_url, json=announcement(task_id, path)).raise_for_status()


app = FastAPI()
tasks = redis.asyncio.Redis.from_url(REDIS_URL, decode_responses=True)


class NewTask(BaseModel):
    prompt: str
    callback_url: str


@app.get("/readyz")
async def ready() -> dict[str, bool]:
    return {"ready": bool(await tasks.ping())}


@app.post("/tasks")
async def create(new: NewTask) -> dict[str, object]:
    task_id = uuid.uuid4().hex
    await tasks.hset(task_id, mapping={"state": "waiting", **new.model_dump()})
    submit.delay(task_id)
    return {"code": 200, "taskId": task_id}


@app.post("/webhook/{task_id}")
async def webhook(task_id: str, request: Request) -> dict[str, bool]:
    data = (await request.json())["data"]
    collect.delay(task_id, json.loads(data["resultJson"])["resultUrls"][0])
    return {"ok": True}
