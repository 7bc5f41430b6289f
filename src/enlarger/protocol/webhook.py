"""A provider's announcement on its way from the server, which takes it in, to a worker, which can read it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

LARGEST_BYTES = 1_000_000


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """An announcement, as it came in."""

    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
