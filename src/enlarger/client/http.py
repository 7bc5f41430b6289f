"""What both drivers know of httpx2: requests in its words, replies in ours, and which failures mean what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2

from enlarger import __version__
from enlarger.client.effects import NoAnswer, NotSent, Save
from enlarger.client.options import Options, is_loopback
from enlarger.client.wire import Reply, Request, task_path
from enlarger.errors import ConfigurationError

NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError, httpx2.UnsupportedProtocol)
"""Failures before the first byte of a request; of a ProxyError because all requests to https go through a tunnel."""
FAILURES = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError)
"""All that httpx2 raises where a request goes wrong."""
LONGEST_SILENCE = 40.0
"""Seconds without a sign of life after which a stream of events is taken for dead; ours sends one every 15."""
LEAST_GAP = 0.3
"""Seconds between two looks at a task about which much is announced."""

MOST_STREAMS = 40
"""Streams of events that a client keeps open, over connections of their own; other waits do without."""

_USER_AGENT = f"enlarger/{__version__}"
_CONNECTIONS = 200
_CONNECT_SECONDS = 10.0
_UPLOAD_SECONDS = 300.0


def client_arguments(options: Options) -> dict[str, Any]:
    """The arguments of an httpx2 client of our own. Raises ConfigurationError for a proxy that is none."""
    try:
        usable = not options.proxy or bool(httpx2.Proxy(options.proxy).url.host)
    except (ValueError, httpx2.InvalidURL):
        usable = False
    if not usable:
        raise ConfigurationError(
            "proxy (KIE_PROXY) is not a proxy's URL: give one like http://user:password@host:port or socks5://host:port."
        )
    limits = httpx2.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=20)
    # A proxy of the environment's is for the world outside, not for a service on this machine.
    trust_env = not is_loopback(options.base_url)
    return {"proxy": options.proxy, "limits": limits, "follow_redirects": False, "trust_env": trust_env}


def request_arguments(options: Options, request: Request) -> dict[str, Any]:
    """The arguments of a call of `request`. The key goes to the service alone, whatever the client was made for."""
    arguments: dict[str, Any] = {
        "method": request.method,
        "url": (options.upload_url if request.upload else options.base_url) + request.path,
        "headers": {**own_headers(options), **request.headers},
        "timeout": _timeout(_UPLOAD_SECONDS if request.upload else request.timeout or options.timeout),
    }
    if request.query:
        arguments["params"] = dict(request.query)
    if request.json is not None:
        arguments["content"] = request.json
        arguments["headers"]["Content-Type"] = "application/json"
    if request.file is not None:
        arguments["data"], arguments["files"] = dict(request.form), {"file": request.file}
    return arguments


def own_headers(options: Options) -> dict[str, str]:
    """The headers of every request to the service."""
    return {"Authorization": f"Bearer {options.api_key}", "Accept": "application/json", "User-Agent": _USER_AGENT}


def download_arguments(options: Options, save: Save) -> dict[str, Any]:
    """The arguments of a download; results are public, and the key is nobody else's business."""
    return {
        "method": "GET",
        "url": save.url,
        "headers": {"User-Agent": _USER_AGENT, "Accept-Encoding": "identity", **save.sink.headers()},
        "timeout": _timeout(options.timeout),
    }


def events_arguments(options: Options, task_id: str, last_event_id: str | None, silence: float) -> dict[str, Any]:
    """The arguments of the stream of a task's events, given up after so many seconds of silence."""
    headers = {**own_headers(options), "Accept": "text/event-stream"}
    if last_event_id:
        headers["Last-Event-ID"] = last_event_id
    return {
        "method": "GET",
        "url": options.base_url + task_path(task_id, "events"),
        "headers": headers,
        "timeout": _timeout(silence),
    }


def _timeout(seconds: float) -> httpx2.Timeout:
    return httpx2.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))


def to_reply(response: httpx2.Response, body: bytes = b"") -> Reply:
    """A response in our words."""
    return Reply(status=response.status_code, headers=lower(response.headers), body=body)


def translate(error: Exception) -> NotSent | NoAnswer:
    """A failure to get an answer, in our words: whether the request may have reached the service.

    Failures of another kind than the network's, such as an event loop that is closed, may come after the first byte.
    """
    if isinstance(error, httpx2.PoolTimeout):
        return NotSent("all connections of the http_client are in use")
    reason = type(error).__name__
    return NotSent(reason) if isinstance(error, NEVER_SENT) else NoAnswer(reason)


def read_event_line(line: str) -> tuple[str, str] | None:
    """A line of a stream of events as name and value; None for comments and the like."""
    name, colon, value = line.partition(":")
    return (name, value.removeprefix(" ")) if colon and name else None


def lower(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers with names in lower case."""
    return {name.lower(): value for name, value in headers.items()}
