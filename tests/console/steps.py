"""Steps that tests of the console share: clients of the API beside a browser, and other accounts."""

from __future__ import annotations

import httpx2

from enlarger.server import Service
from enlarger.tasks.accounts import DEFAULT, Caps
from tests.conftest import KEY

PROMPT = {"model": "google/nano-banana", "input": {"prompt": "A Lighthouse at dusk, 100% calm"}}


def api_of(site: httpx2.AsyncClient, key: str = KEY) -> httpx2.AsyncClient:
    """Return a client of the API at the address of a browser, with a key."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx2.AsyncClient(base_url=site.base_url, headers=headers, timeout=120)


async def other_account(site: httpx2.AsyncClient, service: Service) -> httpx2.AsyncClient:
    """Add the account `other`, and return a client of the API with a key of it."""
    await service.accounts.add("other", credits=None, create_limit=None, query_limit=None)
    key, _ = await service.accounts.make_key("other", name=None, caps=Caps())
    return api_of(site, key)


async def sign_in_as_administrator(site: httpx2.AsyncClient, service: Service) -> None:
    """Sign in with a new administrator's key of the default account."""
    key, _ = await service.accounts.make_key(DEFAULT, name=None, caps=Caps(), admin=True)
    response = await site.post("/console/sign-in", data={"key": key})
    assert response.status_code == 303
