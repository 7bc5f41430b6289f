"""What an agent is told about arguments that a tool does not take, in one line each."""

from __future__ import annotations

from typing import Any

import pytest

from enlarger.client import KieApiClient
from enlarger.testing import StandIn
from tests.mcp_server.conftest import Agent, tools
from tests.mcp_server.test_tools import ROOM, refusal

_RUN_TASK = "the arguments of run_task are model, input, idempotency_key, confirm_credits and wait_seconds"
_SAYS = [
    ("run_task", {"input": {}}, "The argument 'model' is required, and must be text of 1 to 200 characters."),
    ("run_task", {**ROOM, "model": ""}, "The argument 'model' must be text of 1 to 200 characters."),
    ("run_task", {**ROOM, "model": 5}, "The argument 'model' must be text of 1 to 200 characters."),
    ("run_task", {**ROOM, "input": "a room"}, "The argument 'input' must be a JSON object."),
    ("run_task", {**ROOM, "wait_seconds": 31}, "The argument 'wait_seconds' must be a number from 0 to 30."),
    ("run_task", {**ROOM, "wait_seconds": "long"}, "The argument 'wait_seconds' must be a number from 0 to 30."),
    ("run_task", {**ROOM, "confirm_credits": -1}, "The argument 'confirm_credits' must be a number of at least 0."),
    (
        "run_task",
        {**ROOM, "idempotency_key": "k" * 300},
        "The argument 'idempotency_key' must be text of at most 255 characters.",
    ),
    ("run_task", {**ROOM, "prompt": "a"}, f"There is no argument 'prompt': {_RUN_TASK}."),
    ("run_task", {"wait": 1, "key": "k"}, f"There are no arguments 'wait' or 'key': {_RUN_TASK}."),
    (
        "run_task",
        {},
        (
            "The argument 'model' is required, and must be text of 1 to 200 characters."
            " The argument 'input' is required, and must be a JSON object."
        ),
    ),
    ("list_tasks", {"limit": 1.5}, "The argument 'limit' must be a whole number from 1 to 100."),
    ("list_tasks", {"state": 5}, "The argument 'state' must be text."),
    ("balance", {"account": "mine"}, "There is no argument 'account': balance takes no arguments."),
    ("upscale_file", {"path": "a.png", "factor": 3}, "The argument 'factor' must be 1, 2, 4 or 8."),
    ("upscale_file", {"path": ""}, "The argument 'path' must be text that is not empty."),
    ("upscale_file", {"path": "a.png", "overwrite": "maybe"}, "The argument 'overwrite' must be true or false."),
    ("run_tsk", ROOM, "There is no tool 'run_tsk': tools/list shows those there are."),
]


@pytest.mark.parametrize(("tool", "arguments", "sentence"), _SAYS)
async def test_a_wrong_argument_is_named_with_what_is_expected(
    agent: Agent, tool: str, arguments: dict[str, Any], sentence: str
) -> None:
    assert refusal(await agent.call_tool(tool, arguments)) == sentence


async def test_a_misspelt_argument_makes_no_task() -> None:
    with StandIn(seconds=0) as service:
        async with tools(service) as agent:
            refusal(await agent.call_tool("run_task", {**ROOM, "idempotency": "room-1"}))
        assert service.tasks == ()


async def test_the_schemas_say_that_there_are_no_other_arguments(agent: Agent) -> None:
    assert all(tool.input_schema["additionalProperties"] is False for tool in (await agent.list_tools()).tools)


async def test_an_error_of_ours_says_where_to_look(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(self: KieApiClient) -> float:
        raise RuntimeError("secret")

    monkeypatch.setattr(KieApiClient, "credits", broken)
    said = refusal(await agent.call_tool("balance"))
    assert said == "balance failed because of an error in Enlarger: its log has more."
