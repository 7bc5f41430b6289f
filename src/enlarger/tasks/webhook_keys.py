"""What callbacks are signed with."""

from __future__ import annotations

from enlarger.errors import ConfigurationError
from enlarger.protocol.signatures import is_key, make_key
from enlarger.settings import ServiceSettings
from enlarger.tasks.accounts import AccountStore

_NAME, _FORMER = "webhooks", "webhooks before"
"""The shared secrets that keys are made of: the one in use, and the one before it while both sign."""


def set_keys(settings: ServiceSettings) -> list[str]:
    """The keys in ENLARGER_WEBHOOK_KEY; none when it is not set. Raises ConfigurationError for what cannot be a key."""
    text = settings.webhook_key.get_secret_value() if settings.webhook_key else ""
    keys = [key.strip() for key in text.split(",") if key.strip()]
    if not all(is_key(key) for key in keys):
        raise ConfigurationError(
            "ENLARGER_WEBHOOK_KEY: what follows whsec_ must be base64; copy the key whole, or give another text."
        )
    return keys


async def rotate(settings: ServiceSettings, accounts: AccountStore) -> None:
    """Make a new key, which comes before the one that there was; an older one than that is dropped.

    Raises ConfigurationError when keys are set: then they are changed where they are set.
    """
    _check_kept(settings)
    await accounts.shared_secret(_NAME)  # so that there is one to keep
    await accounts.rotate_secret(_NAME, _FORMER)


async def drop_former(settings: ServiceSettings, accounts: AccountStore) -> None:
    """Sign with the newest key alone. Raises ConfigurationError when keys are set."""
    _check_kept(settings)
    await accounts.forget_secret(_FORMER)


def _check_kept(settings: ServiceSettings) -> None:
    if set_keys(settings):
        raise ConfigurationError(
            "ENLARGER_WEBHOOK_KEY is set, and what is set is used: put the new key before the old one there, with a"
            " comma between them, and start the service again. `openssl rand -base64 32` makes a good one."
        )


async def webhook_keys(settings: ServiceSettings, accounts: AccountStore) -> list[str]:
    """The keys that callbacks are signed with, the newest first: those that are set, else one that is made and kept.

    Raises ConfigurationError.
    """
    if keys := set_keys(settings):
        return keys
    former = await accounts.find_secret(_FORMER)
    return [make_key(secret) for secret in (await accounts.shared_secret(_NAME), former) if secret is not None]
