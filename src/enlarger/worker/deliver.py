"""Tells an app that its task has ended, at least once, and again for days if the app does not answer.

The body is the hosted service's. A delivery that fails never touches its task.
"""

from __future__ import annotations

import random
from datetime import timedelta

import httpx2
import msgspec
import structlog

from enlarger.errors import SourceUnavailable
from enlarger.infra.links import Links
from enlarger.infra.safe_http import Allowed, GuardedTransport, describe
from enlarger.protocol.records import encode_callback
from enlarger.tasks.deliveries import DeliveryStore
from enlarger.tasks.records import Task
from enlarger.tasks.wire import to_record

_ANSWER_SECONDS = 15.0
_GONE = 410
_HOUR = 3600
_PAUSES = (5, 30, 120, 600, 1800, _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, 24 * _HOUR, 28 * _HOUR)
"""Seconds between tries: about 75 hours in all."""

_log = structlog.get_logger("enlarger.worker")


class Deliver:
    """The duty behind the queue's entrypoint `deliver`."""

    def __init__(
        self,
        deliveries: DeliveryStore,
        links: Links,
        allowed: Allowed,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._deliveries = deliveries
        self._links = links
        self._client = httpx2.AsyncClient(
            transport=GuardedTransport(allowed, transport),
            timeout=_ANSWER_SECONDS,
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": "enlarger", "Content-Type": "application/json"},
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def __call__(self, task_id: str) -> timedelta | None:
        """Send a task's callback; returns how long to wait before it is tried again, None when it is settled."""
        owed = await self._deliveries.pending(task_id)
        if owed is None:
            return None
        task, tries = owed
        accepted, answer = await self._post(task)
        log = _log.bind(task_id=task.id, to=describe(task.callback_url or ""), answer=answer)
        if accepted:
            await self._deliveries.delivered(task.id, answer)
            log.info("callback_delivered")
            return None
        if answer == str(_GONE) or tries >= len(_PAUSES):
            await self._deliveries.given_up(task.id, answer)
            log.warning("callback_given_up", tries=tries + 1)
            return None
        await self._deliveries.failed(task.id, answer)
        pause = _PAUSES[tries] * random.uniform(0.8, 1.2)
        log.info("callback_failed", again_in=round(pause))
        return timedelta(seconds=pause)

    async def _post(self, task: Task) -> tuple[bool, str]:
        """Whether the app took it, and what it answered in a word."""
        assert task.callback_url is not None
        record = to_record(task, self._links, task.base_url)
        try:
            response = await self._client.post(task.callback_url, content=msgspec.json.encode(encode_callback(record)))
        except SourceUnavailable:
            return False, "not allowed"
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            return False, type(error).__name__
        return response.is_success, str(response.status_code)
