"""Whatever is wrong with a createTask is said in the request's language; and no message names a command."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

import enlarger
from tests.server.steps import BODY, CREATE

_SOURCES = Path(enlarger.__file__).parent
_LETTERS = {"ru": re.compile("[а-яё]"), "zh": re.compile("[\u4e00-\u9fff]")}
_WORDS = re.compile(r"\b(?:the|is|are|must|has|give|send|you|use|with)\b", re.IGNORECASE)
_URL = "https://example.com/a.png"
_BAD: list[tuple[Any, dict[str, str]]] = [
    ({}, {}),
    (b"{", {}),
    (b"[]", {}),
    (b'{"a":' * 40 + b"1" + b"}" * 40, {}),
    ({**BODY, "note": "\0"}, {}),
    ({"model": 5, "input": {}}, {}),
    ({"model": "no/such-thing-at-all", "input": {}}, {}),
    ({"model": "topaz/image-upscal", "input": {}}, {}),
    ({**BODY, "input": []}, {}),
    ({**BODY, "callBackUrl": 5}, {}),
    ({**BODY, "callBackUrl": "ftp://example.com"}, {}),
    (BODY, {"Idempotency-Key": "x" * 300}),
    (BODY, {"Authorization": ""}),
    (BODY, {"Authorization": "Bearer wrong"}),
    ({"model": "google/nano-banana", "input": {"prompt": "x"}}, {}),
    ({"model": "grok-imagine/upscale", "input": {}}, {}),
    ({"model": "grok-imagine/upscale", "input": {"task_id": "ab" * 16}}, {}),
    ({"model": "recraft/crisp-upscale", "input": {"image": "short"}}, {}),
    ({"model": "recraft/crisp-upscale", "input": {"image": ""}}, {}),
]


@pytest.mark.parametrize("locale", ["ru", "zh"])
@pytest.mark.parametrize(("body", "headers"), _BAD, ids=lambda value: str(value)[:40])
async def test_an_error_is_in_the_requests_language(
    api: httpx2.AsyncClient, body: Any, headers: dict[str, str], locale: str
) -> None:
    content = {"content": body} if isinstance(body, bytes) else {"json": body}
    reply = (await api.post(CREATE, headers={"Accept-Language": locale, **headers}, **content)).json()
    assert reply["code"] >= 400, reply
    for message in (reply["msg"], reply["message"], *(problem["message"] for problem in reply.get("errors", []))):
        assert _LETTERS[locale].search(message), message
        said = re.sub(r"\(.*?\)", "", message)  # others' own words
        assert not _WORDS.search(said), message
    plain = (await api.post(CREATE, headers=headers, **content)).json()
    assert plain["code"] == reply["code"]
    assert plain["msg"].isascii()


@pytest.mark.parametrize("method", ["PUT", "GET"])
async def test_unknown_paths_and_methods_are_told_in_it_too(api: httpx2.AsyncClient, method: str) -> None:
    path = CREATE if method == "PUT" else "/nowhere"
    reply = (await api.request(method, path, headers={"Accept-Language": "ru"})).json()
    assert _LETTERS["ru"].search(reply["msg"])


_OF_CREATE = (
    "server/new_task.py", "server/requests.py", "server/access.py", "server/parameters.py", "tasks/source_task.py",
    "tasks/store.py:_create", "tasks/ledger.py:reserve", "tasks/ledger.py:admit_query",
    "tasks/accounts.py:authenticate", "catalog/load.py", "providers/routing.py:check", "protocol/inline.py",
    "infra/database.py:_persist",
)  # fmt: skip
"""Where errors of createTask are raised: modules, or functions of them."""


@pytest.mark.parametrize("place", _OF_CREATE)
def test_every_error_of_create_task_can_be_translated(place: str) -> None:
    """None is made of a text that only English has: the message is a sentence, or a variable that holds one."""
    module, _, function = place.partition(":")
    tree: ast.AST = ast.parse((_SOURCES / module).read_text())
    if function:
        tree = next(node for node in ast.walk(tree) if getattr(node, "name", None) == function)
    raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)]
    assert raised
    for call in raised:
        for argument in call.args:
            assert not isinstance(argument, ast.JoinedStr), ast.unparse(call)
            assert not (isinstance(argument, ast.Constant) and " " in str(argument.value)), ast.unparse(call)


def strings(module: Path) -> list[str]:
    """The texts of a module, without its docstrings."""
    tree = ast.parse(module.read_text())
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone
    ]


_OPERATORS = {
    "tasks/accounts.py", "tasks/budgets.py", "tasks/ledger.py", "providers/routing.py", "infra/data_directory.py",
    "engines/adding.py", "engines/auto.py", "engines/weights/files.py", "engines/weights/install.py",
}  # fmt: skip
"""What they say of commands is said to who runs a service: in the terminal, at its start, and in its log."""


def test_no_message_over_http_names_a_command() -> None:
    floors = ("server", "tasks", "catalog", "protocol", "engines", "infra", "providers", "worker")
    modules = [path for floor in floors for path in sorted((_SOURCES / floor).rglob("*.py"))]
    naming = {
        str(path.relative_to(_SOURCES))
        for path in modules
        if any(re.search(r"`enlarger [a-z]", text) for text in strings(path))
    }
    assert naming == _OPERATORS


async def test_no_page_of_the_api_names_a_command(api: httpx2.AsyncClient) -> None:
    described = (await api.get("/docs/openapi.json")).text
    assert "paths" in described
    assert not re.search(r"`enlarger [a-z]", described)
