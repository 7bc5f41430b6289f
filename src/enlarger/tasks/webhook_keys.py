"""What callbacks are signed with."""

from __future__ import annotations

from enlarger.errors import ConfigurationError
from enlarger.protocol.signatures import is_key, make_key
from enlarger.settings import Settings
from enlarger.tasks.accounts import AccountStore


def set_keys(settings: Settings) -> list[str]:
    """The keys in ENLARGER_WEBHOOK_KEY; none when it is not set. Raises ConfigurationError for what cannot be a key."""
    text = settings.webhook_key.get_secret_value() if settings.webhook_key else ""
    keys = [key.strip() for key in text.split(",") if key.strip()]
    if not all(is_key(key) for key in keys):
        raise ConfigurationError(
            "ENLARGER_WEBHOOK_KEY: what follows whsec_ must be base64; copy the key whole, or give another text."
        )
    return keys


async def webhook_keys(settings: Settings, accounts: AccountStore) -> list[str]:
    """The keys that callbacks are signed with, at least one: those that are set, else one that is made and kept.

    Raises ConfigurationError.
    """
    return set_keys(settings) or [make_key(await accounts.shared_secret("webhooks"))]
