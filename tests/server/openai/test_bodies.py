"""Bodies that the OpenAI images API cannot read: each is refused in OpenAI's shape, in one sentence."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

_PATH = "/v1/images/"
_PICTURE = ("image", ("a.png", b"a picture", "image/png"))
_FORM = {"Content-Type": "multipart/form-data; boundary=x"}
_CUT_OFF = b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nA cat'


def text(name: str, *values: str | bytes) -> list[tuple[str, Any]]:
    """A form's field of text, several times."""
    return [(name, (None, value)) for value in values]


def refused(reply: httpx2.Response) -> dict[str, Any]:
    """The error of an answer, in OpenAI's shape."""
    assert reply.status_code == 400
    error: dict[str, Any] = reply.json()["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    assert error["type"] == "invalid_request_error"
    return error


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "The body is not valid JSON (Input data was truncated): send an object with prompt."),
        (b'{"prompt": A}', "The body is not valid JSON (JSON is malformed: invalid character (byte 11)): send"),
        (b"[]", "The body must be a JSON object with prompt."),
    ],
)
async def test_a_body_that_is_no_json_says_where(api: httpx2.AsyncClient, body: bytes, says: str) -> None:
    reply = await api.post(f"{_PATH}generations", content=body, headers={"Content-Type": "application/json"})
    error = refused(reply)
    assert error["message"].startswith(says)
    assert (error["param"], error["code"]) == (None, "invalid_request")


@pytest.mark.parametrize(
    ("route", "fields"), [("edits", "prompt, image"), ("variations", "image"), ("upscale", "image")]
)
async def test_each_route_names_its_own_fields(api: httpx2.AsyncClient, route: str, fields: str) -> None:
    error = refused(await api.post(_PATH + route, content=b"null", headers={"Content-Type": "application/json"}))
    assert error["message"] == f"The body must be a JSON object with {fields}."


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ([_PICTURE, *text("f", *["v"] * 3000)], "The form has more than 1000 fields"),
        ([*text("prompt", b"\xff"), _PICTURE], "A field of the form is not UTF-8 text"),
    ],
)
async def test_a_form_that_cannot_be_read_says_why(api: httpx2.AsyncClient, parts: Any, says: str) -> None:
    error = refused(await api.post(f"{_PATH}edits", files=parts))
    assert error["message"].startswith(says)
    assert error["code"] == "invalid_request"


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({"Content-Type": "multipart/form-data"}, "The Content-Type names no boundary"),
        (_FORM, "The multipart form is incomplete or malformed"),
    ],
)
async def test_a_form_that_is_none_says_why(api: httpx2.AsyncClient, headers: dict[str, str], says: str) -> None:
    for body in (b"prompt=a", _CUT_OFF):
        error = refused(await api.post(f"{_PATH}edits", content=body, headers=headers))
        assert error["message"].startswith(says)


@pytest.mark.parametrize("name", ["prompt", "model", "n", "size", "user", "stream", "mask", "quality"])
async def test_a_field_that_is_sent_several_times_is_named(api: httpx2.AsyncClient, name: str) -> None:
    parts = [_PICTURE, *text(name, "1", "2")]
    error = refused(await api.post(f"{_PATH}edits", files=parts))
    assert error["message"] == f"The form has the field '{name}' several times: send it once."
    assert (error["param"], error["code"]) == (name, "invalid_value")


async def test_a_number_with_one_value_is_named_by_it(api: httpx2.AsyncClient) -> None:
    error = refused(await api.post(f"{_PATH}upscale", files=[_PICTURE, *text("n", "2")]))
    assert error["message"] == "The field 'n' must be 1."
    assert error["param"] == "n"
