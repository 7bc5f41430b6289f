from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest

from enlarger.console import console_pages
from enlarger.server import Service, create_app, serve
from tests.conftest import KEY


@asynccontextmanager
async def serving_console(service: Service) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser's connection to a service, without a session: it sends what browsers send."""
    async with serve(create_app(service, pages=console_pages()), host="127.0.0.1", port=0) as url:
        headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
        async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=120) as client:
            yield client


@pytest.fixture
async def site(service: Service) -> AsyncIterator[httpx2.AsyncClient]:
    """The same to the tests' service."""
    async with serving_console(service) as client:
        yield client


@pytest.fixture
async def signed_in(site: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """The same with the session of the tests' key."""
    response = await site.post("/console/sign-in", data={"key": KEY})
    assert response.status_code == 303
    return site
