"""The stand-in's callbacks, to a receiver of the test's own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from enlarger.protocol.signatures import sign_task
from enlarger.testing import HandClock, StandIn
from enlarger.testing.exchange import Answer, Request
from enlarger.testing.listener import Listener
from tests.testing.caller import PROMPT, calling


class Receiver:
    """An app that is called back; `statuses` are its next answers, then it takes everything."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.requests: list[Request] = []
        self.url = ""

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        return Answer(status=self.statuses.pop(0) if self.statuses else 200)


@contextmanager
def listening(receiver: Receiver) -> Iterator[Receiver]:
    listener = Listener(receiver.answer)
    try:
        listener.start()
        receiver.url = f"{listener.url}/hook?id=1"
        yield receiver
    finally:
        listener.close()


def test_success_is_announced_with_the_record() -> None:
    service = StandIn(seconds=0, callback_delay=0)
    with listening(Receiver()) as receiver, calling(service) as caller:
        task_id = caller.create(callBackUrl=receiver.url)
        (delivery,) = service.wait_for_callbacks()
        record = caller.record(task_id)
    (request,) = receiver.requests
    body = json.loads(request.body)
    assert (request.method, request.path, request.query) == ("POST", "/hook", {"id": "1"})
    assert request.headers["content-type"] == "application/json"
    assert "x-webhook-signature" not in request.headers
    assert list(body) == ["code", "msg", "data"]
    assert (body["code"], body["msg"]) == (200, "Playground task completed successfully.")
    assert body["data"] == record | {"updateTime": record["completeTime"]}
    assert (delivery.task_id, delivery.status, delivery.attempt, delivery.delivered) == (task_id, 200, 1, True)


def test_failure_is_announced_with_501() -> None:
    service = StandIn(seconds=0, callback_delay=0)
    with listening(Receiver()) as receiver, calling(service) as caller:
        service.fail_next("No.", "400")
        caller.create(callBackUrl=receiver.url)
        service.wait_for_callbacks()
    body = json.loads(receiver.requests[0].body)
    assert (body["code"], body["msg"]) == (501, "Playground task failed.")
    assert (body["data"]["state"], body["data"]["failCode"], body["data"]["failMsg"]) == ("fail", "400", "No.")
    assert body["data"]["resultJson"] is None


def test_a_callback_is_signed_when_there_is_a_key() -> None:
    service = StandIn(seconds=0, callback_delay=0, webhook_key="secret", clock=HandClock(1_786_413_261.9))
    with listening(Receiver()) as receiver, calling(service) as caller:
        task_id = caller.create(callBackUrl=receiver.url)
        service.wait_for_callbacks()
    headers = receiver.requests[0].headers
    assert headers["x-webhook-timestamp"] == "1786413261"
    assert headers["x-webhook-signature"] == sign_task(task_id, 1786413261, "secret")


def test_a_callback_waits_for_the_end_and_for_its_delay() -> None:
    clock = HandClock(100.0)
    service = StandIn(seconds=5, callback_delay=1, clock=clock)
    with listening(Receiver()) as receiver, calling(service) as caller:
        caller.create(callBackUrl=receiver.url)
        with pytest.raises(TimeoutError):
            service.wait_for_callbacks(timeout=0.03)
        clock.advance(5)
        assert service.wait_for_callbacks()[0].at == 105.0


def test_a_callback_is_tried_three_times() -> None:
    service = StandIn(seconds=0, callback_delay=0)
    with listening(Receiver(500, 503, 404)) as receiver, calling(service) as caller:
        caller.create(callBackUrl=receiver.url)
        deliveries = service.wait_for_callbacks(3)
        caller.create(callBackUrl=receiver.url)
        last = service.wait_for_callbacks(4)[3]
    assert [(delivery.attempt, delivery.status) for delivery in deliveries] == [(1, 500), (2, 503), (3, 404)]
    assert not any(delivery.delivered for delivery in deliveries)
    assert (last.attempt, last.delivered) == (1, True)


@pytest.mark.parametrize(
    ("url", "problem"), [("https://example.com/hook", "only"), ("http://127.0.0.1:1/hook", "ConnectionRefusedError")]
)
def test_what_cannot_be_reached_is_written_down(url: str, problem: str) -> None:
    service = StandIn(seconds=0, callback_delay=0)
    with calling(service) as caller:
        caller.create(callBackUrl=url)
        deliveries = service.wait_for_callbacks(3)
        assert caller.record(deliveries[0].task_id)["state"] == "success"
    assert {delivery.status for delivery in deliveries} == {None}
    assert all(problem in str(delivery.problem) for delivery in deliveries)


def test_several_callbacks_are_sent_at_a_time() -> None:
    both = threading.Barrier(2)

    class Gathering(Receiver):
        """Answers a callback when another one is there, too."""

        def answer(self, request: Request) -> Answer:
            both.wait(60)
            return super().answer(request)

    service = StandIn(seconds=0, callback_delay=0, callbacks_at_once=2)
    with listening(Gathering()) as receiver, calling(service) as caller:
        for _ in range(2):
            caller.create(callBackUrl=receiver.url)
        deliveries = service.wait_for_callbacks(2, timeout=60)
    assert [delivery.status for delivery in deliveries] == [200, 200]


def test_leaving_does_not_wait_for_a_receiver() -> None:
    arrived, leave = threading.Event(), threading.Event()

    class Silent(Receiver):
        def answer(self, request: Request) -> Answer:
            arrived.set()
            leave.wait(60)
            return super().answer(request)

    service = StandIn(seconds=0, callback_delay=0)
    with listening(Silent()) as receiver:
        with calling(service) as caller:
            caller.create(PROMPT, callBackUrl=receiver.url)
            assert arrived.wait(60)
            started = time.monotonic()
        assert time.monotonic() - started < 30
        leave.set()
    (delivery,) = service.callbacks
    assert delivery.status is None
