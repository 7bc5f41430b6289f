"""The tools, by the SDK's own client, on a stand-in of the hosted service."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from mcp_types import CallToolResult, ImageContent, ResourceLink, TextContent

from enlarger.client.failures import to_error
from enlarger.mcp_server.previews import MOST_BYTES
from enlarger.mcp_server.refusals import explain
from enlarger.testing import StandIn
from tests.mcp_server.conftest import Agent, tools
from tests.pictures import load

ROOM: dict[str, Any] = {"model": "google/nano-banana", "input": {"prompt": "a room"}}
INITIALIZE: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "tests", "version": "1"},
    },
}
CREATING = ("run_task", "remove_background", "upscale_file")
READING = ("find_models", "show_model", "quote", "balance", "wait_task", "task_status", "list_tasks")


def told(result: CallToolResult) -> dict[str, Any]:
    """The structured content of an answer that is no error."""
    assert not result.is_error, result.content
    content: dict[str, Any] = result.structured_content or {}
    assert content
    return content


def refusal(result: CallToolResult) -> str:
    """What an error says."""
    assert result.is_error, result.content
    (text,) = result.content
    assert isinstance(text, TextContent)
    assert "Traceback" not in text.text
    assert "\n" not in text.text
    return text.text


async def test_every_tool_says_what_it_does_takes_and_answers(agent: Agent) -> None:
    found = {tool.name: tool for tool in (await agent.list_tools()).tools}
    assert found.keys() == {*CREATING, *READING, "cancel_task", "save_result"}
    for tool in found.values():
        assert tool.title
        assert tool.output_schema, tool.name
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is (tool.name in READING)
        assert tool.annotations.destructive_hint is (tool.name in ("cancel_task", "save_result"))
        assert "ctx" not in tool.input_schema["properties"]
    for name in CREATING:
        assert "must use the same idempotency_key" in " ".join((found[name].description or "").split())
        assert "idempotency_key" in found[name].input_schema["properties"]


async def test_models_are_found_by_text_and_by_what_they_do(agent: Agent) -> None:
    by_text = told(await agent.call_tool("find_models", {"text": "nano banana"}))
    assert "google/nano-banana" in [model["model"] for model in by_text["models"]]
    by_task = told(await agent.call_tool("find_models", {"task": "upscale", "limit": 2}))
    assert len(by_task["models"]) == 2
    assert by_task["total"] > 2
    assert all("upscale" in model["tasks"] and model["price"] for model in by_task["models"])


async def test_a_model_is_shown_with_its_fields_limits_and_price(agent: Agent) -> None:
    model = told(await agent.call_tool("show_model", {"model": "topaz/image-upscale"}))
    fields = {field["name"]: field for form in model["forms"] for field in form}
    assert fields["image_url"]["required"]
    assert fields["upscale_factor"]["limits"] == "1, 2, 4, 8"
    assert "credits" in model["price"]
    assert model["example"]["upscale_factor"] == "2"


async def test_a_quote_costs_nothing() -> None:
    with StandIn() as service:
        async with tools(service) as agent:
            quote = told(await agent.call_tool("quote", ROOM))
        assert quote["credits"] > 0
        assert quote["exact"]
        assert service.tasks == ()


async def test_a_task_comes_back_with_a_link_and_a_preview(agent: Agent) -> None:
    result = await agent.call_tool("run_task", ROOM)
    task = told(result)
    assert task["state"] == "success"
    assert task["idempotency_key"]
    link = next(block for block in result.content if isinstance(block, ResourceLink))
    assert str(link.uri) == task["results"][0]["url"]
    assert link.mime_type == task["results"][0]["mime_type"] == "image/png"
    assert link.size
    picture = next(block for block in result.content if isinstance(block, ImageContent))
    assert picture.mime_type == "image/jpeg"
    content = base64.b64decode(picture.data)
    assert len(content) <= MOST_BYTES
    assert content.startswith(b"\xff\xd8")


async def test_waiting_is_reported_as_progress(agent: Agent) -> None:
    seen: list[str | None] = []

    async def progress(progress: float, total: float | None, message: str | None) -> None:
        seen.append(message)

    task = told(await agent.call_tool("run_task", ROOM, progress_callback=progress))
    assert seen[-1] == f"Task {task['task_id']}: success"


async def test_a_task_that_takes_longer_is_waited_for_again() -> None:
    with StandIn(seconds=lambda *_: 3600) as service:
        async with tools(service) as agent:
            begun = told(await agent.call_tool("run_task", {**ROOM, "wait_seconds": 0}))
            assert not begun["ended"]
            assert "wait_task" in begun["notes"][-1]
            task = {"task_id": begun["task_id"], "wait_seconds": 0.2}
            assert not told(await agent.call_tool("wait_task", task))["ended"]
        assert len(service.tasks) == 1


async def test_a_call_ends_in_its_time_with_the_id_of_the_task() -> None:
    with StandIn(seconds=lambda *_: 3600) as service:
        async with tools(service, seconds=18) as agent:
            begun = told(await agent.call_tool("run_task", {**ROOM, "wait_seconds": 30}))
    assert begun["task_id"] == service.tasks[0].id
    assert not begun["ended"]


async def test_a_failed_task_is_an_error_in_the_providers_words() -> None:
    with StandIn(seconds=0) as service:
        service.fail_next("The prompt was refused.", "422")
        async with tools(service) as agent:
            result = await agent.call_tool("run_task", ROOM)
    assert result.is_error
    first = result.content[0]
    assert isinstance(first, TextContent)
    assert first.text == f"Task {service.tasks[0].id} failed: The prompt was refused."
    assert result.structured_content is not None
    assert result.structured_content["fail_message"] == "The prompt was refused."


async def test_a_task_above_the_limit_has_to_be_confirmed() -> None:
    with StandIn(seconds=0) as service:
        async with tools(service, max_credits=1) as agent:
            price = told(await agent.call_tool("quote", ROOM))
            assert price["needs_confirmation"]
            said = refusal(await agent.call_tool("run_task", {**ROOM, "idempotency_key": "room-1"}))
            assert f"costs {price['credits']:g} credits" in said
            assert "above 1 credits" in said
            assert f"confirm_credits={price['credits']:g}" in said
            assert "idempotency_key='room-1'" in said
            assert "confirm_credits" in refusal(await agent.call_tool("run_task", {**ROOM, "confirm_credits": 1}))
            assert service.tasks == ()
            told(await agent.call_tool("run_task", {**ROOM, "confirm_credits": price["credits"]}))
    assert len(service.tasks) == 1


async def test_a_task_of_unknown_price_has_to_be_confirmed() -> None:
    with StandIn(seconds=0) as service:
        async with tools(service, max_credits=1) as agent:
            said = refusal(await agent.call_tool("run_task", {"model": "nobody/knows-it", "input": {}}))
    assert "price of this task is not known" in said
    assert service.tasks == ()


async def test_an_input_that_does_not_fit_is_refused_with_the_field_and_the_key(agent: Agent) -> None:
    said = refusal(
        await agent.call_tool("run_task", {"model": "google/nano-banana", "input": {}, "idempotency_key": "k-1"})
    )
    assert "prompt" in said
    assert "idempotency_key='k-1'" in said


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (422, "Correct the input: show_model lists the model's fields."),
        (413, "Use a smaller file."),
        (451, "Check the URL of the file."),
    ],
)
def test_advice_about_an_input_is_in_the_words_of_the_tools(code: int, advice: str) -> None:
    said = explain(to_error(code, "It cannot be used", enveloped=True))
    assert said == f"It cannot be used (code {code}). {advice}"


async def test_a_service_that_does_not_answer_is_an_error_without_the_key() -> None:
    with StandIn() as service:
        async with tools(service) as agent:
            service.go_down()
            said = refusal(await agent.call_tool("balance"))
            assert "does not answer" in said or "did not answer" in said or "reach" in said
            lost = refusal(await agent.call_tool("run_task", ROOM))
    assert "idempotency_key=" in lost


async def test_a_task_that_is_not_there_is_an_error(agent: Agent) -> None:
    assert refusal(await agent.call_tool("wait_task", {"task_id": "0" * 32}))
    assert refusal(await agent.call_tool("task_status", {"task_id": "0" * 32}))


async def test_a_picture_file_is_enlarged_beside_itself(agent: Agent, small_photo: Path) -> None:
    task = told(await agent.call_tool("upscale_file", {"path": str(small_photo), "factor": 2}))
    (saved,) = map(Path, task["saved_to"])
    assert saved.parent == small_photo.parent
    assert saved.stem == "photo@2x"
    assert load(saved).size


async def test_a_file_is_not_overwritten_unless_that_is_said(small_photo: Path, tmp_path: Path) -> None:
    there = tmp_path / "there.png"
    there.write_bytes(b"precious")
    with StandIn(seconds=0) as service:
        async with tools(service) as agent:
            call = {"path": str(small_photo), "output_path": str(there)}
            assert "overwrite=true" in refusal(await agent.call_tool("upscale_file", call))
            assert there.read_bytes() == b"precious"
            assert service.tasks == ()
            told(await agent.call_tool("upscale_file", {**call, "overwrite": True}))
    assert there.read_bytes() != b"precious"


async def test_a_retry_with_the_same_key_finds_the_task_although_its_result_is_saved(small_photo: Path) -> None:
    call = {"path": str(small_photo), "idempotency_key": "retry-1"}
    with StandIn(seconds=0, extensions=("idempotency-key",)) as service:
        async with tools(service) as agent:
            first = told(await agent.call_tool("upscale_file", call))
            again = told(await agent.call_tool("upscale_file", call))
    assert first["saved_to"]
    assert again["task_id"] == first["task_id"]
    assert any("exists already" in note for note in again["notes"])


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("missing/a.png", "does not exist"),
        ("folder/", "is a folder"),
        (".bashrc", "not the name of a picture"),
        ("notes.txt", "not the name of a picture"),
        ("/proc/a.png", "Nothing can be written"),
        ("link.png", "exists already"),
    ],
)
async def test_a_place_that_cannot_take_the_result_is_refused_before_a_task_is_made(
    small_photo: Path, tmp_path: Path, output: str, reason: str
) -> None:
    (tmp_path / "link.png").symlink_to(tmp_path / "nowhere.png")
    place = output if output.startswith("/") else f"{tmp_path}/{output}"
    with StandIn(seconds=0) as service:
        async with tools(service) as agent:
            said = refusal(await agent.call_tool("upscale_file", {"path": str(small_photo), "output_path": place}))
    assert reason in said
    assert service.tasks == ()


@pytest.mark.parametrize("path", ["nothing.jpg", "."])
async def test_a_picture_that_is_not_there_is_refused(agent: Agent, path: str) -> None:
    assert "There is no file" in refusal(await agent.call_tool("upscale_file", {"path": path}))


async def test_a_result_is_saved_later(agent: Agent, tmp_path: Path) -> None:
    task = told(await agent.call_tool("run_task", {**ROOM, "wait_seconds": 0}))
    told(await agent.call_tool("wait_task", {"task_id": task["task_id"]}))
    place = tmp_path / "room.png"
    saved = told(await agent.call_tool("save_result", {"task_id": task["task_id"], "output_path": str(place)}))
    assert saved["saved_to"] == [str(place)]
    assert place.stat().st_size


async def test_a_background_is_removed_from_a_file(agent: Agent, small_photo: Path) -> None:
    assert told(await agent.call_tool("remove_background", {"image": str(small_photo)}))["state"] == "success"


async def test_what_only_enlarger_can_do_says_so_elsewhere(agent: Agent) -> None:
    assert "Enlarger" in refusal(await agent.call_tool("list_tasks"))


async def test_over_http_no_tool_touches_files_of_the_service() -> None:
    with StandIn() as service:
        async with tools(service, on_this_machine=False) as agent:
            names = {tool.name for tool in (await agent.list_tools()).tools}
    assert names.isdisjoint({"upscale_file", "save_result"})
