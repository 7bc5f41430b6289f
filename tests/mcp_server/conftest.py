from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx2
import pytest
from mcp.client import Client
from mcp_types import CallToolResult, ListToolsResult

from enlarger.client import KieApiClient
from enlarger.mcp_server.access import Access, AnyContext, Terms
from enlarger.mcp_server.server import make_server
from enlarger.protocol.inline import is_url
from enlarger.testing import StandIn

T = TypeVar("T")


class Caller:
    """A client as it is."""

    def __init__(self, client: KieApiClient) -> None:
        self.client = client

    async def call(self, work: Callable[[KieApiClient], Awaitable[T]]) -> T:
        return await work(self.client)


@asynccontextmanager
async def tools(service: StandIn, **terms: Any) -> AsyncIterator[Client]:
    """An agent's client of the tools, in this process, on a service."""
    async with (
        KieApiClient(service.api_key, service.base_url, upload_url=service.upload_url, max_retries=0) as client,
        httpx2.AsyncClient() as http,
    ):
        access = Access(Caller(client), http, is_url)

        @asynccontextmanager
        async def open_access(_: AnyContext) -> AsyncIterator[Access]:
            yield access

        async with Client(make_server(open_access, Terms(**{"on_this_machine": True, **terms}))) as agent:
            yield agent


class Agent:
    """An agent that connects for every call, in the task that makes it: the SDK's client cannot be a fixture."""

    def __init__(self, service: StandIn) -> None:
        self.service = service

    async def call_tool(self, *arguments: Any, **options: Any) -> CallToolResult:
        async with tools(self.service) as client:
            return await client.call_tool(*arguments, **options)

    async def list_tools(self) -> ListToolsResult:
        async with tools(self.service) as client:
            return await client.list_tools()


@pytest.fixture
def agent() -> Iterator[Agent]:
    """An agent on a service whose tasks end at once."""
    with StandIn(seconds=0) as service:
        yield Agent(service)
