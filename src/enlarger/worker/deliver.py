"""Tells an app that its task has ended, at least once, and again for days if the app does not answer.

A delivery that fails never touches its task, and no receiver waits for another.
"""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

import structlog
from msgspec import Struct
from msgspec.structs import replace

from enlarger.infra import tracing
from enlarger.infra.callback_hosts import CallbackHosts
from enlarger.infra.safe_http import describe
from enlarger.monitoring.instruments import note_try
from enlarger.tasks.deliveries import DeliveryStore, NewTry
from enlarger.tasks.records import Task
from enlarger.worker.callback import Answer, CallbackSender
from enlarger.worker.receivers import Receivers

_HOUR = 3600
_NOW = timedelta(0)

_log = structlog.get_logger("enlarger.worker")


class DeliverConfig(Struct, frozen=True, kw_only=True):
    """How often and when a callback is sent again."""

    pauses: tuple[float, ...] = (5, 30, 120, 600, 1800, *(hours * _HOUR for hours in (1, 3, 6, 12, 24, 28)))
    """Seconds between the tries: about 75 hours in all. There is one try more than there are pauses."""


class Deliverer:
    """The duty behind the queue's entrypoint `deliver`."""

    def __init__(
        self,
        deliveries: DeliveryStore,
        sender: CallbackSender,
        hosts: CallbackHosts,
        receivers: Receivers,
        stopping: asyncio.Event,
        config: DeliverConfig | None = None,
    ) -> None:
        """`hosts` are those that the operator lets be called; once `stopping` is set no try is waited for."""
        self._deliveries = deliveries
        self._sender = sender
        self._hosts = hosts
        self._receivers = receivers
        self._stopping = stopping
        self._pauses = (config or DeliverConfig()).pauses

    async def __call__(self, task_id: str) -> timedelta | None:
        """Send a task's callback; returns how long to wait before it is tried again, None when it is settled.

        A callback whose receiver has enough to do leaves the queue for a line, and is called from there.
        """
        owed = await self._deliveries.pending(task_id)
        if owed is None:
            return None
        task, tries = owed
        assert task.callback_url is not None
        receiver = describe(task.callback_url)
        if not self._hosts.permit(task.callback_url):
            return await self._note(task, tries, Answer(at=self._deliveries.now(), words="not allowed", seconds=0), {})
        line = self._receivers.line(receiver)
        if line is not None:
            await self._deliveries.wait(task_id, line)
            if self._receivers.line(receiver) != line:
                # Those ahead may have been done before it stood in the line, and then nobody would call it.
                await self._deliveries.call(self._receivers.places(receiver))
            return None
        visit = self._receivers.enter(receiver)
        answer = None
        try:
            with tracing.task_span("callback", task.trace_parent, task_id=task.id, tries=tries + 1):
                answer = await self._send(task)
                tracing.note(answer=answer.words if answer else None)
        finally:
            self._receivers.leave(visit, answer.seconds if answer and answer.answered else None)
        places = self._receivers.places(receiver)
        if answer is None:
            await self._deliveries.call(places)
            return _NOW
        return await self._note(task, tries, answer, places)

    async def _send(self, task: Task) -> Answer | None:
        """What a try came to; None when the worker is stopped before that is known."""
        sending = asyncio.create_task(self._sender.send(task))
        stopped = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait((sending, stopped), return_when=asyncio.FIRST_COMPLETED)
            return sending.result() if sending.done() else None
        finally:
            sending.cancel()
            stopped.cancel()
            await asyncio.wait((sending, stopped))

    async def _note(self, task: Task, tries: int, answer: Answer, places: dict[str, int]) -> timedelta | None:
        """Write a try down, and who may be called next; returns the pause before the next one of this task."""
        log = _log.bind(task_id=task.id, to=describe(task.callback_url or ""), answer=answer.words)
        new = NewTry(at=answer.at, milliseconds=round(answer.seconds * 1000), answer=answer.words, state="delivered")
        if answer.accepted:
            await self._deliveries.note(task.id, new, places)
            note_try("delivered", answer.at - task.completed_at if task.completed_at else None)
            log.info("callback_delivered")
            return None
        if answer.gone or tries >= len(self._pauses):
            await self._deliveries.note(task.id, replace(new, state="given_up"), places)
            note_try("given_up")
            log.warning("callback_given_up", tries=tries + 1)
            return None
        seconds = max(self._pauses[tries] * random.uniform(0.8, 1.2), answer.rest * random.uniform(1.0, 1.1))
        pause = timedelta(seconds=seconds)
        await self._deliveries.note(task.id, replace(new, state="pending", pause=pause), places)
        note_try("failed")
        log.info("callback_failed", again_in=round(pause.total_seconds()))
        return pause
