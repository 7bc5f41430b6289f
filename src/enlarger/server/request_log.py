"""A line in the log, a measurement and a span for every request, without its query, its body and its key."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from litestar.connection import ASGIConnection
from litestar.types import Message

from enlarger.infra import tracing
from enlarger.monitoring.instruments import note_request
from enlarger.server.unread import DiscardsUnread

_FACTS = "enlarger_facts"
_CODE, _TASK_ID = "code", "task_id"
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Routes that machines ask every few seconds."""
_TRACE_HEADERS = frozenset({b"traceparent", b"tracestate"})
_ID = re.compile(r"[0-9a-f]{32}")

_log = structlog.get_logger("enlarger.request")


def note(connection: ASGIConnection[Any, Any, Any, Any], **facts: Any) -> None:
    """Add to a request's line: `account_id`, the `task_id` that it is about, or the `code` of its error."""
    connection.scope["state"].setdefault(_FACTS, {}).update(facts)


class LogsRequests(DiscardsUnread):
    """An application that writes down what it was asked, when the answer has been sent."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        method, began = scope["method"], time.perf_counter()
        status: int | None = None
        seconds = 0.0

        async def watched(message: Message) -> None:
            nonlocal status, seconds
            if message["type"] == "http.response.start":
                status, seconds = message["status"], time.perf_counter() - began
            await send(message)

        try:
            with _traced(scope, lambda: status):
                await super().__call__(scope, receive, watched)
        finally:
            facts = _facts(scope)
            route = scope.get("path_template")
            if status is not None:
                note_request(method, route, status=status, code=facts.get(_CODE, status), seconds=seconds)
            write = _log.debug if route in _QUIET else _log.info
            milliseconds = round((time.perf_counter() - began) * 1000)
            write("request", method=method, route=route, status=status, ms=milliseconds, **facts)


@contextmanager
def _traced(scope: Any, status: Callable[[], int | None]) -> Iterator[None]:
    """The span of a request, with what is known of it at its end."""
    if scope["path"] in _QUIET:
        yield
        return
    headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in _TRACE_HEADERS}
    with tracing.request_span(scope["method"], headers) as span:
        try:
            yield
        finally:
            if span.is_recording():
                facts = _facts(scope)
                tracing.describe_request(span, scope["method"], scope.get("path_template"), status())
                tracing.note(**{name: facts.get(name) for name in ("account_id", _TASK_ID, _CODE)})


def _facts(scope: Any) -> dict[str, Any]:
    """What is known of a request; the ids of tasks in paths are anybody's words."""
    facts: dict[str, Any] = dict(scope.get("state", {}).get(_FACTS, {}))
    named = scope.get("path_params", {}).get(_TASK_ID)
    if _TASK_ID not in facts and isinstance(named, str) and _ID.fullmatch(named):
        facts[_TASK_ID] = named
    return facts
