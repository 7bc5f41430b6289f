"""A service of our own for the clients."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from enlarger.server import Service, create_app, serve


@pytest.fixture
async def url(service: Service) -> AsyncIterator[str]:
    """Its address."""
    async with serve(create_app(service), host="127.0.0.1", port=0) as url:
        yield url
