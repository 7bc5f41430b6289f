"""Cutting an object out, as people and apps have it done."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Start, Up
from tests.engines.objects import in_front, outline, overlap
from tests.pictures import load, save
from tests.waiting import until

_COVERED = outline(160, 120)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return save(in_front(_COVERED), tmp_path / "object.jpg")


@pytest.mark.usefixtures("used")
async def test_a_command_cuts_an_object_out_of_a_file(start: Start, source: Path, tmp_path: Path) -> None:
    command = await start("run", "cut-out", "-i", f"image_url=@{source}", "-o", "cut.png")
    assert await command.end() == 0, command.text
    assert command.out == ["cut.png\n"]
    assert "openvino-cpu, u2netp (local)" in command.text
    assert "generating\n" in command.err
    assert overlap(load(tmp_path / "cut.png")[..., 3] / 255, _COVERED) > 0.9


async def test_a_task_for_a_hosted_model_is_done_here_and_says_so(up: Up, source: Path, tmp_path: Path) -> None:
    _, client = up
    picture = base64.b64encode(source.read_bytes()).decode()
    body = {"model": "recraft/remove-background", "input": {"image": f"data:image/jpeg;base64,{picture}"}}
    quote = (await client.post("/v1/quote", json=body)).json()["data"]
    assert (quote["credits"], quote["exact"]) == (1, True)
    made = (await client.post("/api/v1/jobs/createTask", json=body)).json()
    seen: dict[str, Any] = {}

    async def ended() -> bool:
        reply = await client.get("/api/v1/jobs/recordInfo", params={"taskId": made["data"]["taskId"]})
        seen.update(reply.json()["data"])
        return seen["state"] in ("success", "fail")

    await until(ended, seconds=120)
    assert seen["state"] == "success", seen
    assert (seen["enlarger"]["provider"], seen["enlarger"]["network"]) == ("local", "u2netp")
    assert seen["enlarger"]["note"] == "u2netp on this machine made this picture, not Recraft Remove Background."
    (url,) = json.loads(seen["resultJson"])["resultUrls"]
    (tmp_path / "result.png").write_bytes((await client.get(url)).content)
    assert overlap(load(tmp_path / "result.png")[..., 3] / 255, _COVERED) > 0.9


async def test_a_command_shows_that_a_model_of_this_machine_took_a_hosted_ones_place(
    up: Up, start: Start, source: Path, tmp_path: Path
) -> None:
    command = await start("run", "recraft/remove-background", "-i", f"image=@{source}", "-o", "cut.png")
    assert await command.end() == 0, command.text
    assert "u2netp on this machine made this picture, not Recraft Remove Background.\n" in command.err
    assert overlap(load(tmp_path / "cut.png")[..., 3] / 255, _COVERED) > 0.9


async def test_a_picture_with_nothing_in_it_fails_with_a_sentence(up: Up, start: Start, tmp_path: Path) -> None:
    save(in_front(0 * outline(8, 8)), tmp_path / "plain.png")
    command = await start("run", "cut-out", "-i", "image_url=@plain.png")
    assert await command.end() == 8, command.text
    assert "Nothing in the picture stands out from its background" in command.text
    assert not list(tmp_path.glob("*[0-9a-f].png"))


async def test_a_format_without_transparency_is_refused(start: Start, source: Path) -> None:
    command = await start("run", "cut-out", "-i", f"image_url=@{source}", "-i", "output_format=jpg")
    assert await command.end() == 6
    assert "The field 'output_format' is 'jpg': choose one of png, webp, tiff, avif" in command.text


async def test_its_licence_and_its_limits_are_listed(start: Start) -> None:
    command = await start("models", "show", "cut-out")
    assert await command.end() == 0, command.text
    for words in ("Apache-2.0 (of the weights)", "weak on foliage, hair and rooms", "remove-background; routes: local"):
        assert words in command.text


async def test_upscale_says_which_command_cuts_out(start: Start, source: Path) -> None:
    command = await start("upscale", source, "-m", "cut-out")
    assert await command.end() == 6
    assert "u2net/cut-out removes the background and enlarges nothing: see `enlarger run u2net/cut-out`" in command.text
