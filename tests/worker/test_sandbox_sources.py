"""In the sandbox, too, a task that builds on an earlier one works on what that one made."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from enlarger.engines.media import sniff_media
from enlarger.providers.router import Router
from enlarger.providers.routing import read_routing
from enlarger.providers.sandbox.provider import SandboxProvider
from enlarger.providers.sandbox.settings import SandboxSettings
from enlarger.settings import read_settings
from enlarger.tasks.records import Task
from tests.worker.hosted import Floor


@pytest.fixture
def sandbox(floor: Floor) -> Floor:
    """Everything runs in the sandbox, which has done it at once."""
    floor.providers = {"sandbox": SandboxProvider(read_settings(SandboxSettings, sandbox=True, sandbox_seconds=0))}
    floor.router = Router(floor.providers, read_routing("", simulating="sandbox"))
    floor.limits |= {"sandbox": floor.limits["kie"]}
    return floor


async def make(floor: Floor, model: str, **input: Any) -> tuple[Task, bytes]:
    """A task that has ended well, and what it made."""
    attempt = await floor.submit(model=model, input=input)
    await floor.poll(attempt)
    await floor.collector()(str(attempt.id))
    task = await floor.task(attempt)
    assert task.state == "success", task.fail_message
    assert task.result is not None
    stored = await floor.service.files.get(task.result.files[0].id)
    assert stored is not None
    return task, b"".join([chunk async for chunk in floor.service.storage.get(stored.key)])


@pytest.mark.parametrize(
    ("ratio", "size"), [("3:2", (2048, 1366)), ("2:3", (1366, 2048)), ("1:1", (2048, 2048)), ("16:9", (2048, 1152))]
)
async def test_an_earlier_picture_is_enlarged_in_its_own_shape(
    sandbox: Floor, ratio: str, size: tuple[int, int]
) -> None:
    source, picture = await make(sandbox, "grok-imagine/text-to-image", prompt="a house", aspect_ratio=ratio)
    with Image.open(io.BytesIO(picture)) as image:
        assert (image.width * 2, image.height * 2) == size
    _, enlarged = await make(sandbox, "grok-imagine/upscale", task_id=source.id)
    with Image.open(io.BytesIO(enlarged)) as image:
        assert image.size == size


async def test_an_earlier_video_stays_one(sandbox: Floor) -> None:
    source, video = await make(sandbox, "grok-imagine/text-to-video", prompt="a house")
    assert sniff_media(video) is not None
    _, enlarged = await make(sandbox, "grok-imagine/upscale", task_id=source.id)
    assert sniff_media(enlarged) == sniff_media(video)


async def test_an_edit_has_the_shape_of_the_earlier_picture(sandbox: Floor) -> None:
    source, _ = await make(sandbox, "grok-imagine/text-to-image", prompt="a house", aspect_ratio="3:2")
    _, edited = await make(sandbox, "grok-imagine-image-2-0/image-edit", prompt="in red", task_id=source.id)
    with Image.open(io.BytesIO(edited)) as image:
        assert image.size == (1024, 683)


async def test_what_is_no_longer_kept_cannot_be_built_upon(sandbox: Floor) -> None:
    source, _ = await make(sandbox, "grok-imagine/text-to-image", prompt="a house")
    await sandbox.database.pool.execute("UPDATE files SET expires_at = now()")
    attempt_of = await sandbox.make(model="grok-imagine/upscale", input={"task_id": source.id})
    await sandbox.dispatcher()(attempt_of.id)
    ended = await sandbox.task(attempt_of)
    assert (ended.state, ended.fail_code) == ("fail", "422")
    assert "no longer kept" in (ended.fail_message or "")
