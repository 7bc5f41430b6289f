"""What the conformance suite needs of a provider: the provider, and a world around it that does as it is told.

A module `<name>_rig.py` beside this one has `open_rig(folder)`, an asynchronous context manager that gives a `Rig`;
the suite finds it by its name. Nothing in a rig waits: time is moved by `advance` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec
import pytest

from enlarger.catalog import Model
from enlarger.protocol.webhook import Webhook
from enlarger.providers import Accepted, HostedProvider, Order, Report, Submission

Situation = Literal[
    "succeed",  # the next task ends well once `seconds` have passed
    "fail",  # the next task ends badly then
    "run",  # the next task is running until time is moved
    "refuse",  # the next submission is refused for its input; `order` makes such an order, if that takes one
    "busy",  # the next submission is refused because there are too many, with RETRY_AFTER
    "shut_out",  # the next request is answered as one that nobody may make from here
    "down",  # from now on nobody can connect to the provider
    "cut_before",  # the next submission arrives and is lost there: no answer, no task
    "cut_after",  # the next submission makes a task, and the answer is lost
    "silent",  # the next question about a task gets no usable answer
    "forget",  # the provider does not know any longer what it has taken; time may be moved
    "expire",  # what was made is deleted there; time may be moved
    "cut_fetch",  # the next download breaks off in the middle
    "cancel",  # the provider can cancel a task
    "unfit",  # there are models that the provider does not run
    "upload",  # the provider takes files
    "webhook",  # the provider announces ends, with a signature
]
Fact = Literal["cost", "seconds", "ended_at"]

RETRY_AFTER = 7
"""The seconds that a busy provider asks for."""


class Rig(Protocol):
    """A provider in its world. Every submission is counted, because in the real world each one is paid."""

    @property
    def provider(self) -> HostedProvider:
        """The one under test."""
        ...

    @property
    def cannot(self) -> frozenset[Situation]:
        """What cannot happen to this provider; those tests are skipped."""
        ...

    @property
    def tells(self) -> frozenset[Fact]:
        """What its reports say of a task that has succeeded."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that must be in no error and in no line of the log: keys, the webhook's URL, the prompt."""
        ...

    @property
    def seconds(self) -> float:
        """What a task takes there."""
        ...

    @property
    def taken(self) -> tuple[str, ...]:
        """The tasks that were made there, by the provider's ids, oldest first: what would have been paid."""
        ...

    @property
    def asked(self) -> int:
        """How many submissions have arrived there, whatever became of them."""
        ...

    def let(self, situation: Situation) -> None:
        """Let this happen; called before `order`."""
        ...

    def order(self, *, picture_url: str | None = None) -> Order:
        """Something that it can do, another one at every call; with an uploaded picture where an URL is given."""
        ...

    def now(self) -> datetime:
        """The time there."""
        ...

    def advance(self, seconds: float) -> None:
        """Let so much time pass."""
        ...

    def read_upload(self, url: str) -> bytes:
        """What lies at the address of an upload."""
        ...

    def webhook(self, provider_task_id: str, *, signed: bool = True) -> Webhook:
        """The announcement that the provider sends of a task's end; `signed` by it, or by somebody else."""
        ...


OpenRig = Callable[[Path], AbstractAsyncContextManager[Rig]]


def rig_names() -> list[str]:
    """The providers that have a rig."""
    return sorted(path.stem.removesuffix("_rig") for path in Path(__file__).parent.glob("*_rig.py"))


def load_rig(name: str) -> OpenRig:
    """What opens the rig of a provider."""
    open_rig: OpenRig = import_module(f"tests.providers.{name}_rig").open_rig
    return open_rig


def make_order(
    provider: HostedProvider, task_id: str, model: Model, input: dict[str, Any], *, webhook_url: str | None = None
) -> Order:
    """An order of a model, as the provider prepares it."""
    return Order(task_id=task_id, request=provider.prepare(model, input), webhook_url=webhook_url)


def remember(rig: Rig, order: Order, outcome: Accepted | None) -> Submission:
    """A submission as the worker remembers it; None is an outcome that nobody knows."""
    return Submission(
        task_id=order.task_id,
        request=order.request,
        submitted_at=rig.now(),
        webhook_url=order.webhook_url,
        provider_task_id=outcome.provider_task_id if outcome else None,
    )


async def heard(rig: Rig) -> Submission:
    """A submission of which nobody knows more than that an announcement without a signature named its task."""
    order = rig.order()
    outcome = await rig.provider.submit(order)
    return msgspec.structs.replace(remember(rig, order, outcome), unverified_id=True)


def need(rig: Rig, *situations: Situation) -> None:
    """Skip the test where one of these cannot happen."""
    if impossible := rig.cannot.intersection(situations):
        pytest.skip(f"{rig.provider.name} is never in this situation: {', '.join(sorted(impossible))}")


def let(rig: Rig, *situations: Situation) -> None:
    """Let these happen, or skip the test."""
    need(rig, *situations)
    for situation in situations:
        rig.let(situation)


async def submit(rig: Rig, order: Order) -> Submission:
    """Send an order; returns what is remembered of it."""
    return remember(rig, order, await rig.provider.submit(order))


async def carry_out(rig: Rig, order: Order) -> tuple[Submission, Report]:
    """Send an order and wait for its end."""
    submission = await submit(rig, order)
    rig.advance(rig.seconds)
    return submission, await rig.provider.poll(submission)
