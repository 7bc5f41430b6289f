from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest

from enlarger.server import Service, create_app, serve
from tests.conftest import KEY
from tests.server.several import four_processes

__all__ = ["four_processes"]  # a fixture that all modules share


@pytest.fixture
async def api(service: Service) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a server that answers real HTTP, with a valid key."""
    async with serve(create_app(service), host="127.0.0.1", port=0) as url:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=120) as client:
            yield client
