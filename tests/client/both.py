"""One test for both clients: the asynchronous one, driven like the synchronous one."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from enlarger import KieApiClient, SyncKieApiClient
from enlarger.testing import StandIn

KINDS = ("async", "sync")


class Driven:
    """An asynchronous client, or a handle of one, whose methods are waited for in `loop`."""

    def __init__(self, client: Any, loop: asyncio.Runner) -> None:
        self._client, self._loop = client, loop

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._client, name)
        if not callable(value):
            return Driven(value, self._loop) if hasattr(value, "_client") else value

        def call(*arguments: Any, **options: Any) -> Any:
            made = value(*arguments, **options)
            if not inspect.iscoroutine(made):
                return Driven(made, self._loop) if hasattr(made, "_client") or hasattr(made, "_core") else made

            async def wait() -> Any:
                return await made

            result = self._loop.run(wait())
            return Driven(result, self._loop) if hasattr(result, "_client") else result

        return call


@contextmanager
def client_of(kind: str, *arguments: Any, **options: Any) -> Iterator[Any]:
    """A client of either kind around a block, with methods that are called without `await`."""
    if kind == "sync":
        with SyncKieApiClient(*arguments, **options) as client:
            yield client
        return
    with asyncio.Runner() as loop:
        opened = KieApiClient(*arguments, **options)
        try:
            yield Driven(opened, loop)
        finally:
            loop.run(opened.aclose())


def connect(kind: str, service: StandIn, **options: Any) -> AbstractContextManager[Any]:
    """A client of the stand-in, as `client_of` has it; it looks often."""
    return client_of(
        kind, service.api_key, service.base_url, upload_url=service.upload_url, poll_interval=0.02, **options
    )
