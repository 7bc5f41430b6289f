"""Tasks as tests hand them to the store."""

from __future__ import annotations

import secrets
from typing import Any

from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.records import NewTask


def new_task(**changes: Any) -> NewTask:
    """A task of the default account for a hosted model, with a few changes."""
    values = {
        "id": secrets.token_hex(16),
        "account_id": DEFAULT,
        "model": "google/nano-banana",
        "input": {"prompt": "a house"},
        "base_url": "http://service",
        "request_sha256": b"",
    }
    return NewTask(**{**values, **changes})
