"""What both drivers know of httpx2: requests in its words, replies in ours, and which failures mean what."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Mapping
from typing import Any

import httpx2

from enlarger._version import __version__
from enlarger.client.core import Core
from enlarger.client.effects import NoAnswer, NotSent, Save
from enlarger.client.options import Options, is_loopback
from enlarger.client.wire import Reply, Request, task_path
from enlarger.errors import ConfigurationError
from enlarger.protocol.codes import OK, SERVER_ERROR

NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError, httpx2.UnsupportedProtocol)
"""Failures before the first byte of a request; of a ProxyError because all requests to https go through a tunnel."""
FAILURES = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError)
"""All that httpx2 raises where a request goes wrong."""
MOST_REPLY_BYTES = 64_000_000
"""A reply that is longer is none of the jobs API's; 100 records with the largest inputs have 30 MB."""
LEAST_SPEED = 20_000
"""Bytes a second: a download that is slower than that, on average, for longer than `timeout` is given up."""
LONGEST_SILENCE = 40.0
"""Seconds without a sign of life after which a stream of events is taken for dead; ours sends one every 15."""
LEAST_GAP = 0.3
"""Seconds between two looks at a task about which much is announced."""

MOST_STREAMS = 40
"""Streams of events that a client keeps open, over connections of their own; other waits do without."""

_TOKEN = re.compile(r"[\x21-\x27\x2a-\x7e]{1,120}")
_OF_FILES = (FileNotFoundError, FileExistsError, PermissionError, IsADirectoryError, NotADirectoryError)
_LIBRARIES = ("httpx", "httpx2")
_CONNECTIONS = 200
_CONNECT_SECONDS = 10.0
_SHARE_TO_CONNECT = 0.9
"""Of a request's time, so that a host that does not answer at all is reported before all of it has passed."""
_UPLOAD_SECONDS = 300.0
_KEPT_BY_THE_SYSTEM = 262_144
"""Bytes of an upload that the system may still have to send when it has been given the last one."""
_SENT = re.compile(r"\.send_request_body\.complete$")


_app_info: list[str] = []
"""What `set_app_info` was last called with, as a header has it."""


def set_app_info(name: str, version: str | None = None, url: str | None = None) -> None:
    """Name your app in the `User-Agent` of all clients in this process, for the service's log.

    Raises ConfigurationError for text that a header cannot have.
    """
    parts = [name, *([version] if version else []), *([url] if url else [])]
    if not name or not all(isinstance(part, str) and _TOKEN.fullmatch(part) for part in parts):
        raise ConfigurationError("name, version and url must be ASCII texts without spaces and brackets.")
    _app_info[:] = [f"{name}{f'/{version}' if version else ''}{f' ({url})' if url else ''}"]


def user_agent() -> str:
    """What we call ourselves."""
    return " ".join([*_app_info, f"enlarger/{__version__} (Python {platform.python_version()}; {platform.system()})"])


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


def check_client(given: object, kind: str) -> None:
    """Check an `http_client` that is to be a `kind`, of httpx2 or of httpx. Raises ConfigurationError."""
    if given is None:
        return
    for library in _LIBRARIES:
        wanted = getattr(sys.modules.get(library), kind, None)
        if wanted is not None and isinstance(given, wanted):
            return
    found = f"{type(given).__module__.partition('.')[0]}.{type(given).__name__}"
    other = {"AsyncClient": "SyncKieApiClient", "Client": "KieApiClient"}[kind]
    raise ConfigurationError(
        f"http_client is a {found}: this client needs an httpx2.{kind} or httpx.{kind}; {other} takes the other kind."
    )


def closed(whose: str = "This client") -> ConfigurationError:
    """The error for a client that is used after it was closed."""
    return ConfigurationError(f"{whose} is closed: make a new one, or close it later. Nothing was sent.")


def seconds_for(options: Options, request: Request) -> float:
    """How long a request may take in all."""
    usual = options.timeout
    if request.upload:
        usual = _UPLOAD_SECONDS + request.file_size / LEAST_SPEED
    return usual if request.timeout is None else min(usual, request.timeout)


def seconds_to_answer(options: Options, request: Request) -> float:
    """How long the answer may take once a request has been sent: an upload's sending may take longer than `timeout`."""
    seconds = seconds_for(options, request)
    if not request.upload:
        return seconds
    return min(options.timeout + min(request.file_size, _KEPT_BY_THE_SYSTEM) / LEAST_SPEED, seconds)


def is_sent(event: str) -> bool:
    """Whether an event of the transport's `trace` says that a request has been sent."""
    return _SENT.search(event) is not None


def request_arguments(options: Options, request: Request) -> dict[str, Any]:
    """The arguments of a call of `request`. The key goes to the service alone, whatever the client was made for."""
    arguments: dict[str, Any] = {
        "method": request.method,
        "url": (options.upload_url if request.upload else options.base_url) + request.path,
        "headers": {**own_headers(options), **request.headers},
        "timeout": _timeout(seconds_for(options, request), seconds_to_answer(options, request)),
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
    return {
        "Authorization": f"Bearer {options.api_key}",
        "Accept": "application/json",
        "User-Agent": user_agent(),
        **options.extra_headers,
    }


def download_arguments(options: Options, save: Save) -> dict[str, Any]:
    """The arguments of a download; results are public, and the key is nobody else's business."""
    return {
        "method": "GET",
        "url": save.url,
        "headers": {"User-Agent": user_agent(), "Accept-Encoding": "identity", **save.sink.headers()},
        "timeout": _timeout(options.timeout),
    }


def _timeout(seconds: float, to_read: float | None = None) -> tuple[float, float, float, float]:
    """The limits of one step, of httpx2 and httpx alike: to connect, to read, to write, to get a connection."""
    share = seconds * _SHARE_TO_CONNECT
    return min(share, _CONNECT_SECONDS), seconds if to_read is None else to_read, seconds, share


def to_reply(response: Any, body: bytes | None = b"") -> Reply:
    """A response in our words; the body is None where it is too long."""
    headers = httpx2.Headers(list(response.headers.raw))  # as bytes: a value may be other than ASCII
    return Reply(status_code=response.status_code, headers=headers, content=body or b"", too_long=body is None)


def translate(error: Exception) -> NotSent | NoAnswer | None:
    """A failure to get an answer, in our words: whether the request may have reached the service.

    None for what is no failure of the transport: a bug of ours or of the caller's is not the network's fault.
    """
    names = _names(error)
    reason = type(error).__name__
    if "PoolTimeout" in names:
        return NotSent("all connections of the http_client are in use")
    if any(kind.__name__ in names for kind in NEVER_SENT):
        return NotSent(reason)
    # A transport of somebody's own may let the system's errors through; those about files are the caller's.
    lost = isinstance(error, OSError) and not isinstance(error, _OF_FILES)
    return NoAnswer(reason) if lost or any(kind.__name__ in names for kind in FAILURES) else None


def too_slow(seconds: float) -> NoAnswer:
    """The failure of a request whose answer did not come in time, or not whole."""
    return NoAnswer(f"no whole answer within {seconds:.3g} s")


def _names(error: Exception) -> set[str]:
    """The names of an error's classes, as far as they are httpx2's or httpx's, which both have the same ones."""
    return {kind.__name__ for kind in type(error).__mro__ if kind.__module__.partition(".")[0] in _LIBRARIES}


class EventReader:
    """A task's stream of events, without the network: where it goes on, and whether there is more to come."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._last_id: str | None = None
        self.over: bool = False

    def may_come(self) -> bool:
        """Whether the service announces anything."""
        return not self.over and "events" in (self._core.service.extensions or ())

    def arguments(self, task_id: str) -> dict[str, Any]:
        """The arguments of the request for the events that have not been seen yet."""
        options = self._core.options
        headers = {**own_headers(options), "Accept": "text/event-stream"}
        if self._last_id:
            headers["Last-Event-ID"] = self._last_id
        url = options.base_url + task_path(task_id, "events")
        return {"method": "GET", "url": url, "headers": headers, "timeout": _timeout(LONGEST_SILENCE)}

    def begin(self, status: int) -> bool:
        """A response begins; returns whether it is a stream of events."""
        self.over = status != OK and status < SERVER_ERROR
        return status == OK

    def take(self, line: str) -> bool:
        """Read a line; returns whether something is announced."""
        name, colon, value = line.partition(":")
        if name == "id" and colon:
            self._last_id = value.removeprefix(" ")
        return name == "data" and bool(colon)


def lower(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers with names in lower case."""
    return {name.lower(): value for name, value in headers.items()}
