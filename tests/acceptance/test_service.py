"""`enlarger up`, `serve` and `worker` as processes, and what happens when they are killed."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from tests import data_directories
from tests.acceptance.conftest import OwnUp, Start, Up
from tests.acceptance.services import START_SECONDS
from tests.conftest import MakePhoto
from tests.loopback_server import loopback_server
from tests.pictures import load
from tests.waiting import until

_CREATE = "/api/v1/jobs/createTask"


async def upload(client: httpx2.AsyncClient, path: Path) -> str:
    files = {"file": (path.name, path.read_bytes())}
    reply = (await client.post("/api/file-stream-upload", data={"uploadPath": "a"}, files=files)).json()
    return str(reply["data"]["downloadUrl"])


async def create(client: httpx2.AsyncClient, model: str, **payload: str) -> str:
    reply = (await client.post(_CREATE, json={"model": model, "input": payload})).json()
    assert reply["code"] == 200, reply
    return str(reply["data"]["taskId"])


async def record(client: httpx2.AsyncClient, task_id: str) -> dict[str, Any]:
    reply = (await client.get("/api/v1/jobs/recordInfo", params={"taskId": task_id})).json()
    assert reply["code"] == 200, reply
    data: dict[str, Any] = reply["data"]
    return data


async def ended(client: httpx2.AsyncClient, task_id: str, *, seconds: float = 240) -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def over() -> bool:
        found.update(await record(client, task_id))
        return found["state"] in ("success", "fail")

    await until(over, seconds=seconds)
    return found


def at_work(client: httpx2.AsyncClient, task_id: str) -> Any:
    async def generating() -> bool:
        current = await record(client, task_id)
        assert current["state"] not in ("success", "fail"), current
        return bool(current["state"] == "generating" and current["progress"] > 0)

    return generating


# up


async def test_the_curl_line_that_up_prints_works(up: Up) -> None:
    served, client = up
    line = next(line for line in served.out if "createTask" in line)
    curl = await asyncio.create_subprocess_exec(*shlex.split(line), stdout=asyncio.subprocess.PIPE)
    output, _ = await curl.communicate()
    task_id = json.loads(output)["data"]["taskId"]
    assert (await ended(client, task_id))["state"] == "success"


async def test_the_workflow_of_two_tasks(up: Up, make_photo: MakePhoto, tmp_path: Path) -> None:
    _, client = up
    url = await upload(client, make_photo("photo.png", 40, 30))
    first = await create(client, "real-esrgan/fast", image_url=url, upscale_factor="2")
    assert (await ended(client, first))["state"] == "success"
    second = await create(client, "grok/imagine-upscale", task_id=first)
    done = await ended(client, second)
    (link,) = json.loads(done["resultJson"])["resultUrls"]
    result = tmp_path / "result.png"
    result.write_bytes((await client.get(link)).content)
    assert load(result).shape == (120, 160, 3)
    assert done["enlarger"]["provider"] == "local"


async def test_pictures_by_url_and_callbacks_work_on_the_machine_itself(up: Up, make_photo: MakePhoto) -> None:
    """A service that only this machine can reach may reach it, too."""
    _, client = up
    content, bodies, delivered = make_photo("photo.png").read_bytes(), [], asyncio.Event()

    async def app(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if head.startswith("GET"):
            reply = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n" % len(content) + content
        else:
            length = next(int(line.split(":")[1]) for line in head.lower().split("\r\n") if "content-length" in line)
            bodies.append(json.loads(await reader.readexactly(length)))
            reply = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
            delivered.set()
        writer.write(reply)
        await writer.drain()

    async with loopback_server(app) as port:
        body = {
            "model": "real-esrgan/fast",
            "input": {"image_url": f"http://127.0.0.1:{port}/photo.png"},
            "callBackUrl": f"http://127.0.0.1:{port}/hook",
        }
        task_id = (await client.post(_CREATE, json=body)).json()["data"]["taskId"]
        await asyncio.wait_for(delivered.wait(), 120)
        assert bodies[0]["data"]["taskId"] == task_id
        link = json.loads(bodies[0]["data"]["resultJson"])["resultUrls"][0]
        assert (await client.get(link)).headers["content-type"] == "image/png"


async def test_a_second_up_says_who_holds_the_folder(start: Start, up: Up) -> None:
    first, _ = up
    second = await start("up", "--port", "0")
    assert await second.end() == 1
    assert f"in use by process {first.pid}, which answers at {first.url}" in second.text


@pytest.mark.usefixtures("used")
async def test_up_tells_programs_where_it_is(start: Start, tmp_path: Path) -> None:
    command = await start("up", "--port", "0", "--json")
    await until(command.says("recordInfo?taskId"), seconds=START_SECONDS)  # on stderr, as for people
    await until(command.says("sandbox"))
    assert await command.end(signal.SIGTERM) == 0
    data = json.loads("".join(command.out))
    assert data["url"].startswith("http://127.0.0.1:")
    assert data["apiKey"] == (tmp_path / "data" / "api-key").read_text().strip()
    assert data["providers"]["on"] == {"local": "this machine"}
    quiet = await start("up", "--port", "0", "-q")
    await until(quiet.says("http://127.0.0.1:"), seconds=START_SECONDS)
    assert await quiet.end(signal.SIGTERM) == 0
    assert len(quiet.out) == 1


@pytest.mark.parametrize("request_", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.usefixtures("used")
async def test_up_stops_cleanly_and_gives_back_what_it_does(
    start: Start, make_photo: MakePhoto, tmp_path: Path, request_: signal.Signals
) -> None:
    command = await start("up", "--port", "0", ENLARGER_API_KEY="my-key")
    await until(command.says("recordInfo?taskId"), seconds=START_SECONDS)
    assert command.after("key   ") == "my-key"
    assert not (tmp_path / "data" / "api-key").exists()
    headers = {"Authorization": "Bearer my-key"}
    async with httpx2.AsyncClient(base_url=command.after("API   "), headers=headers, timeout=120) as client:
        url = await upload(client, make_photo("big.png", 500, 400))
        task_id = await create(client, "real-esrgan/fast", image_url=url, upscale_factor="4")
        await until(at_work(client, task_id))
    assert await command.end(request_) == 0, command.text
    assert not [
        p
        for p in psutil.process_iter(["name"])
        if p.info["name"] == "postgres" and _cwd(p) == tmp_path / "data" / "postgres"
    ]
    again = await start("up", "--port", "0", ENLARGER_API_KEY="my-key")
    await until(again.says("recordInfo?taskId"), seconds=START_SECONDS)
    async with httpx2.AsyncClient(base_url=again.after("API   "), headers=headers, timeout=120) as client:
        assert (await ended(client, task_id))["state"] == "success"


def _cwd(process: psutil.Process) -> Path | None:
    try:
        return Path(process.cwd()) if process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None


@pytest.mark.usefixtures("used")
async def test_up_killed_in_mid_picture_loses_nothing(start: Start, make_photo: MakePhoto) -> None:
    settings = {"ENLARGER_API_KEY": "my-key", "ENLARGER_WORKER_LEASE": "1"}
    headers = {"Authorization": "Bearer my-key"}
    command = await start("up", "--port", "0", **settings)
    await until(command.says("recordInfo?taskId"), seconds=START_SECONDS)
    async with httpx2.AsyncClient(base_url=command.after("API   "), headers=headers, timeout=120) as client:
        url = await upload(client, make_photo("big.png", 500, 400))
        task_id = await create(client, "real-esrgan/fast", image_url=url, upscale_factor="4")
        await until(at_work(client, task_id))
    await command.end(signal.SIGKILL)
    again = await start("up", "--port", "0", **settings)
    await until(again.says("recordInfo?taskId"), seconds=START_SECONDS)
    async with httpx2.AsyncClient(base_url=again.after("API   "), headers=headers, timeout=120) as client:
        assert (await ended(client, task_id))["state"] == "success"


async def test_postgres_killed_while_tasks_wait_loses_nothing(
    own_up: OwnUp, make_photo: MakePhoto, tmp_path: Path
) -> None:
    command, client = own_up
    busy = await upload(client, make_photo("big.png", 500, 400))
    small = await upload(client, make_photo("small.png"))
    ids = [await create(client, "real-esrgan/fast", image_url=busy, upscale_factor="4")]
    ids += [await create(client, "real-esrgan/fast", image_url=small) for _ in range(4)]
    await until(at_work(client, ids[0]))
    os.kill(int((tmp_path / "data" / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    # A task that comes while it is away is kept, too, after a moment.
    ids.append(await create(client, "real-esrgan/fast", image_url=small))
    for task_id in ids:
        assert (await ended(client, task_id))["state"] == "success", command.text


# serve and worker, apart


async def test_a_killed_workers_task_is_done_by_another(
    start: Start, database_url: str, make_photo: MakePhoto, used_before: Path, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        data_directories.copy(used_before, tmp_path / name)
    settings = {
        "DATABASE_URL": database_url,
        "ENLARGER_STORAGE_URL": str(tmp_path / "shared"),
        "ENLARGER_API_KEY": "my-key",
        "ENLARGER_WORKER_LEASE": "2",
    }
    served = await start("serve", "--port", "0", **settings)
    await until(served.says("The API answers"), seconds=START_SECONDS)
    address = served.after("The API answers at ").split(";")[0]
    assert "my-key" not in served.text
    first = await start("worker", **settings, ENLARGER_DATA_DIR=tmp_path / "first")
    await until(first.says("is waiting for tasks"), seconds=START_SECONDS)
    headers = {"Authorization": "Bearer my-key"}
    async with httpx2.AsyncClient(base_url=address, headers=headers, timeout=120) as client:
        url = await upload(client, make_photo("big.png", 500, 400))
        task_id = await create(client, "real-esrgan/fast", image_url=url, upscale_factor="4")
        await until(at_work(client, task_id))
        await first.end(signal.SIGKILL)
        second = await start("worker", **settings, ENLARGER_DATA_DIR=tmp_path / "second")
        done = await ended(client, task_id)
        assert done["state"] == "success"
        assert await second.end(signal.SIGTERM) == 0
        assert "queue" not in second.text.lower() or "go back to the queue" in second.text


async def test_the_halves_say_what_they_need(start: Start) -> None:
    for half in ("serve", "worker"):
        command = await start(half)
        assert await command.end() == 1
        assert f"`enlarger {half}` needs DATABASE_URL" in command.text
    command = await start("worker", DATABASE_URL="postgresql://127.0.0.1/x")
    assert await command.end() == 1
    assert "needs ENLARGER_STORAGE_URL" in command.text
    broken = {"DATABASE_URL": "postgresql://user:secret@127.0.0.1:1/none", "ENLARGER_STORAGE_URL": "shared"}
    command = await start("worker", **broken, ENLARGER_DATABASE_WAIT="0")
    assert await command.end() == 1
    assert "cannot be reached" in command.text
    assert "secret" not in command.text


async def test_wrong_settings_are_named(start: Start, tmp_path: Path) -> None:
    command = await start("up", ENLARGER_HTTP_STATUS="maybe", ENLARGER_MAX_MEGAPIXELS="many")
    assert await command.end() == 1
    assert "ENLARGER_HTTP_STATUS" in command.text
    assert "ENLARGER_MAX_MEGAPIXELS" in command.text
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "holiday.jpg").touch()
    foreign = await start("up", "--data-dir", "pictures")
    assert await foreign.end() == 1
    assert "is not an Enlarger data directory (it holds holiday.jpg)" in foreign.text


async def test_help_has_examples(start: Start) -> None:
    for name in ("upscale", "up", "serve", "worker"):
        command = await start(name, "--help")
        assert await command.end() == 0
        assert "Example" in command.text
    version = await start("--version")
    assert await version.end() == 0
    assert version.out[0].startswith("enlarger 0.")
