"""Whether a webhook is fal's: it is signed with Ed25519, over ids, time and body, by a key that fal publishes.

The message, the headers, the 300 seconds and the day for which keys may be kept are those of
https://fal.ai/docs/documentation/model-apis/inference/webhooks.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from enlarger.errors import ProviderSilent
from enlarger.protocol.webhook import Webhook

REQUEST_ID = "x-fal-webhook-request-id"
USER_ID = "x-fal-webhook-user-id"
TIMESTAMP = "x-fal-webhook-timestamp"
SIGNATURE = "x-fal-webhook-signature"
TOLERANCE = 300
"""Seconds by which a webhook's time may differ from ours."""
KEPT_SECONDS = 24 * 3600.0
"""How long keys are believed, at most."""
_REST = 60.0
"""Seconds before fal is asked for its keys again, however many signatures do not hold."""
_MOST_KEYS = 20


def signed_message(request_id: str, user_id: str, timestamp: str, body: bytes) -> bytes:
    """What fal signs."""
    return "\n".join((request_id, user_id, timestamp, hashlib.sha256(body).hexdigest())).encode()


class WebhookKeys:
    """The keys that webhooks are signed with: what `ask` answers, kept in memory, and asked for anew when they change.

    All of fal's accounts have the same keys, so a signature says that fal sent it, and for whom: `account` is fal's id
    of the account that is ours, once a webhook about one of our own requests has named it.
    """

    def __init__(self, ask: Callable[[], Awaitable[Mapping[str, Any]]], clock: Callable[[], float]) -> None:
        """`ask` fetches the key set (a JWKS); it raises ProviderSilent when it cannot."""
        self._ask = ask
        self._clock = clock
        self._keys: tuple[Ed25519PublicKey, ...] = ()
        self._fetched_at = float("-inf")
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()
        self.account: str | None = None

    async def signed(self, webhook: Webhook) -> bool:
        """Whether a webhook is surely fal's, of these minutes, and not for somebody else's account."""
        parts = [webhook.headers.get(name, "") for name in (REQUEST_ID, USER_ID, TIMESTAMP, SIGNATURE)]
        request_id, user_id, timestamp, hexadecimal = parts
        is_time = timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12
        if not all(parts) or not is_time or abs(self._clock() - int(timestamp)) > TOLERANCE:
            return False
        if self.account not in (None, user_id):
            return False
        try:
            signature = binascii.unhexlify(hexadecimal)
        except ValueError:
            return False
        message = signed_message(request_id, user_id, timestamp, webhook.body)
        async with self._asking:  # one question, however many webhooks come at once
            if self._clock() >= self._fetched_at + KEPT_SECONDS:
                self._keys = ()
            if _holds(self._keys, signature, message):
                return True
            return await self._refresh() and _holds(self._keys, signature, message)

    async def _refresh(self) -> bool:
        """Ask for the keys, which may have changed, unless that was done just before; says whether there are any."""
        now = self._clock()
        if now < self._asked_at + _REST:
            return False
        self._asked_at = now
        try:
            keys = read_keys(await self._ask())
        except ProviderSilent:
            return False
        if keys:
            self._keys, self._fetched_at = keys, now
        return bool(keys)


def read_keys(key_set: Mapping[str, Any]) -> tuple[Ed25519PublicKey, ...]:
    """The Ed25519 keys of a JWKS; what is anything else is passed over."""
    listed = key_set.get("keys")
    found = [_read_key(one) for one in listed[:_MOST_KEYS]] if isinstance(listed, list) else []
    return tuple(key for key in found if key is not None)


def _read_key(key: object) -> Ed25519PublicKey | None:
    if not isinstance(key, Mapping) or (key.get("kty"), key.get("crv")) != ("OKP", "Ed25519"):
        return None
    try:
        return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(str(key.get("x")) + "=="))
    except ValueError:
        return None


def _holds(keys: Sequence[Ed25519PublicKey], signature: bytes, message: bytes) -> bool:
    for key in keys:
        try:
            key.verify(signature, message)
        except InvalidSignature:
            continue
        return True
    return False
