"""Starts this service in its own processes to run whole tasks, and defines what any service is started with."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import msgspec

from bench.load import NUMBER, request_bytes
from bench.processes import free_port, running, wait_for_answer
from bench.stand_ins import WEBHOOK_KEY, Provider

_KEY = "enl_bench"
_ENLARGER = [sys.executable, "-m", "enlarger"]
_NO_LIMIT = "100000/1"


class Place(msgspec.Struct, frozen=True):
    """What a service needs to start."""

    database_url: str
    folder: Path
    provider: Provider
    callback_url: str


class Service(msgspec.Struct, frozen=True):
    """A running service."""

    url: str
    request: bytes
    """Creates a task."""
    pids: list[int]
    stores: list[int] = []
    """The processes that keep its state, in addition to Postgres."""


class Layout(msgspec.Struct, frozen=True):
    """How many processes the service has; 0 and 0 means one `enlarger up`."""

    serve: int = 0
    worker: int = 0

    def __str__(self) -> str:
        return f"serve x{self.serve}, worker x{self.worker}" if self.serve else "up"


Start = Callable[[Place], AbstractContextManager[Service]]


def enlarger(layout: Layout, *, polling: bool = False, settings: dict[str, str] | None = None) -> Start:
    """This service. With `polling` it has no public URL, and therefore no webhooks."""

    @contextmanager
    def start(place: Place) -> Iterator[Service]:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        common = {
            "DATABASE_URL": place.database_url,
            "ENLARGER_STORAGE_URL": str(place.folder / "files"),
            "ENLARGER_API_KEY": _KEY,
            "ENLARGER_ALLOW_PRIVATE": "127.0.0.1",
            "KIE_API_KEY": place.provider.api_key,
            "ENLARGER_KIE_BASE_URL": place.provider.base_url,
            "ENLARGER_KIE_UPLOAD_URL": place.provider.upload_url,
            "ENLARGER_KIE_CONCURRENCY": "1000000",
            "ENLARGER_KIE_CREATES": _NO_LIMIT,
            "ENLARGER_KIE_QUERIES": _NO_LIMIT,
        }
        if not polling:
            common |= {"ENLARGER_PUBLIC_URL": url, "ENLARGER_KIE_WEBHOOK_KEY": WEBHOOK_KEY}
        common |= settings or {}
        with ExitStack() as stack:

            def part(name: str, *arguments: str) -> tuple[int, Path]:
                log = place.folder / f"{name}.log"
                own = common | {"ENLARGER_DATA_DIR": str(place.folder / name)}
                return stack.enter_context(running([*_ENLARGER, *arguments], log, own)), log

            if layout.serve:
                front, log = part("serve", "serve", "--processes", str(layout.serve), "--port", str(port))
            else:
                front, log = part("up", "up", "--port", str(port))
            wait_for_answer(f"{url}/readyz", front, log)
            workers = [part(f"worker-{number}", "worker", "--processes", "1")[0] for number in range(layout.worker)]
            yield Service(url=url, request=_create_task(place.callback_url), pids=[front, *workers])

    return start


def _create_task(callback_url: str) -> bytes:
    body = {
        "model": "google/nano-banana",
        "input": {"prompt": NUMBER.decode()},
        "callBackUrl": f"{callback_url}/{NUMBER.decode()}",
    }
    headers = {"Authorization": f"Bearer {_KEY}"}
    return request_bytes("POST", "/api/v1/jobs/createTask", body=msgspec.json.encode(body), headers=headers)
