"""The app: creates tasks at a constant rate, retries until each is answered, cancels some, and reads others."""

from __future__ import annotations

import asyncio
import base64
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx2
import msgspec

from bench.soak.providers import prompt_of
from bench.soak.receivers import Receiver
from enlarger.testing.pictures import draw_picture

_AGAIN = (409, 429, 500, 502, 503, 504)
_REFUSED = 402
_CONNECTIONS = 32
_LONGEST_PAUSE = 3.0
_LOOK_SECONDS = 0.2
ENDS = ("success", "fail")


@dataclass
class Wanted:
    """A task that the app wants, and the answers about it."""

    number: int
    account: str
    callback: int | None
    """The number of the receiver."""
    body: dict[str, Any]
    cancel_after: float | None
    ids: set[str] = field(default_factory=set)
    refused: bool = False
    """For want of credits: there must be no task."""
    requests: int = 0
    cancelled: bool = False

    @property
    def id(self) -> str:
        """The task's id, once it is made."""
        return next(iter(self.ids), "")


class App:
    """One app with several accounts."""

    def __init__(self, url: str, keys: dict[str, str], receivers: Sequence[Receiver], seed: int) -> None:
        self.wanted: dict[int, Wanted] = {}
        self.wrong: list[str] = []
        """Wrong answers."""
        self.answers: Counter[str] = Counter()
        self.slowest = 0.0
        """The longest time to create a task, including all retries, in seconds."""
        self.client = httpx2.AsyncClient(
            base_url=url, timeout=40, trust_env=False, limits=httpx2.Limits(max_connections=_CONNECTIONS)
        )
        self.keys = keys
        self._receivers = receivers
        self._seed = seed
        self._last: dict[str, tuple[str, Any]] = {}
        """The end of each finished task, by its id."""

    @property
    def accounts(self) -> list[str]:
        """The names of its accounts."""
        return list(self.keys)

    async def create(self, rate: float, seconds: float) -> None:
        """Create tasks for so many seconds, and wait until each is created or refused."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            number = 0
            while (due := number / rate) < seconds:
                await asyncio.sleep(max(0.0, began + due - time.monotonic()))
                wanted = self._want(number)
                self.wanted[number] = wanted
                group.create_task(self._make(wanted))
                number += 1

    async def look(self) -> None:
        """Read records until cancelled, and check that the end of a task never changes."""
        chance = Random()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            made = [one for one in chance.choices(list(self.wanted.values()), k=3) if one.id] if self.wanted else []
            for one in made:
                answer = await self.ask("GET", "/api/v1/jobs/recordInfo", one.account, params={"taskId": one.id})
                if answer is None or answer["code"] in _AGAIN:
                    continue
                if answer["code"] != 200:
                    self.wrong.append(f"recordInfo of {one.id}: {answer}")
                    continue
                state, result = answer["data"]["state"], answer["data"].get("failCode")
                if (last := self._last.get(one.id)) is not None and last != (state, result):
                    self.wrong.append(f"task {one.id} was {last}, and is {(state, result)}")
                elif state in ENDS:
                    self._last[one.id] = state, result

    async def ask(self, method: str, path: str, account: str, **arguments: Any) -> dict[str, Any] | None:
        """The answer to a request; None when there is none."""
        headers = {"Authorization": f"Bearer {self.keys[account]}", **arguments.pop("headers", {})}
        try:
            answer: dict[str, Any] = (await self.client.request(method, path, headers=headers, **arguments)).json()
        except (httpx2.HTTPError, ValueError) as error:
            self.answers[type(error).__name__] += 1
            return None
        self.answers[str(answer.get("code"))] += 1
        return answer

    def _want(self, number: int) -> Wanted:
        chance = Random(f"{self._seed} task {number}")
        account = chance.choices(("shop", "studio", "trial"), (5, 3, 2))[0]
        receiver = chance.randrange(len(self._receivers)) if chance.random() < 0.9 else None
        body: dict[str, Any] = {"model": "google/nano-banana", "input": {"prompt": prompt_of(number)}}
        if chance.random() < 0.2:
            picture = base64.b64encode(draw_picture(f"input {number}")).decode()
            body["model"] = "google/nano-banana-edit"
            body["input"]["image_urls"] = [f"data:image/png;base64,{picture}"]
        if receiver is not None:
            body["callBackUrl"] = self._receivers[receiver].url
        cancel_after = chance.uniform(0.0, 10.0) if chance.random() < 0.04 else None
        return Wanted(number, account, receiver, body, cancel_after)

    async def _make(self, wanted: Wanted) -> None:
        began = time.monotonic()
        headers = {"Idempotency-Key": f"soak-{wanted.number}", "Content-Type": "application/json"}
        content = msgspec.json.encode(wanted.body)
        pause = 0.1
        while True:
            wanted.requests += 1
            answer = await self.ask("POST", "/api/v1/jobs/createTask", wanted.account, headers=headers, content=content)
            if answer is not None and answer["code"] not in _AGAIN:
                break
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        self.slowest = max(self.slowest, time.monotonic() - began)
        if answer["code"] == 200:
            wanted.ids.add(answer["data"]["taskId"])
            await self._go_on(wanted, headers, content)
        elif answer["code"] == _REFUSED:
            wanted.refused = True
        else:
            self.wrong.append(f"createTask of {wanted.number}: {answer}")

    async def _go_on(self, wanted: Wanted, headers: dict[str, str], content: bytes) -> None:
        """Repeat some requests that were answered, and cancel some tasks."""
        if wanted.number % 10 == 0:
            again = await self.ask("POST", "/api/v1/jobs/createTask", wanted.account, headers=headers, content=content)
            if again is not None and again["code"] == 200:
                wanted.ids.add(again["data"]["taskId"])
        if wanted.cancel_after is None:
            return
        await asyncio.sleep(wanted.cancel_after)
        while True:
            answer = await self.ask("POST", f"/v1/tasks/{wanted.id}/cancel", wanted.account)
            if answer is not None and answer["code"] not in _AGAIN:
                break
            await asyncio.sleep(_LONGEST_PAUSE)
        if answer["code"] == 200:
            wanted.cancelled = True
        else:
            self.wrong.append(f"cancelling {wanted.id}: {answer}")
