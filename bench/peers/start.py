"""Starts what people build today for the same work: FastAPI with Celery and Redis, and FastAPI with Procrastinate.

Their packages are installed into an environment in the benchmark's folder; `redis-server` is Debian's. Neither of them
checks keys, inputs, pictures or signatures of webhooks, keeps budgets, or signs callbacks. A submission whose answer is
lost is sent again, and a task is lost if its process dies between inserting the row and enqueuing it.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import asyncpg
import msgspec

from bench.load import NUMBER, request_bytes
from bench.processes import free_port, running, wait_for_answer, wait_until
from bench.services import Place, Service, Start

_HERE = Path(__file__).parent
_TABLE = """
CREATE TABLE peer_tasks (
    id text PRIMARY KEY, state text NOT NULL DEFAULT 'waiting', prompt text NOT NULL, callback_url text NOT NULL,
    provider_task_id text, result text, created_at timestamptz NOT NULL DEFAULT now()
)
"""
_COMMON = ("fastapi", "uvicorn[standard]", "httpx")
_PROCESSES = 8
"""Of Celery, each of which does one thing at a time."""
_JOBS_AT_ONCE = 32
"""Of Procrastinate, in one event loop."""


def celery(fsync: str) -> Start:
    """FastAPI, Celery and Redis with an append-only file, flushed according to `fsync`."""

    @contextmanager
    def start(place: Place) -> Iterator[Service]:
        with ExitStack() as stack:
            redis_port = free_port()
            redis = stack.enter_context(
                running(
                    [
                        *("redis-server", "--port", str(redis_port), "--dir", str(place.folder), "--save", ""),
                        *("--appendonly", "yes", "--appendfsync", fsync),
                    ],
                    place.folder / "redis.log",
                    {},
                )
            )
            wait_until(lambda: "Ready to accept" in (place.folder / "redis.log").read_text(), "Redis")
            bin = _install(place, ("celery[redis]", *_COMMON))
            settings = _settings(place) | {"REDIS_URL": f"redis://127.0.0.1:{redis_port}/0"}
            worker = [str(bin / "celery"), "-A", "celery_app.queue", "worker", "--concurrency", str(_PROCESSES)]
            yield _start(stack, place, bin, "celery_app:app", [*worker, "--loglevel", "WARNING"], settings, [redis])

    return start


def procrastinate() -> Start:
    """FastAPI and Procrastinate on the service's Postgres."""

    @contextmanager
    def start(place: Place) -> Iterator[Service]:
        asyncio.run(_make_table(place.database_url))
        bin = _install(place, ("procrastinate", "psycopg[binary,pool]", *_COMMON))
        settings = _settings(place)
        command = [str(bin / "procrastinate"), "--app", "procrastinate_app.queue"]
        environment = {"PATH": f"{bin}:/usr/bin:/bin", "PYTHONPATH": str(_HERE)}
        subprocess.run(
            [*command, "schema", "--apply"],
            env=environment | settings,
            cwd=_HERE,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        worker = [*command, "worker", "--concurrency", str(_JOBS_AT_ONCE), "--delete-jobs", "successful"]
        with ExitStack() as stack:
            yield _start(stack, place, bin, "procrastinate_app:app", worker, settings, [])

    return start


def _start(
    stack: ExitStack,
    place: Place,
    bin: Path,
    app: str,
    worker: Sequence[str],
    settings: dict[str, str],
    stores: list[int],
) -> Service:
    port = int(settings["PUBLIC_URL"].rpartition(":")[2])
    log = place.folder / "api.log"
    command = [str(bin / "uvicorn"), app, "--port", str(port), "--no-access-log"]
    api = stack.enter_context(running(command, log, settings))
    wait_for_answer(f"{settings['PUBLIC_URL']}/readyz", api, log)
    working = stack.enter_context(running(worker, place.folder / "worker.log", settings))
    body = msgspec.json.encode({"prompt": NUMBER.decode(), "callback_url": f"{place.callback_url}/{NUMBER.decode()}"})
    return Service(settings["PUBLIC_URL"], request_bytes("POST", "/tasks", body=body), [api, working], stores)


async def _make_table(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(_TABLE)
    await connection.close()


def _settings(place: Place) -> dict[str, str]:
    results = place.folder / "results"
    results.mkdir()
    return {
        "PYTHONPATH": str(_HERE),
        "PROVIDER_URL": place.provider.base_url,
        "PROVIDER_KEY": place.provider.api_key,
        "PUBLIC_URL": f"http://127.0.0.1:{free_port()}",
        "FOLDER": str(results),
        "DATABASE_URL": place.database_url,
    }


def _install(place: Place, packages: Sequence[str]) -> Path:
    """Install packages into a new environment; returns the folder of its programs."""
    folder = place.folder / "environment"
    uv = shutil.which("uv") or "uv"
    subprocess.run([uv, "venv", "--quiet", str(folder)], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", str(folder), *packages], check=True)
    return folder / "bin"
