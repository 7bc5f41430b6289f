"""Type checkers know every model's input; mypy reads this file, and an `ignore` that is not needed fails it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from scripts.write_types import CLIENT, inputs_module, overloads_module

from enlarger import KieApiClient, SyncKieApiClient
from enlarger.client import inputs

pytestmark = pytest.mark.integration  # processes of its own


@pytest.mark.parametrize("name", ["inputs", "overloads"])
def test_the_written_types_are_current(name: str) -> None:
    lines = {"inputs": inputs_module, "overloads": overloads_module}[name]()
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(CLIENT / f"{name}.py"), "-"]
    text = "\n".join(lines) + "\n"
    formatted = subprocess.run(command, input=text, capture_output=True, text=True, check=True, encoding="utf-8")
    assert formatted.stdout == (CLIENT / f"{name}.py").read_text(encoding="utf-8"), "run `make types`"


async def _is_typed(client: KieApiClient, plain: SyncKieApiClient, model: str, photo: Path) -> list[str]:
    """For mypy alone; nobody calls it."""
    drawn = await client.run("google/nano-banana", {"prompt": "a room", "aspect_ratio": "16:9"}, deadline=60)
    edited = await client.run("nano-banana-edit", {"prompt": "in winter", "image_urls": [photo, drawn.url]})
    handle = await client.submit("topaz/image-upscale", {"image_url": photo.read_bytes(), "upscale_factor": 2})
    wish: inputs.GoogleNanoBanana = {"prompt": "a room"}
    result = plain.run("google/nano-banana", wish, strict=True)
    anything = plain.submit(model, {"whatever": "it takes"})
    await client.run("google/nano-banana", {"prompt": "a room", "aspect_ration": "16:9"})  # type: ignore[misc]
    await client.run("google/nano-banana", {"prompt": "a room", "aspect_ratio": "16x9"})  # type: ignore[misc]
    await client.run("google/nano-banana", {"aspect_ratio": "16:9"})  # type: ignore[misc]
    plain.run("google/nano-banana", {"promt": "a room"}).url  # type: ignore[attr-defined]  # noqa: B018
    await client.submit("google/nano-banana", {"prompt": "x", "aspect_ration": "1:1"})  # type: ignore[misc]
    plain.submit("google/nano-banana", {"prompt": "x", "aspect_ration": "1:1"})  # type: ignore[unused-coroutine]
    plain.run("nano-banana", {"prompt": "x", "aspect_ration": "1:1"})  # type: ignore[unused-coroutine]
    plain.with_raw_response.submit("nano-banana", {"promt": "x"})  # type: ignore[unused-coroutine]
    plain.submit("new/model", {"whatever": "it takes"})
    await client.run("google/nano-banana", wish, dead_line=60)  # type: ignore[call-overload]
    wish["aspect_ration"] = "16:9"  # type: ignore[typeddict-unknown-key]
    return [edited.url, handle.id, result.url, anything.id]
