"""Which routes answer without a key: those that are listed, and no other."""

from __future__ import annotations

import re

import httpx2
import pytest

from enlarger.server import Service, create_app
from enlarger.server.access import PUBLIC

_NO_KEY = {"Authorization": "", "X-Http-Status": "real"}


def routes(service: Service) -> set[tuple[str, str]]:
    """The method and the path of every route, as the API's description writes paths."""
    return {
        (method, route.path_format)
        for route in create_app(service).routes
        for method in getattr(route, "methods", set()) - {"OPTIONS"}
    }


async def test_the_routes_that_need_no_key_are_those_that_are_listed(api: httpx2.AsyncClient, service: Service) -> None:
    answers = {}
    for method, path in routes(service):
        response = await api.request(method, re.sub(r"{\w+}", "x", path), headers=_NO_KEY)
        answers[method, path] = response.status_code
    assert len(answers) > 30
    assert {path for (_, path), status in answers.items() if status != 401} == PUBLIC
    assert {path for (_, path), status in answers.items() if status == 401}.isdisjoint(PUBLIC)


async def test_the_description_says_which_routes_need_no_key(api: httpx2.AsyncClient) -> None:
    paths = (await api.get("/openapi.json")).json()["paths"]
    described = {
        path for path, item in paths.items() for operation in item.values() if operation.get("security") == [{}]
    }
    assert described == PUBLIC & paths.keys()


@pytest.mark.parametrize("path", ["/v1/tasks", "/api/v1/jobs/createTask"])
async def test_a_browser_may_ask_without_a_key_what_it_may_send(api: httpx2.AsyncClient, path: str) -> None:
    headers = {"Authorization": "", "Origin": "https://example.com", "Access-Control-Request-Method": "POST"}
    assert (await api.options(path, headers=headers)).status_code == 204
