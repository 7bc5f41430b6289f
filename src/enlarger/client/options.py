"""What a client can be told, by arguments or by the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypedDict
from urllib.parse import urlsplit

import msgspec

from enlarger.errors import ConfigurationError

HOSTED_URL = "https://api.kie.ai"
HOSTED_UPLOAD_URL = "https://kieai.redpandaai.co"

DEFAULT_MAX_POLLS = 100
DEFAULT_POLL_INTERVAL = 3.0
"""What `poll_task_result` does where nobody says otherwise."""

VARIABLES = {
    "api_key": "KIE_API_KEY",
    "base_url": "KIE_BASE_URL",
    "upload_url": "KIE_UPLOAD_URL",
    "proxy": "KIE_PROXY",
    "callback_url": "KIE_CALLBACK_URL",
    "max_polls": "KIE_API_MAX_POLLS",
    "poll_interval": "KIE_API_POLLING_INTERVAL",
}


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a client goes by."""

    api_key: str
    base_url: str = HOSTED_URL
    upload_url: str = HOSTED_UPLOAD_URL
    """Where files are uploaded; of any service but the hosted one that is the base URL."""
    proxy: str | None = None
    callback_url: str | None = None
    """Given along with every task that names none of its own."""
    max_polls: int | None = None
    poll_interval: float | None = None
    """Seconds. Without these two, a wait goes by the model's usual and longest duration."""
    timeout: float = 60.0
    """Seconds that one request may take."""
    max_retries: int = 4

    def __repr__(self) -> str:
        return f"Options(base_url={self.base_url!r})"


class Changes(TypedDict, total=False):
    """What `with_options` may change."""

    api_key: str
    base_url: str
    upload_url: str
    callback_url: str | None
    max_polls: int | None
    poll_interval: float | None
    timeout: float
    max_retries: int


def load_options(given: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Options:
    """Options out of arguments (None means not given), the environment and defaults, in this order.

    Raises ConfigurationError, which names what is missing or wrong.
    """
    environment = os.environ if environment is None else environment
    found = {name: value for name, value in given.items() if value is not None}
    for name, variable in VARIABLES.items():
        value = environment.get(variable, "").strip()
        if name not in found and value:
            found[name] = _number(variable, value) if name in ("max_polls", "poll_interval") else value
    return _check(found)


def change_options(options: Options, changes: Changes) -> Options:
    """Other options; with another base URL uploads go there, too, unless the changes say where.

    Raises ConfigurationError.
    """
    unknown = sorted(set(changes) - set(Changes.__annotations__))
    if unknown:
        raise ConfigurationError(
            f"with_options cannot change {', '.join(unknown)}: it can change {', '.join(Changes.__annotations__)}."
        )
    found = {name: getattr(options, name) for name in Options.__struct_fields__}
    if "base_url" in changes:
        del found["upload_url"]
    return _check(found | changes)


def _check(found: Mapping[str, Any]) -> Options:
    """Options out of what was found. Raises ConfigurationError."""
    found = dict(found)
    found["api_key"] = str(found.get("api_key", "")).strip()
    if not found["api_key"]:
        raise ConfigurationError("There is no API key: give api_key=… or set KIE_API_KEY.")
    if not found["api_key"].isascii() or not found["api_key"].isprintable():
        raise ConfigurationError("The API key has characters that no key has: copy it once more (KIE_API_KEY).")
    found["base_url"] = _url("base_url", "KIE_BASE_URL", found.get("base_url", HOSTED_URL))
    own_uploads = HOSTED_UPLOAD_URL if found["base_url"] == HOSTED_URL else found["base_url"]
    found["upload_url"] = _url("upload_url", "KIE_UPLOAD_URL", found.get("upload_url") or own_uploads)
    for name in ("max_polls", "poll_interval", "timeout", "max_retries"):
        least = 0 if name == "max_retries" else 1 if name == "max_polls" else 0.001
        if found.get(name) is not None and not found[name] >= least:
            raise ConfigurationError(f"{name} is {found[name]}: give a number from {least:g}.")
    if found.get("max_polls") is not None:
        found["max_polls"] = int(found["max_polls"])
    return Options(**found)


def _url(name: str, variable: str, value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(
            f"{name} ({variable}) is not an http(s) URL without a query: give one like {HOSTED_URL}."
        )
    return value.rstrip("/")


def _number(variable: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise ConfigurationError(f"{variable} is {value!r}: give a number.") from None
