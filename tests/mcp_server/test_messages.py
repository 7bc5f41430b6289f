"""Requests to /mcp that are no messages of the protocol: each is refused in JSON-RPC, in one sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from enlarger.mcp_server.messages import MOST_BODY_BYTES
from tests.conftest import KEY
from tests.mcp_server.test_http import ACCEPT, settings, url
from tests.mcp_server.test_tools import INITIALIZE

__all__ = ["settings", "url"]  # fixtures

_VERSIONS = [None, "2025-06-18", "2026-07-28", "1999-01-01"]
_TYPE = {"Content-Type": "application/json"}


@pytest.fixture
async def http(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Authorization": f"Bearer {KEY}", **ACCEPT}
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        yield client


def refused(reply: httpx2.Response, status: int) -> dict[str, Any]:
    """The JSON-RPC error of an answer."""
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/json"
    body = reply.json()
    assert body.keys() == {"jsonrpc", "id", "error"}
    assert "pydantic" not in body["error"]["message"]
    assert "\n" not in body["error"]["message"]
    return {"id": body["id"], **body["error"]}


@pytest.mark.parametrize("version", _VERSIONS)
async def test_wrong_headers_are_named(http: httpx2.AsyncClient, version: str | None) -> None:
    http.headers.update({"MCP-Protocol-Version": version} if version else {})
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        reply = await http.request(method, "/mcp")
        assert reply.headers["allow"] == "POST"
        words = f"{method} is not allowed at /mcp: send each JSON-RPC message by POST."
        assert refused(reply, 405)["message"] == words
    for headers in ({"Content-Type": "text/plain"}, {"Content-Type": "application/jsonp"}, {}):
        reply = await http.post("/mcp", content=b"{}", headers=headers)
        assert refused(reply, 415)["message"] == "The Content-Type must be application/json."
    for accept in ("text/html", "application/json", "text/event-stream"):
        reply = await http.post("/mcp", json=INITIALIZE, headers={"Accept": accept})
        assert "must have application/json, text/event-stream" in refused(reply, 406)["message"]


@pytest.mark.parametrize("version", _VERSIONS)
@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (b"{", -32700, "The body is not valid JSON."),
        (b"\xff", -32700, "The body is not valid JSON."),
        (b"[" * 10_000, -32700, "The body is not valid JSON."),
        (b"[" + b"1," * 30_000 + b"1]", -32600, "has more than 20000 values"),
        (b"[]", -32600, "must be one JSON-RPC message"),
        (b"5", -32600, "must be one JSON-RPC message"),
        (b"{}", -32600, "The field 'jsonrpc' must be \"2.0\"."),
        (b'{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600, "The field 'jsonrpc' must be \"2.0\"."),
        (b'{"jsonrpc":"2.0","id":1}', -32600, "The field 'method' must be text."),
        (b'{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600, "The field 'id' must be text or a whole number."),
        (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, "The field 'id' must be text or a whole number."),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', -32602, "The field 'params' must be a JSON object."),
        (
            b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}',
            -32602,
            "The field 'params.name' must be text.",
        ),
        (
            b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"balance","arguments":[1]}}',
            -32602,
            "The field 'params.arguments' must be a JSON object.",
        ),
    ],
)
async def test_a_body_that_is_no_message_is_refused(
    http: httpx2.AsyncClient, version: str | None, body: bytes, code: int, words: str
) -> None:
    http.headers.update({"MCP-Protocol-Version": version} if version else {})
    error = refused(await http.post("/mcp", content=body, headers=_TYPE), 400)
    assert error["code"] == code
    assert words in error["message"]
    assert error["id"] == (1 if b'"id":1' in body else None)


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_is_too_large_is_answered_after_it_was_sent(http: httpx2.AsyncClient, chunked: bool) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(6):
            yield b"x" * 1_000_000

    content = parts() if chunked else b"x" * (MOST_BODY_BYTES + 1)
    error = refused(await http.post("/mcp", content=content, headers=_TYPE), 413)
    assert error["message"].startswith("The request body is larger than 4 MB: upload large files first")
    assert (await http.post("/mcp", json=INITIALIZE)).status_code == 200


async def test_a_refusal_is_in_the_language_of_its_reader(http: httpx2.AsyncClient) -> None:
    error = refused(await http.put("/mcp", headers={"Accept-Language": "ru"}), 405)
    assert "POST" in error["message"]
    assert "not allowed" not in error["message"]


async def test_a_head_is_answered_at_once(http: httpx2.AsyncClient) -> None:
    reply = await http.head("/mcp")
    assert (reply.status_code, reply.content) == (405, b"")
