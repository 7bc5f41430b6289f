"""One try to tell an app that its task has ended: the request, and what came of it in a word."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx2
import msgspec

from enlarger.errors import SourceUnavailable
from enlarger.infra import tracing
from enlarger.infra.clock import machine_time
from enlarger.infra.links import Links
from enlarger.infra.safe_http import Allowed, GuardedTransport
from enlarger.protocol.records import encode_callback
from enlarger.protocol.retry_after import read_retry_after
from enlarger.protocol.signatures import sign_callback
from enlarger.tasks.records import Task
from enlarger.tasks.wire import to_record

ANSWER_SECONDS = 15.0
"""From the look-up of the host to the answer's status."""
_GONE = 410
_LONGEST_REST = 6 * 3600.0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a try came to."""

    at: datetime
    words: str
    """An HTTP status, or why there was none; nothing of the URL or of the body."""
    seconds: float
    answered: bool = False
    accepted: bool = False
    gone: bool = False
    """The app wants to be told no more."""
    rest: float = 0.0
    """Seconds for which it wants to be left alone."""


class CallbackSender:
    """Makes tries: signed, to public hosts only, without following redirects."""

    def __init__(
        self,
        links: Links,
        keys: Sequence[str],
        allowed: Allowed,
        *,
        seconds: float = ANSWER_SECONDS,
        transport: httpx2.AsyncBaseTransport | None = None,
        now: Callable[[], datetime] = machine_time,
    ) -> None:
        """`keys` sign, the first of them alone in the hosted service's way; `seconds` are all that a try may take."""
        self._links = links
        self._keys = keys
        self._seconds = seconds
        self._now = now
        # How many are under way is decided elsewhere; and the next name at an address gets a connection of its own.
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
        self._client = httpx2.AsyncClient(
            transport=GuardedTransport(allowed, transport or httpx2.AsyncHTTPTransport(limits=limits)),
            timeout=None,  # there is one for the whole try
            follow_redirects=False,
            trust_env=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            headers={"User-Agent": "enlarger", "Content-Type": "application/json"},
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def send(self, task: Task) -> Answer:
        """Send a task's callback once."""
        assert task.callback_url is not None
        at, began = self._now(), time.perf_counter()
        body = msgspec.json.encode(encode_callback(to_record(task, self._links, task.base_url)))
        headers = sign_callback(task.id, int(at.timestamp()), body, self._keys)
        if (context := tracing.context()) is not None:
            headers["traceparent"] = context
        response: httpx2.Response | None = None
        words = ""
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._client.stream("POST", task.callback_url, content=body, headers=headers) as response,
            ):
                pass  # the status says all; what else comes is not waited for
        except (SourceUnavailable, httpx2.ConnectError, httpx2.ConnectTimeout):
            words = "unreachable"  # one word: it is told to whoever gave the address
        except (TimeoutError, httpx2.TimeoutException):
            words = "timeout"
        except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, OSError, ValueError) as error:
            words = type(error).__name__
        seconds = time.perf_counter() - began
        if response is None:
            return Answer(at=at, words=words, seconds=seconds)
        return Answer(
            at=at,
            words=str(response.status_code),
            seconds=seconds,
            answered=True,
            accepted=response.is_success,
            gone=response.status_code == _GONE,
            rest=read_retry_after(response.headers.get("retry-after"), longest=_LONGEST_REST) or 0.0,
        )
