"""Networks of the user's own on the command line: added to a running service, used, exchanged and removed."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from enlarger.engines.adding import remove
from tests.acceptance.conftest import Command, OwnUp, Start
from tests.conftest import MakePhoto
from tests.engines.tiny_networks import Layer, convolution, deconvolution, keeping, repeating, write_network
from tests.own_networks import put_network
from tests.pictures import load
from tests.waiting import until


def network(folder: Path, *, brightness: float = 1.0) -> Path:
    layers: list[Layer] = [convolution(keeping(3), pad=1), deconvolution(repeating(2) * brightness, stride=2)]
    return write_network(folder, layers, "2x-Sharp").param


async def done(start: Start, *arguments: str | Path) -> Command:
    command = await start(*arguments)
    assert await command.end() == 0, command.text
    return command


async def test_a_running_service_has_a_network_as_soon_as_it_is_added(
    own_up: OwnUp, start: Start, make_photo: MakePhoto, tmp_path: Path
) -> None:
    _, client = own_up
    photo = make_photo("a.png")
    added = await done(start, "models", "add", network(tmp_path))
    assert "".join(added.out) == "own/2x-sharp: 2x-sharp, a network of your own, which enlarges 2 times\n"
    assert "".join((await done(start, "models", "--task", "upscale", "-q")).out).splitlines()[-1] == "own/2x-sharp"
    shown = json.loads("".join((await done(start, "models", "show", "own/2x-sharp", "--json")).out))
    assert (shown["licence"], shown["pricingDesc"]) == ("user's own", "0 credits")
    listed = (await client.get("/api/v1/models")).json()["data"]["models"]
    assert [model["scale"] for model in listed if model["model"] == "own/2x-sharp"] == [2]
    first = await done(start, "upscale", photo, "-m", "own/2x-sharp", "--keep-copies")
    assert "own/2x-sharp@" in first.text
    bright = load(tmp_path / "a@2x.png")
    assert bright.shape == (72, 96, 3)
    again = await done(start, "upscale", photo, "-m", "own/2x-sharp")
    assert "1 skipped" in again.text

    removed = json.loads("".join((await done(start, "models", "remove", "own/2x-sharp", "--json")).out))
    assert removed == {"model": "own/2x-sharp"}
    missing = await start("upscale", photo, "-m", "own/2x-sharp")
    assert await missing.end() == 6
    assert "There is no network own/2x-sharp here: add it, or choose another model." in missing.text

    added = await done(start, "models", "add", network(tmp_path, brightness=0.9), "--name", "2x-sharp", "--json")
    assert json.loads("".join(added.out))["scale"] == 2
    other = await start("upscale", photo, "-m", "own/2x-sharp")
    assert await other.end() == 1
    assert "made with own/2x-sharp (" in other.text
    await done(start, "upscale", photo, "-m", "own/2x-sharp", "--overwrite")
    assert load(tmp_path / "a@2x.png").mean() == pytest.approx(bright.mean() * 0.9, abs=1)


async def test_what_is_wrong_is_said_in_a_sentence(start: Start, tmp_path: Path) -> None:
    (tmp_path / "a.pth").touch()
    converts = all(find_spec(name) for name in ("torch", "spandrel", "onnx"))
    for arguments, code, says in (
        (
            ["add", "a.pth"],
            1,
            "its file is damaged" if converts else "a.pth is PyTorch's, and converting it needs packages",
        ),
        (["add", "none.onnx"], 1, "there is no file none.onnx"),
        (["add", "none.onnx", "--name", "A b"], 6, "--name 'A b' cannot be a name"),
        (["remove", "none"], 6, "There is no network 'none' of your own"),
        (["show", "own/none"], 6, "There is no network own/none here"),
        (["install", "own/none"], 6, "own/none is a network of your own: `enlarger models add` brings it"),
    ):
        command = await start("models", *arguments)
        assert await command.end() == code, command.text
        assert says in command.text
        assert "Traceback" not in command.text
    quoted = await start("quote", "own/none", "-i", "image_url=https://example.com/a.png")
    assert await quoted.end() == 6


async def test_a_network_that_is_removed_while_a_task_waits_fails_that_task_alone(
    own_up: OwnUp, make_photo: MakePhoto, tmp_path: Path
) -> None:
    _, client = own_up
    folder = tmp_path / "data" / "models"
    put_network(folder, "sharp")
    put_network(folder, "soft")

    async def create(model: str, picture: Path, **input: Any) -> str:
        uploaded = await client.post("/api/file-stream-upload", files={"file": picture.read_bytes()})
        url = uploaded.json()["data"]["downloadUrl"]
        body = {"model": model, "input": {"image_url": url, **input}}
        return str((await client.post("/api/v1/jobs/createTask", json=body)).json()["data"]["taskId"])

    async def state(task: str) -> dict[str, Any]:
        record: dict[str, Any] = (await client.get("/api/v1/jobs/recordInfo", params={"taskId": task})).json()["data"]
        return record

    middle = make_photo("middle.png", 640, 480)  # as a network's first one expected to take long, so they wait
    endless = await create("real-esrgan/x4plus", make_photo("large.png", 3000, 2500), upscale_factor=4)

    async def busy() -> bool:
        return bool((await state(endless))["state"] == "generating")

    await until(busy)
    tasks = [await create(f"own/{name}", middle) for name in ("sharp", "soft")]
    remove("sharp", folder)
    await client.post(f"/v1/tasks/{endless}/cancel")

    async def ended() -> bool:
        return all([(await state(task))["state"] in ("success", "fail") for task in tasks])

    await until(ended)
    failed, made = [await state(task) for task in tasks]
    assert (failed["state"], made["state"]) == ("fail", "success")
    assert "The network own/sharp is not on the machine that had the task: it has been removed" in failed["failMsg"]
    assert made["enlarger"]["network"].startswith("own/soft@")
