from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import httpx2
import pytest

from enlarger.console import sign_in_url
from enlarger.server import Service
from tests.conftest import KEY

Send = Callable[..., Awaitable[httpx2.Response]]


@pytest.fixture
async def admin(site: httpx2.AsyncClient, service: Service) -> httpx2.AsyncClient:
    """A browser's connection with an administrator's session."""
    _, _, link = (await sign_in_url(service, "", KEY)).partition("#")
    assert (await site.post("/console/sign-in", data={"link": link})).status_code == 303
    return site


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the page's first form that posts to these pages."""
    [form] = re.findall(r'<form[^>]*method="post"[^>]*operate.*?</form>', page, re.DOTALL)[:1]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))


@pytest.fixture
def send(admin: httpx2.AsyncClient) -> Send:
    """Fill in a page's form, and confirm what it asks, `times` times: `send(page, action, **fields)`."""

    async def do(page: str, action: str, *, times: int = 1, **fields: str) -> httpx2.Response:
        opened = await admin.get(page)
        assert opened.status_code == 200
        asked = await admin.post(action, data={**hidden(opened.text), **fields})
        if asked.status_code != 200:
            return asked
        confirming = hidden(asked.text)
        assert confirming["confirmed"] == "yes"
        answers = [await admin.post(action, data=confirming) for _ in range(times)]
        return answers[-1]

    return do
