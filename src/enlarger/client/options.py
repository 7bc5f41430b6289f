"""A client's options, from arguments or from the environment."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from typing import Any, TypedDict
from urllib.parse import urlsplit

import msgspec

from enlarger.errors import ConfigurationError, InvalidInput
from enlarger.protocol.inline import check_url

HOSTED_URL = "https://api.kie.ai"
HOSTED_UPLOAD_URL = "https://kieai.redpandaai.co"
_OWN_KEY = "enl_"
"""How keys of an Enlarger service begin; the hosted service has none like that."""

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
_LEAST = {"max_polls": 1, "poll_interval": 0.001, "timeout": 0.001, "max_retries": 0}
_WHOLE = ("max_polls", "max_retries")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?|")
_ARGUMENTS = {"authorization": "give the key as api_key=…", "idempotency-key": "give it as idempotency_key=…"}
_OWN_HEADERS = (
    *_ARGUMENTS,
    *("accept", "content-length", "content-type", "host", "last-event-id", "transfer-encoding"),
)
_MAY_BE_MISSING = ("callback_url", "max_polls", "poll_interval")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a client."""

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
    local_files: bool = True
    """Whether a text in a field for files may name a file of this machine; switch it off where others write it."""
    strict: bool = False
    """Whether a field that a model does not have is refused, instead of being sent along with a warning."""
    extra_headers: Mapping[str, str] = {}
    """Sent along with every request to the service."""

    def __repr__(self) -> str:
        return f"Options(base_url={self.base_url!r})"  # the rest may be secret

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("base_url", self.base_url)]


class Changes(TypedDict, total=False):
    """The options that `with_options` can change."""

    api_key: str | None
    base_url: str | None
    upload_url: str | None
    callback_url: str | None
    max_polls: int | None
    poll_interval: float | None
    timeout: float | None
    max_retries: int | None
    local_files: bool | None
    strict: bool | None
    extra_headers: Mapping[str, str] | None


def load_options(given: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Options:
    """Options out of arguments (None means not given), the environment and defaults, in this order.

    Raises ConfigurationError, which names what is missing or wrong.
    """
    environment = os.environ if environment is None else environment
    found = {name: value for name, value in given.items() if value is not None}
    told = {name: environment.get(variable, "").strip() for name, variable in VARIABLES.items()}
    if "base_url" in found and _plain(found["base_url"]) != _plain(told["base_url"]):
        told["upload_url"] = ""  # it belongs to the service that the environment names
    if is_loopback(found.get("base_url", told["base_url"])):
        told["proxy"] = ""  # it is for the world outside
    return _check({name: value for name, value in told.items() if value} | found)


def change_options(options: Options, changes: Changes) -> Options:
    """Other options; with another base URL uploads go there, too, unless the changes say where.

    None takes away what may be missing (callback_url, max_polls, poll_interval), and changes nothing else.

    Raises ConfigurationError.
    """
    unknown = sorted(set(changes) - set(Changes.__annotations__))
    if unknown:
        raise ConfigurationError(
            f"with_options cannot change {', '.join(unknown)}: it can change {', '.join(Changes.__annotations__)}."
        )
    found = {name: getattr(options, name) for name in Options.__struct_fields__}
    told = {name: value for name, value in changes.items() if value is not None or name in _MAY_BE_MISSING}
    if "base_url" in told:
        del found["upload_url"]
    return _check(found | told)


def add_headers(options: Options, extra: Mapping[str, str]) -> Options:
    """Options for a call with headers of its own, which override those of the client. Raises ConfigurationError."""
    return msgspec.structs.replace(options, extra_headers={**options.extra_headers, **_headers(extra)})


def _check(found: Mapping[str, Any]) -> Options:
    """Options out of what was found. Raises ConfigurationError."""
    found = dict(found)
    found["api_key"] = str(found.get("api_key", "")).strip()
    if not found["api_key"]:
        raise ConfigurationError("There is no API key: give api_key=… or set KIE_API_KEY.")
    if not found["api_key"].isascii() or not found["api_key"].isprintable():
        raise ConfigurationError("The API key has characters that no key has: copy it once more (KIE_API_KEY).")
    found["base_url"] = _url("base_url", found.get("base_url", HOSTED_URL))
    if found["base_url"] == HOSTED_URL and found["api_key"].startswith(_OWN_KEY):
        raise ConfigurationError(
            f"The API key is one of an Enlarger service ({_OWN_KEY}…), and {HOSTED_URL} is none:"
            " name your service with base_url=… or KIE_BASE_URL."
        )
    own_uploads = HOSTED_UPLOAD_URL if found["base_url"] == HOSTED_URL else found["base_url"]
    found["upload_url"] = _url("upload_url", found.get("upload_url") or own_uploads)
    if found.get("callback_url"):
        found["callback_url"] = _callback_url(found["callback_url"])
    for name, least in _LEAST.items():
        if found.get(name) is not None:
            found[name] = _number(name, found[name], least)
    if found.get("extra_headers"):
        found["extra_headers"] = _headers(found["extra_headers"])
    return Options(**found)


def _headers(given: object) -> dict[str, str]:
    """Headers of the user's in one spelling, none of which is the client's own business."""
    if not isinstance(given, Mapping):
        raise ConfigurationError("extra_headers must be a dict of names and texts.")
    for name, value in given.items():
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
            raise ConfigurationError(f"extra_headers has {str(name)[:40]!r}, which is no header's name.")
        if name.lower() in _OWN_HEADERS:
            instead = _ARGUMENTS.get(name.lower(), "leave it out")
            raise ConfigurationError(f"extra_headers has {name}, which the client sets itself: {instead}.")
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            raise ConfigurationError(f"extra_headers has a value for {name} that no header can have: use ASCII text.")
    return {name.title(): value for name, value in given.items()}


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host in ("localhost", "::1") or host.startswith("127.")


def _url(name: str, value: str) -> str:
    value = _plain(value)
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        usable = usable and not (parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(
            f"{name} ({VARIABLES[name]}) is not an http(s) URL without user, query and fragment:"
            f" give one like {HOSTED_URL}."
        )
    return value


def _callback_url(value: Any) -> str:
    """A callback's URL. No error shows it, because it may have a token in it."""
    try:
        check_url("callBackUrl", value.strip())
    except (AttributeError, InvalidInput):
        raise ConfigurationError(
            f"callback_url ({VARIABLES['callback_url']}) is not an http(s) URL with a host: give one like"
            " https://app.example.com/callback, or leave it out."
        ) from None
    return str(value).strip()


def _plain(url: str) -> str:
    """An address in one spelling: scheme and host in small letters, without the API's path and a slash at its end."""
    scheme, mark, rest = url.strip().partition("://")
    host, slash, path = rest.partition("/")
    plain = f"{scheme.lower()}{mark}{host.lower()}{slash}{path}".rstrip("/")
    return plain.removesuffix("/api/v1").rstrip("/")


def _number(name: str, value: Any, least: float) -> float | int:
    label = f"{name} ({VARIABLES[name]})" if name in VARIABLES else name
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    whole = name in _WHOLE
    if not least <= number < math.inf or (whole and number != int(number)):
        wanted = "whole number" if whole else "number"
        raise ConfigurationError(f"{label} is {str(value)[:40]!r}: give a {wanted} from {least:g}.")
    return int(number) if whole else number
