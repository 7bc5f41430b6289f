"""Whether an announcement is Replicate's: it is signed as Standard Webhooks has it, over id, time and body."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from enlarger.errors import ProviderSilent
from enlarger.protocol.signatures import (
    BODY_ID,
    BODY_SIGNATURE,
    BODY_TIMESTAMP,
    TOLERANCE,
    body_signature_holds,
    is_key,
)
from enlarger.protocol.webhook import Webhook

_REST = 60.0
"""Seconds after which Replicate is asked for the key again when it did not tell it."""


class WebhookKey:
    """The key that announcements are signed with: a setting, or else what `ask` answers, which is kept in memory."""

    def __init__(self, key: str | None, ask: Callable[[], Awaitable[str | None]], clock: Callable[[], float]) -> None:
        self._key = key
        self._ask = ask
        self._clock = clock
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def signed(self, webhook: Webhook) -> bool:
        """Whether an announcement is surely Replicate's, and of these minutes."""
        message_id, timestamp, signatures = (
            webhook.headers.get(name, "") for name in (BODY_ID, BODY_TIMESTAMP, BODY_SIGNATURE)
        )
        is_time = timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12
        if not message_id or not is_time or abs(self._clock() - int(timestamp)) > TOLERANCE:
            return False
        key = await self._get()
        return key is not None and body_signature_holds(signatures, message_id, timestamp, webhook.body, [key])

    async def _get(self) -> str | None:
        async with self._asking:  # one question, however many announcements come at once
            if self._key is None and self._clock() >= self._asked_at + _REST:
                self._asked_at = self._clock()
                try:
                    key = await self._ask()
                except ProviderSilent:
                    key = None
                self._key = key if key is not None and is_key(key) else None
            return self._key
