"""Which hosts an operator lets callbacks go to, by name; which addresses may be reached is `safe_http`'s."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv6Address

import httpx2

from enlarger.errors import ConfigurationError, SourceUnavailable
from enlarger.infra.safe_http import read_host

_ANY = "*"
_BELOW = "*."


class CallbackHosts:
    """The hosts in ENLARGER_CALLBACK_ALLOW and ENLARGER_CALLBACK_DENY.

    An entry is a host, `*.example.com` for every host below it, or `*` for all. Raises ConfigurationError for others.
    """

    def __init__(self, allow: Sequence[str] = (), deny: Sequence[str] = ()) -> None:
        self._allow = [_read_pattern("ENLARGER_CALLBACK_ALLOW", entry) for entry in allow]
        self._deny = [_read_pattern("ENLARGER_CALLBACK_DENY", entry) for entry in deny]

    def denies(self, url: str) -> bool:
        """Whether the host of `url`, which can be read, is among those that are excluded by name."""
        host = _plain(url)
        return any(_matches(host, pattern) for pattern in self._deny)

    def permit(self, url: str) -> bool:
        """Whether `url` may be called: its host is among those that may be, if there are any, and is not denied."""
        if not self._allow and not self._deny:
            return True
        try:
            host = _plain(url)
        except (httpx2.InvalidURL, SourceUnavailable):
            return False
        if any(_matches(host, pattern) for pattern in self._deny):
            return False
        return not self._allow or any(_matches(host, pattern) for pattern in self._allow)


def _matches(host: str, pattern: str) -> bool:
    if pattern == _ANY:
        return True
    return host.endswith(pattern.removeprefix("*")) if pattern.startswith(_BELOW) else host == pattern


def _read_pattern(setting: str, entry: str) -> str:
    """An entry as hosts are compared with it."""
    if entry == _ANY:
        return entry
    name = entry.removeprefix(_BELOW)
    bare = f"[{name}]" if name.count(":") > 1 and not name.startswith("[") else name
    try:
        if not set(bare) & set("/@*?#") and bare.endswith("]") == (":" in bare):
            return entry.removesuffix(name) + _plain(f"http://{bare}")
    except (httpx2.InvalidURL, SourceUnavailable):
        pass
    raise ConfigurationError(f"{setting}: {entry!r} is no host: give one like app.example.com or *.example.com.")


def _plain(url: str) -> str:
    """The host of a URL in the one form that it is compared in."""
    host = read_host(httpx2.URL(url))[0]
    return IPv6Address(host).compressed if ":" in host else host
