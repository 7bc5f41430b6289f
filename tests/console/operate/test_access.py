"""The pages for administrators are for them alone."""

from __future__ import annotations

import re

import httpx2
import pytest

from enlarger.console.operate import operate_pages
from enlarger.server import Service
from tests.console.steps import sign_in_as_administrator

PAGES = ("", "/queue", "/orphans", "/accounts", "/accounts/default", "/accounts/default/ledger", "/usage", "/system")


def routes() -> set[tuple[str, str]]:
    """Every route of the router, whatever is added to it."""
    return {
        (method, re.sub(r"{\w+}", "default", route.path_format))
        for route in operate_pages().routes
        for method in getattr(route, "methods", set()) - {"OPTIONS", "HEAD"}
    }


async def test_a_user_finds_none_of_them(signed_in: httpx2.AsyncClient) -> None:
    found = routes()
    assert len(found) >= 15
    for method, path in found:
        response = await signed_in.request(method, path)
        assert response.status_code == 404, (method, path)
        assert f"There is nothing at {path}: see /docs for the routes." in response.text
    assert "/console/operate" not in (await signed_in.get("/console/")).text


async def test_an_administrators_key_opens_them(site: httpx2.AsyncClient, service: Service) -> None:
    await sign_in_as_administrator(site, service)
    assert '<a href="/console/operate">' in (await site.get("/console/")).text
    assert (await site.get("/console/operate")).status_code == 200


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
async def test_every_page_is_shown_without_scripts_or_styles_in_it(admin: httpx2.AsyncClient, language: str) -> None:
    for path in PAGES:
        response = await admin.get(f"/console/operate{path}", headers={"Accept-Language": language})
        assert response.status_code == 200, path
        assert len(response.content) < 50_000
        assert f'<html lang="{language}">' in response.text
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", response.text)
        assert 'aria-current="page"' in response.text


async def test_other_sites_cannot_act_here(admin: httpx2.AsyncClient) -> None:
    for method, path in routes():
        if method == "POST":
            response = await admin.post(path, headers={"Sec-Fetch-Site": "cross-site"}, data={"confirmed": "yes"})
            assert response.status_code == 403


async def test_unknown_accounts_keys_and_pages_are_not_found(admin: httpx2.AsyncClient) -> None:
    for path in ("/accounts/nobodys", "/accounts/nobodys/ledger", "/keys/nobodys", "/nothing"):
        assert (await admin.get(f"/console/operate{path}")).status_code == 404


@pytest.mark.parametrize("path", ["/accounts?after=%00&name=%00", "/accounts/%00", "/keys/%00", "/usage?days=-1"])
async def test_an_invalid_address_is_refused(admin: httpx2.AsyncClient, path: str) -> None:
    response = await admin.get(f"/console/operate{path}")
    assert 400 <= response.status_code < 500
    assert 'class="problem"' in response.text
