"""The commands about tasks as processes: with a stand-in of the hosted service, `enlarger up`, and nothing at all."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from enlarger.testing import FAIL_MARKER, StandIn
from tests.acceptance.conftest import Command, OwnUp, Start
from tests.acceptance.services import START_SECONDS
from tests.conftest import MakePhoto
from tests.waiting import until

_PAINT = ("run", "google/nano-banana", "-i", "prompt=a quiet room")
_LARGER = ("run", "real-esrgan/fast", "-i", "image_url=@photo.png", "-i", "upscale_factor=2")


def settings(service: StandIn, **more: str) -> dict[str, str]:
    return {
        "KIE_BASE_URL": service.base_url,
        "KIE_UPLOAD_URL": service.upload_url,
        "KIE_API_KEY": service.api_key,
        "KIE_API_POLLING_INTERVAL": "0.05",
        **more,
    }


@pytest.fixture
def hosted() -> Iterator[StandIn]:
    """The hosted service, as far as these commands can tell; its tasks have ended when they are first looked at."""
    with StandIn(seconds=0, limits=False, webhook_key="webhook-key", callback_delay=0.01) as service:
        yield service


@pytest.fixture
def slow() -> Iterator[StandIn]:
    """The same, with tasks that nobody lives to see the end of."""
    with StandIn(seconds=1e6, limits=False) as service:
        yield service


def document(command: Command) -> Any:
    """The one JSON document on stdout."""
    return json.loads("".join(command.out))


async def test_run_prints_addresses_or_saves_files_in_three_styles(
    start: Start, hosted: StandIn, tmp_path: Path
) -> None:
    said = await start(*_PAINT, **settings(hosted))
    assert await said.end() == 0, said.text
    (task,) = hosted.tasks
    assert said.out == [f"{hosted.results_url}/results/{task.id}-0.png\n"]
    assert f"task {task.id}\n" in said.err

    # The folder is made, because the name ends with a slash.
    told = await start(*_PAINT, "-o", "rooms/", "--json", **settings(hosted))
    assert await told.end() == 0, told.text
    data = document(told)
    assert data["files"] == [f"rooms/{data['taskId']}-0.png"]
    assert (data["state"], data["model"], data["credits"]) == ("success", "google/nano-banana", 4)
    with Image.open(tmp_path / data["files"][0]) as picture:
        assert picture.format == "PNG"
    assert told.err

    # What is there is replaced.
    (tmp_path / "room.png").write_text("old")
    quiet = await start(*_PAINT, "-o", "room.png", "-q", **settings(hosted))
    assert await quiet.end() == 0, quiet.text
    assert (quiet.out, quiet.err) == (["room.png\n"], [])
    with Image.open(tmp_path / "room.png") as picture:
        assert picture.format == "PNG"


async def test_a_file_is_uploaded_and_a_task_goes_through_every_command(
    start: Start, hosted: StandIn, make_photo: MakePhoto, tmp_path: Path
) -> None:
    make_photo("photo.png")
    edit = ("run", "nano-banana-edit", "-i", "prompt=x", "-i", "image_urls=@photo.png", "--no-wait", "-q")
    made = await start(*edit, **settings(hosted))
    assert await made.end() == 0, made.text
    (task,) = hosted.tasks
    assert made.text == f"{task.id}\n"
    assert task.model == "google/nano-banana-edit"
    assert task.input["image_urls"][0].startswith(hosted.upload_url)

    commands = {
        "status": await start("status", task.id, "-q", **settings(hosted)),
        "wait": await start("wait", task.id, "-o", "waited.png", "-q", **settings(hosted)),
        "download": await start("download", task.id, "-q", **settings(hosted)),
    }
    assert [await command.end() for command in commands.values()] == [0, 0, 0]
    assert {name: command.text for name, command in commands.items()} == {
        "status": "success\n",
        "wait": "waited.png\n",
        "download": f"{task.id}-0.png\n",
    }
    assert (tmp_path / f"{task.id}-0.png").read_bytes() == (tmp_path / "waited.png").read_bytes()
    assert len(hosted.tasks) == 1


async def test_whatever_goes_wrong_is_one_json_document_words_and_a_code(start: Start, hosted: StandIn) -> None:
    here = settings(hosted)
    wrong = {
        2: await start(*_PAINT, "--frobnicate", "--json", **here),
        3: await start("credits", "--json", **{**here, "KIE_API_KEY": "wrong-secret"}),
        6: await start("run", "google/nano-banana", "-i", "prompt=@nowhere.txt", "--json", **here),
        8: await start("run", "google/nano-banana", "-i", f"prompt={FAIL_MARKER}", "--json", **here),
    }
    for code, command in wrong.items():
        assert await command.end() == code, command.text
        assert document(command)["error"]["message"]
        assert "Traceback" not in command.text
        assert "wrong-secret" not in command.text
    (failed,) = hosted.tasks
    assert document(wrong[8])["error"]["taskId"] == failed.id
    assert document(wrong[6])["error"]["field"] == "prompt"


async def test_a_place_that_cannot_be_written_to_is_found_before_anything_is_paid(
    start: Start, hosted: StandIn, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    command = await start(*_PAINT, "-o", "file/room.png", **settings(hosted))
    assert await command.end() == 1
    assert command.text == "error: file/room.png cannot be written: file is not a folder.\n"
    assert not hosted.tasks


@pytest.mark.parametrize("request_", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupted_wait_says_how_to_go_on(start: Start, slow: StandIn, request_: signal.Signals) -> None:
    command = await start(*_PAINT, "--json", **settings(slow))
    await until(command.says("waiting"), seconds=START_SECONDS)
    assert await command.end(request_) == 130, command.text
    (task,) = slow.tasks
    error = document(command)["error"]
    assert (error["type"], error["taskId"]) == ("Interrupted", task.id)
    assert f"enlarger wait {task.id}" in error["message"]


@pytest.mark.parametrize("request_", [signal.SIGINT, signal.SIGTERM])
async def test_callbacks_are_received_until_somebody_ends_it(
    start: Start, hosted: StandIn, request_: signal.Signals
) -> None:
    listening = await start("webhooks", "listen", "--json", KIE_WEBHOOK_KEY="webhook-key")
    await until(listening.says("listening"), seconds=START_SECONDS)
    address = json.loads(listening.out[0])["listening"]
    made = await start(*_PAINT, "--no-wait", "--callback", address, "-q", **settings(hosted))
    assert await made.end() == 0, made.text
    await until(listening.says('"state":"success"'))
    assert await listening.end(request_) == 0, listening.text
    told = json.loads(listening.out[1])
    assert (told["task"]["taskId"], told["verified"]) == (hosted.tasks[0].id, "task")
    assert "webhook-key" not in listening.text
    assert "Traceback" not in listening.text


async def test_a_service_on_this_machine_is_used_listed_and_gives_files(
    start: Start, own_up: OwnUp, make_photo: MakePhoto, tmp_path: Path
) -> None:
    make_photo("photo.png", 48, 36)
    larger = await start(*_LARGER, "--json")
    assert await larger.end() == 0, larger.text
    data = document(larger)
    with Image.open(tmp_path / data["files"][0]) as picture:
        assert picture.size == (96, 72)
    listed = await start("list", "--state", "success", "--json")
    ended = await start("cancel", data["taskId"], "-q")
    assert (await listed.end(), await ended.end()) == (0, 0), listed.text + ended.text
    assert [task["taskId"] for task in document(listed)] == [data["taskId"]]
    assert ended.text == f"{data['taskId']} success\n"
    _, client = own_up
    record = (await client.get("/api/v1/jobs/recordInfo", params={"taskId": data["taskId"]})).json()
    assert record["data"]["state"] == "success"


async def test_with_no_service_at_all_one_is_started_and_the_file_is_in_this_folder(
    start: Start, make_photo: MakePhoto, tmp_path: Path
) -> None:
    make_photo("photo.png", 48, 36)
    refused = await start("run", "real-esrgan/fast", "-i", "image_url=@photo.png", "-i", "upscale_factor=20")
    assert await refused.end() == 6
    assert "16" in refused.text
    assert not (tmp_path / "data").exists()  # nothing is started for what is wrong anyway
    command = await start(*_LARGER)
    assert await command.end() == 0, command.text
    (name,) = command.out
    with Image.open(tmp_path / name.strip()) as picture:
        assert picture.size == (96, 72)
    assert "starting a service on this machine\n" in command.err


@pytest.mark.parametrize(("request_", "begun"), [(signal.SIGINT, "."), (signal.SIGTERM, "postgres")])
async def test_up_that_is_stopped_while_it_starts_is_interrupted(
    start: Start, tmp_path: Path, request_: signal.Signals, begun: str
) -> None:
    """At the first sign of its data directory, and while its database is made."""
    command = await start("up", "--sandbox", "--port", "0")

    async def has_begun() -> bool:
        return (tmp_path / "data" / begun).exists()

    await until(has_begun, seconds=START_SECONDS)
    assert await command.end(request_) == 130, command.text
    assert command.out == []
    assert not (tmp_path / "data" / "postgres" / "postmaster.pid").exists()


async def test_what_has_to_be_done_before_a_service_starts_needs_none(start: Start) -> None:
    for arguments in (("providers", "check"), ("budgets", "set", "provider", "kie", "--day", "5")):
        done = await start(*arguments)
        assert await done.end() == 0, done.text
    listed = await start("budgets", "list", "--json")
    assert await listed.end() == 0, listed.text
    assert [(one["name"], float(one["day_cap"])) for one in document(listed)] == [("kie", 5.0)]
