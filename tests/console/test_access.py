"""Who is let into the console, and who may act in it."""

from __future__ import annotations

import re

import httpx2
import pytest

from enlarger.console import console_pages, sign_in_url
from enlarger.server import Service, create_app
from enlarger.server.access import PUBLIC
from enlarger.tasks.accounts import Caps
from enlarger.tasks.sessions import SessionStore
from tests.conftest import KEY
from tests.console.steps import other_account
from tests.server.steps import create


def console_routes(service: Service) -> set[tuple[str, str]]:
    return {
        (method, route.path_format)
        for route in create_app(service, pages=console_pages()).routes
        if route.path_format.startswith("/console")
        for method in getattr(route, "methods", set()) - {"OPTIONS", "HEAD"}
    }


async def test_only_signing_in_and_assets_are_open(site: httpx2.AsyncClient, service: Service) -> None:
    routes = console_routes(service)
    open_paths = set()
    for method, path in routes:
        response = await site.request(method, re.sub(r"{\w+}", "x", path))
        led_away = response.status_code == 303 and response.headers["location"].startswith("/console/sign-in")
        if response.status_code != 401 and not led_away:
            open_paths.add(path)
    assert open_paths == console_pages().public
    assert open_paths.isdisjoint(PUBLIC)
    assert len(routes) > 10


async def test_a_key_opens_a_session_that_ends_with_it(site: httpx2.AsyncClient, service: Service) -> None:
    key, key_id = await service.accounts.make_key("default", name=None, caps=Caps())
    response = await site.post("/console/sign-in?next=%2Fconsole%2Ftasks%3Fstate%3Dfail", data={"key": key})
    assert (response.status_code, response.headers["location"]) == (303, "/console/tasks?state=fail")
    cookie = response.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/console"))
    assert key not in response.headers["set-cookie"]
    assert (await site.get("/console/")).status_code == 200
    await service.accounts.revoke(key_id)
    gone = await site.get("/console/tasks?state=fail")
    assert gone.headers["location"] == "/console/sign-in?next=%2Fconsole%2Ftasks%3Fstate%3Dfail"


async def test_the_cookie_is_for_tls_alone_where_there_is_tls(site: httpx2.AsyncClient, service: Service) -> None:
    object.__setattr__(service.settings, "public_url", "https://pictures.example")
    response = await site.post("/console/sign-in", data={"key": KEY})
    assert "secure" in response.headers["set-cookie"].lower()


async def test_a_link_signs_in_once(site: httpx2.AsyncClient, service: Service) -> None:
    url = await sign_in_url(service, "http://here", KEY)
    page, _, link = url.partition("#")
    assert page == "http://here/console/sign-in"
    assert (await site.post("/console/sign-in", data={"link": link})).status_code == 303
    assert (await site.get("/console/")).status_code == 200
    again = await site.post("/console/sign-in", data={"link": link})
    assert again.status_code == 401
    assert "has been used, or has expired" in again.text


async def test_signing_out_ends_the_session(signed_in: httpx2.AsyncClient) -> None:
    cookies = dict(signed_in.cookies)
    assert (await signed_in.post("/console/sign-out")).status_code == 303
    signed_in.cookies.update(cookies)
    assert (await signed_in.get("/console/")).status_code == 303


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/console/\\evil", "/files/x", ""])
async def test_nobody_is_led_elsewhere(site: httpx2.AsyncClient, to: str) -> None:
    response = await site.post("/console/sign-in", params={"next": to}, data={"key": KEY})
    assert response.headers["location"] == "/console/"


async def test_keys_are_not_guessed(site: httpx2.AsyncClient) -> None:
    statuses = [(await site.post("/console/sign-in", data={"key": "enl_wrong"})).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    assert (await site.post("/console/sign-in", data={"key": KEY})).status_code == 429


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_other_sites_cannot_act(signed_in: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    for path in ("/console/api/api/v1/jobs/createTask", "/console/sign-in", "/console/sign-out"):
        response = await signed_in.post(path, headers=headers, json={})
        assert response.status_code == 403
    assert (await signed_in.get("/console/")).status_code == 200


async def test_a_session_is_no_key_of_the_api(signed_in: httpx2.AsyncClient) -> None:
    assert (await signed_in.get("/v1/tasks")).status_code == 401


async def test_each_account_sees_its_own(signed_in: httpx2.AsyncClient, service: Service) -> None:
    async with await other_account(signed_in, service) as api:
        task_id = await create(api)
    assert task_id not in (await signed_in.get("/console/tasks")).text
    for path in (f"/console/tasks/{task_id}", f"/console/tasks/{task_id}/card"):
        assert (await signed_in.get(path)).status_code == 404
    assert (await signed_in.post(f"/console/api/v1/tasks/{task_id}/cancel")).status_code == 404


async def test_pages_run_no_scripts_but_ours(site: httpx2.AsyncClient) -> None:
    response = await site.get("/console/sign-in")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", response.text)


async def test_sessions_that_are_over_are_removed(service: Service) -> None:
    sessions: SessionStore = service.sessions
    await sessions.open(KEY, None)
    await sessions.make_link(KEY)
    await service.database.pool.execute("UPDATE sessions SET expires_at = now()")
    await service.database.pool.execute("UPDATE sign_in_links SET expires_at = now()")
    await sessions.trim()
    count = "SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM sign_in_links)"
    assert await service.database.pool.fetchval(count) == 0
