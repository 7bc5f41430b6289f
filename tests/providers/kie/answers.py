"""Scripted services in KIE's place, its usual answers, and orders for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from enlarger.client.wire import Reply
from enlarger.providers import Order, Submission, WireRequest
from enlarger.providers.kie import KieProvider
from enlarger.testing.exchange import Answer, Request, refusal, success
from enlarger.testing.listener import Listener
from tests.providers.kie_rig import MODEL, PICTURE, WEBHOOK_URL

TASK_ID = "5f488be792eafad4b066e21e5bc472c7"
CREATED = success({"taskId": TASK_ID, "recordId": TASK_ID})
NO_RECORD = refusal(422, "recordInfo is null")


class Scripted:
    """A service on loopback that gives these answers, the last one as often as it is asked."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._answers = list(answers)
        self.requests: list[Request] = []
        self.listener = Listener(self._answer)

    def _answer(self, request: Request) -> Answer:
        self.requests.append(request)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@contextmanager
def scripted(*answers: Answer) -> Iterator[Scripted]:
    service = Scripted(answers)
    service.listener.start()
    try:
        yield service
    finally:
        service.listener.close()


Answering = Callable[..., tuple[KieProvider, list[Request]]]


def order(**input: Any) -> Order:
    """Of a model that KIE knows by the same words."""
    input = {"prompt": "a cat", "image_urls": [PICTURE], **input}
    return Order(task_id="task-1", request=WireRequest(model=MODEL, input=input), webhook_url=WEBHOOK_URL)


def submission(*, age: float = 1000, provider_task_id: str | None = TASK_ID) -> Submission:
    sent = order()
    return Submission(
        task_id=sent.task_id,
        request=sent.request,
        submitted_at=datetime.now(UTC) - timedelta(seconds=age),
        webhook_url=sent.webhook_url,
        provider_task_id=provider_task_id,
    )


def record(state: str, **fields: Any) -> dict[str, Any]:
    return {
        "taskId": TASK_ID,
        "model": MODEL,
        "state": state,
        "param": "{}",
        "resultJson": "",
        "failCode": None,
        "failMsg": None,
        "costTime": None,
        "completeTime": None,
        "createTime": 1_786_413_261_000,
        "creditsConsumed": 0.0,
        **fields,
    }


SUCCEEDED = record(
    "success",
    resultJson='{"resultUrls":["https://example.com/1.png","https://example.com/2.png"]}',
    costTime=21,
    completeTime=1_786_413_282_000,
    creditsConsumed=4.5,
)


def reply(body: Any, *, status: int = 200, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Reply(
        status_code=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, content=content
    )


def envelope(code: int, message: str = "", data: Any = None) -> dict[str, Any]:
    return {"code": code, "msg": message, "data": data}
