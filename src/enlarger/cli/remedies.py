"""What to do about a service's error, in the words of the command line: its options, commands and settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from enlarger.client import HOSTED_URL
from enlarger.errors import (
    AccessBlocked,
    AuthenticationFailed,
    FeatureDisabled,
    InputRefused,
    Maintenance,
    NotSupported,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    ServiceUnreachable,
    SubmissionUnknown,
)

_CANNOT_FETCH = 451
_TOO_LARGE = 413
_BASE_URL = "base URL"


@dataclass(frozen=True, slots=True)
class Origin:
    """Which service a command talks to, and what named it."""

    url: str
    address: str
    """The option or setting that gave the address; empty if the service was found without one."""
    key: str
    """The option or setting that gave the key."""

    @property
    def is_hosted(self) -> bool:
        """Whether it is the hosted service."""
        return self.url.rstrip("/") == HOSTED_URL


HERE = Origin("", "", "")
"""A service on this machine, found without an address or a key."""


@contextmanager
def explained(origin: Origin) -> Iterator[None]:
    """Put the remedies of a service's errors into the words of the command line."""
    try:
        yield
    except ServiceError as error:
        error.remedy = _remedy(error, origin)
        raise


def _remedy(error: ServiceError, origin: Origin) -> str | None:
    match error:
        case SubmissionUnknown(idempotency_key=key):
            again = f" At an Enlarger service, --idempotency-key {key} makes no second task." if key else ""
            return (
                "Check whether it was made (`enlarger list`, the callback, the service's log) before you run the"
                f" command again: it may be charged twice.{again}"
            )
        case AuthenticationFailed():
            return f"Check the key ({origin.key})." if origin.key else "Check the key."
        case AccessBlocked():
            return _blocked(origin)
        case RateLimited(retry_after=seconds):
            return _later(seconds)
        case Maintenance():
            return _later(None)
        case ServiceUnreachable():
            return f"Check the address{_named(origin)}, the proxy (KIE_PROXY) and the network."
        case ServiceUnavailable(retry_after=seconds) if seconds:
            return _later(seconds)
        case NotSupported():
            return "An Enlarger service can: name one with --base-url."
        case FeatureDisabled():
            pass
        case InputRefused(code=code):
            remedies = {_CANNOT_FETCH: "Upload the file first: enlarger upload FILE", _TOO_LARGE: "Use a smaller file."}
            return remedies.get(code)
    return _translated(error.remedy, origin)


def _translated(remedy: str | None, origin: Origin) -> str | None:
    """A remedy of the SDK's, without its methods."""
    if remedy is None:
        return None
    if _BASE_URL in remedy:
        return f"Check the base URL{_named(origin)}: is it the service's own, without /api/v1?"
    if "get_task_status" in remedy:
        return "Results are kept for some days only; `enlarger status TASK` shows whether there is a fresh link."
    if "`data`" in remedy:
        return "Its result is text: `enlarger wait TASK` prints it."
    return remedy


def _blocked(origin: Origin) -> str:
    if origin.is_hosted:
        return (
            "The hosted service blocks some countries: use a VPN or a proxy (KIE_PROXY), or a service of your own"
            " (--base-url)."
        )
    return "The service, or a proxy in front of it, does not allow this key or this address: ask its operator."


def _named(origin: Origin) -> str:
    return f" ({origin.address})" if origin.address else ""


def _later(seconds: float | None) -> str:
    if not seconds:
        return "Run the command again later."
    return f"Run the command again in {f'{seconds:.0f} seconds' if seconds >= 2 else 'a second'}."
