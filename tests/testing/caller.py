"""How the tests of the stand-in talk to it: real HTTP over loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

from enlarger.testing import StandIn

CREATE = "/api/v1/jobs/createTask"
RECORD = "/api/v1/jobs/recordInfo"
CREDIT = "/api/v1/chat/credit"
PROMPT: dict[str, Any] = {"model": "google/nano-banana", "input": {"prompt": "A bright room"}}


class Caller:
    """A client of one stand-in."""

    def __init__(self, service: StandIn, http: httpx2.Client) -> None:
        self.service = service
        self.http = http

    def post(self, path: str, body: Any, **options: Any) -> dict[str, Any]:
        reply: dict[str, Any] = self.http.post(path, json=body, **options).json()
        return reply

    def get(self, path: str, **params: str) -> dict[str, Any]:
        reply: dict[str, Any] = self.http.get(path, params=params).json()
        return reply

    def create(self, body: dict[str, Any] = PROMPT, **more: Any) -> str:
        reply = self.post(CREATE, {**body, **more})
        assert reply["code"] == 200, reply
        return str(reply["data"]["taskId"])

    def record(self, task_id: str) -> dict[str, Any]:
        reply = self.get(RECORD, taskId=task_id)
        assert reply["code"] == 200, reply
        data: dict[str, Any] = reply["data"]
        return data

    def result_urls(self, task_id: str) -> list[str]:
        urls: list[str] = json.loads(self.record(task_id)["resultJson"])["resultUrls"]
        return urls


@contextmanager
def calling(service: StandIn) -> Iterator[Caller]:
    """Start a stand-in, and a client of it that has the key."""
    headers = {"Authorization": f"Bearer {service.api_key}"}
    with service, httpx2.Client(base_url=service.base_url, headers=headers, verify=False) as http:
        yield Caller(service, http)
