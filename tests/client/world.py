"""A world for the client's rules: answers that are told beforehand, and a clock that only pauses move."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec

from enlarger.client.core import Core
from enlarger.client.effects import Call, Flow, NoAnswer, NotSent, Now, Pause, Save, Send
from enlarger.client.options import Options, load_options
from enlarger.client.wire import Reply, Request
from enlarger.protocol.extensions import HEADER, write_extensions

T = TypeVar("T")
Answer = Reply | Exception

OURS = {HEADER.lower(): write_extensions()}
TASK_ID = "5f488be792eafad4b066e21e5bc472c7"


def options(**changes: Any) -> Options:
    return load_options({"api_key": "key", **changes}, {})


def core(**changes: Any) -> Core:
    return Core(options(**changes))


def reply(data: Any = None, *, code: int = 200, message: str = "success", status: int = 200, **headers: str) -> Reply:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(
        status_code=status, headers=names, content=msgspec.json.encode({"code": code, "msg": message, "data": data})
    )


def created() -> Reply:
    return reply({"taskId": TASK_ID, "recordId": TASK_ID})


def record(state: str, **fields: Any) -> Reply:
    result = '{"resultUrls":["https://example.com/1.png"]}' if state == "success" else ""
    return reply({"taskId": TASK_ID, "model": "m", "state": state, "resultJson": result, **fields})


def page(status: int) -> Reply:
    return Reply(status_code=status, headers={"content-type": "text/html"}, content=b"<html>Bad gateway</html>")


NO_RECORD = reply(None, code=422, message="recordInfo is null")
LOST = NoAnswer("ReadTimeout")
REFUSED = NotSent("ConnectError")


class World:
    """Carries flows out; the last answer is given as often as it is asked for."""

    def __init__(self, answers: Iterable[Answer] | Callable[[Request, float], Answer]) -> None:
        self._answers = answers if callable(answers) else list(answers)
        self.time = 1000.0
        self.sent: list[Request] = []
        self.pauses: list[float] = []

    def run(self, flow: Flow[T]) -> T:
        try:
            step = next(flow)
            while True:
                try:
                    answer = self._carry_out(step)
                except (NotSent, NoAnswer) as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(answer)
        except StopIteration as end:
            value: T = end.value
            return value

    @property
    def creates(self) -> int:
        return sum(request.path.endswith("createTask") for request in self.sent)

    def _carry_out(self, step: Any) -> Any:
        match step:
            case Send(request):
                self.sent.append(request)
                return self._answer(request)
            case Pause(seconds, _):
                assert seconds > 0
                self.pauses.append(seconds)
                self.time += seconds
            case Now():
                return self.time
            case Call(function, _):
                value = function()
                assert not inspect.isawaitable(value)
                return value
            case Save():
                raise AssertionError("nothing is saved here")
        return None

    def _answer(self, request: Request) -> Reply:
        if callable(self._answers):
            answer = self._answers(request, self.time - 1000.0)
        else:
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer
