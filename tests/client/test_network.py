"""The clients over real HTTP, on the service's bad days."""

from __future__ import annotations

import asyncio
import gc
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from enlarger import KieApiClient, NanoBananaClient, SyncKieApiClient, TaskStatus
from enlarger.client import inputs
from enlarger.errors import (
    ConfigurationError,
    InvalidInput,
    NotFound,
    ServiceUnreachable,
    StorageError,
    SubmissionUnknown,
    TaskFailed,
    WaitTimeout,
)
from enlarger.testing import Faults, InjectedFault, StandIn

_MODEL = "google/nano-banana"
_UPSCALE: str = "topaz/image-upscale"
_EDIT: str = "google/nano-banana-edit"
_INPUT: inputs.GoogleNanoBanana = {"prompt": "a room"}
_AMBIGUOUS = (
    InjectedFault.CUT_BEFORE,
    InjectedFault.CUT_AFTER,
    InjectedFault.CUT_MIDDLE,
    InjectedFault.BAD_GATEWAY,
    InjectedFault.NO_DATA,
)
_READ_FAULTS = (
    InjectedFault.CUT_BEFORE, InjectedFault.CUT_AFTER, InjectedFault.CUT_MIDDLE, InjectedFault.BAD_GATEWAY,
    InjectedFault.FORBIDDEN, InjectedFault.TOO_MANY,
    InjectedFault.MAINTENANCE, InjectedFault.SERVER_ERROR, InjectedFault.NULL_RECORD, InjectedFault.NO_DATA,
    InjectedFault.EMPTY_RESULT,
)  # fmt: skip


def connect(service: StandIn, **options: Any) -> KieApiClient:
    chosen = {"poll_interval": 0.02, "upload_url": service.upload_url, **options}
    return KieApiClient(service.api_key, service.base_url, **chosen)


@pytest.mark.kie_stand_in(seconds=0)
@pytest.mark.parametrize("fault", _READ_FAULTS, ids=lambda fault: fault.value)
async def test_a_wait_outlives_every_accident(kie_stand_in: StandIn, fault: InjectedFault) -> None:
    async with connect(kie_stand_in) as client:
        handle = await client.submit(_MODEL, _INPUT)
        kie_stand_in.script("recordInfo", [fault, fault, None])
        assert (await handle.result()).urls
    assert kie_stand_in.requests.counts["recordInfo"] == 3


@pytest.mark.kie_stand_in(seconds=0)
@pytest.mark.parametrize("fault", _AMBIGUOUS, ids=lambda fault: fault.value)
async def test_a_task_whose_fate_is_unknown_is_not_sent_again(kie_stand_in: StandIn, fault: InjectedFault) -> None:
    kie_stand_in.script("createTask", [fault])
    async with connect(kie_stand_in) as client:
        with pytest.raises(SubmissionUnknown):
            await client.submit(_MODEL, _INPUT)
    assert kie_stand_in.requests.counts["createTask"] == 1
    assert not kie_stand_in.duplicates


@pytest.mark.kie_stand_in(seconds=0, extensions=("idempotency-key",))
@pytest.mark.parametrize("fault", [*_AMBIGUOUS, InjectedFault.SERVER_ERROR], ids=lambda fault: fault.value)
async def test_a_service_that_honours_keys_makes_one_task_of_many_requests(
    kie_stand_in: StandIn, fault: InjectedFault
) -> None:
    kie_stand_in.script("createTask", [fault, fault])
    async with connect(kie_stand_in) as client:
        assert (await client.run(_MODEL, _INPUT)).urls
    assert kie_stand_in.requests.counts["createTask"] == 3
    assert len(kie_stand_in.tasks) == 1


async def test_a_service_that_is_not_there_is_told_at_once() -> None:
    async with KieApiClient("key", "http://127.0.0.1:9", max_retries=0) as client:
        with pytest.raises(ServiceUnreachable, match="KIE_BASE_URL"):
            await client.submit(_MODEL, _INPUT)


async def test_many_waits_at_once_on_a_bad_day() -> None:
    faults = [
        Faults(rate=0.3, kinds=_READ_FAULTS, routes=("recordInfo",), seed=5),
        Faults(rate=0.3, kinds=(*_AMBIGUOUS, InjectedFault.TOO_MANY), routes=("createTask",), seed=6, retry_after=0),
    ]
    with StandIn(seconds=0.2, limits=False, faults=faults, extensions=("idempotency-key",)) as service:
        async with connect(service, max_retries=10, poll_interval=0.1) as client:
            results = await asyncio.gather(
                *(client.run(_MODEL, {"prompt": f"room {number}"}, deadline=60) for number in range(25))
            )
        assert len({result.task_id for result in results}) == 25
        assert len(service.tasks) == 25
        assert not service.duplicates


def test_threads_may_share_the_synchronous_client() -> None:
    with (
        StandIn(seconds=0.1, limits=False) as service,
        SyncKieApiClient(service.api_key, service.base_url, poll_interval=0.05) as client,
        ThreadPoolExecutor(16) as pool,
    ):
        results = list(pool.map(lambda number: client.run(_MODEL, {"prompt": f"room {number}"}), range(32)))
        assert len({result.task_id for result in results}) == 32
        assert not service.duplicates


@pytest.mark.kie_stand_in(seconds=60)
async def test_a_wait_that_is_cancelled_says_which_task_it_leaves(
    kie_stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "enlarger.client")
    async with connect(kie_stand_in) as client:
        seen = asyncio.Event()
        running = asyncio.create_task(client.run(_MODEL, _INPUT, on_progress=lambda _: seen.set()))
        await seen.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await running
        [task] = kie_stand_in.tasks
        assert any(task.id in note for note in caught.value.__notes__)
        assert task.id in caplog.text
        with pytest.raises(WaitTimeout):
            await client.task(task.id).wait(deadline=0)


@pytest.mark.kie_stand_in(seconds=0)
async def test_the_key_goes_to_nobody_else(kie_stand_in: StandIn, tmp_path: Path) -> None:
    seen: list[httpx2.Request] = []

    async def note(request: httpx2.Request) -> None:
        seen.append(request)

    async with (
        httpx2.AsyncClient(event_hooks={"request": [note]}) as http,
        connect(kie_stand_in, http_client=http) as client,
    ):
        result = await client.run(_MODEL, _INPUT)
        await client.download(result, tmp_path)
    keys = ["authorization" in request.headers for request in seen]
    assert keys[-1] is False
    assert all(keys[:-1])


@pytest.mark.kie_stand_in(seconds=0)
async def test_a_download_is_whole_or_not_there(kie_stand_in: StandIn, tmp_path: Path) -> None:
    async with connect(kie_stand_in, max_retries=2) as client:
        result = await client.run(_MODEL, _INPUT)
        kie_stand_in.script("results", [InjectedFault.CUT_MIDDLE, InjectedFault.BAD_GATEWAY])
        [file] = await client.download(result, tmp_path / "a" / "room.png")
        assert file.read_bytes().startswith(b"\x89PNG")
        kie_stand_in.script("results", [InjectedFault.CUT_MIDDLE] * 3)
        with pytest.raises(ServiceUnreachable, match="not lost"):
            await client.download(result, tmp_path / "b" / "room.png")
        with pytest.raises(NotFound, match="not there"):
            await client.download(f"{kie_stand_in.results_url}/results/{'0' * 32}-0.png", tmp_path / "b" / "room.png")
    assert not list((tmp_path / "b").iterdir())


@pytest.mark.kie_stand_in(seconds=0)
async def test_several_results_are_numbered(kie_stand_in: StandIn, tmp_path: Path) -> None:
    async with connect(kie_stand_in) as client:
        handle = await client.submit(_MODEL, _INPUT)
        status: TaskStatus = await handle.wait()
        twice = await client.download(status, tmp_path / "room.png")
        assert [path.name for path in twice] == ["room.png"]
        [named] = await client.download(status, f"{tmp_path}/new/")
    assert named.parent == tmp_path / "new"
    assert named.name.endswith(".png")


@pytest.mark.kie_stand_in(seconds=0)
async def test_files_are_found_in_an_input_and_uploaded(kie_stand_in: StandIn, tmp_path: Path) -> None:
    photo = tmp_path / "моя комната.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe0 not much of a picture")
    async with connect(kie_stand_in) as client:
        wanted: inputs.GoogleNanoBananaEdit = {
            "image_urls": [photo, str(photo), photo.read_bytes(), "https://e.com/a.jpg"],
            "prompt": str(photo),
        }
        await client.submit("google/nano-banana-edit", wanted)
        await client.create_generation_task("google/nano-banana-edit", wanted)
    for task in kie_stand_in.tasks:
        urls = task.input["image_urls"]
        assert [url.startswith(kie_stand_in.upload_url) for url in urls] == [True, True, True, False]
        assert task.input["prompt"] == str(photo)  # a text is a text
    assert kie_stand_in.requests.counts["upload"] == 6


@pytest.mark.kie_stand_in(seconds=0)
async def test_a_data_url_is_uploaded_for_a_service_that_takes_none(kie_stand_in: StandIn) -> None:
    async with connect(kie_stand_in) as client:
        await client.submit(_UPSCALE, {"image": "data:image/png;base64,iVBORw0KGgo=", "scale": 2})
    [task] = kie_stand_in.tasks
    assert task.input["image_url"].startswith(kie_stand_in.upload_url)
    assert task.input["upscale_factor"] == "2"


@pytest.mark.kie_stand_in(seconds=0)
async def test_fields_that_the_catalogue_does_not_know_are_sent_along(kie_stand_in: StandIn) -> None:
    async with connect(kie_stand_in) as client:
        handle = await client.submit(_MODEL, {**_INPUT, "brand_new": 7})
        status = await handle.status()
    assert status.input is not None
    assert status.input["brand_new"] == 7


@pytest.mark.kie_stand_in(seconds=0)
async def test_a_model_is_known_by_any_of_its_names(kie_stand_in: StandIn) -> None:
    async with connect(kie_stand_in) as client:
        assert (await client.run("nano-banana", _INPUT)).model == _MODEL


@pytest.mark.kie_stand_in(seconds=0)
async def test_nothing_is_uploaded_for_an_input_that_is_wrong(kie_stand_in: StandIn, tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"x")
    async with connect(kie_stand_in) as client:
        with pytest.raises(InvalidInput, match="prompt"):
            await client.submit(_EDIT, {"image_urls": [photo]})
        with pytest.raises(InvalidInput, match=r"gone\.jpg"):
            await client.submit("google/nano-banana-edit", {"image_urls": [tmp_path / "gone.jpg"], "prompt": "x"})
    assert kie_stand_in.requests.counts.get("upload", 0) == 0


@pytest.mark.kie_stand_in(seconds=0)
async def test_the_default_callback_goes_along(kie_stand_in: StandIn) -> None:
    async with connect(kie_stand_in, callback_url="https://e.com/default") as client:
        default = await (await client.submit(_MODEL, _INPUT)).status()
        own = await (await client.submit(_MODEL, _INPUT, callback_url="https://e.com/own")).status()
    assert (default.callback_url, own.callback_url) == ("https://e.com/default", "https://e.com/own")


@pytest.mark.kie_stand_in(seconds=0, webhook_key="hook-key", callback_delay=0)
async def test_on_progress_may_wait_and_its_error_is_the_callers(kie_stand_in: StandIn) -> None:
    seen: list[str] = []

    async def note(status: TaskStatus) -> None:
        await asyncio.sleep(0)
        seen.append(status.state)

    def refuse(_: TaskStatus) -> None:
        raise LookupError("mine")

    async with connect(kie_stand_in) as client:
        await client.run(_MODEL, _INPUT, on_progress=note)
        with pytest.raises(LookupError, match="mine"):
            await client.run(_MODEL, _INPUT, on_progress=refuse)
    assert seen == ["success"]


@pytest.mark.kie_stand_in(seconds=0)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_client_may_be_used_in_one_event_loop_after_another(kie_stand_in: StandIn) -> None:
    client = connect(kie_stand_in)
    for _ in range(3):
        assert asyncio.run(client.run(_MODEL, _INPUT)).urls
    assert len(kie_stand_in.tasks) == 3
    del client
    gc.collect()  # a loop that is closed leaves its connections to the collector, which complains of them here


@pytest.mark.kie_stand_in(seconds=0)
def test_connections_are_not_shared_with_another_process(
    kie_stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        httpx2.Client() as http,
        SyncKieApiClient(kie_stand_in.api_key, kie_stand_in.base_url) as client,
        SyncKieApiClient(kie_stand_in.api_key, kie_stand_in.base_url, http_client=http) as given,
    ):
        before = client._driver.http
        monkeypatch.setattr("enlarger.client.sync_driver.os.getpid", lambda: -1)
        assert client._driver.http is not before
        before.close()
        with pytest.raises(ConfigurationError, match="another process"):
            given.submit(_MODEL, _INPUT)
    assert not kie_stand_in.tasks


@pytest.mark.kie_stand_in(seconds=0)
async def test_the_task_is_told_as_soon_as_there_is_one(kie_stand_in: StandIn) -> None:
    told: list[str] = []
    async with connect(kie_stand_in) as client:
        result = await client.run(_MODEL, _INPUT, on_submitted=lambda handle: told.append(handle.id))
    assert told == [result.task_id]


@pytest.mark.kie_stand_in(seconds=0)
async def test_nobodys_text_leads_to_a_file_that_is_no_picture(kie_stand_in: StandIn, tmp_path: Path) -> None:
    secret = tmp_path / "bot.env"
    secret.write_text("KIE_API_KEY=secret")
    picture = tmp_path / "a.png"
    picture.write_bytes(b"x")
    async with connect(kie_stand_in) as client:
        with pytest.raises(InvalidInput):
            await client.submit("topaz/image-upscale", {"image_url": str(secret)})
        strict = client.with_options(local_files=False)
        with pytest.raises(InvalidInput):
            await strict.submit("topaz/image-upscale", {"image_url": str(picture)})
        await strict.submit("topaz/image-upscale", {"image_url": picture})
    assert kie_stand_in.requests.counts["upload"] == 1


@pytest.mark.kie_stand_in(seconds=0)
async def test_two_downloads_to_one_place_do_not_mix(kie_stand_in: StandIn, tmp_path: Path) -> None:
    async with connect(kie_stand_in) as client:
        results = await asyncio.gather(*(client.run(_MODEL, {"prompt": f"room {number}"}) for number in range(4)))
        files = await asyncio.gather(*(client.download(result, tmp_path / "room.png") for result in results))
        assert {file for [file] in files} == {tmp_path / "room.png"}
        assert [path.name for path in tmp_path.iterdir()] == ["room.png"]
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(StorageError, match="cannot be written"):
            await client.download(results[0], tmp_path / "file" / "room.png")
        for wrong in ("room.png", "ftp://e.com/1.png", "http://[::1"):
            with pytest.raises(InvalidInput, match="url"):
                await client.download(wrong, tmp_path)


@pytest.mark.kie_stand_in(seconds=60)
async def test_a_task_that_has_not_ended_has_nothing_to_download(kie_stand_in: StandIn, tmp_path: Path) -> None:
    async with connect(kie_stand_in) as client:
        handle = await client.submit(_MODEL, _INPUT)
        with pytest.raises(NotFound, match="no result yet"):
            await client.download(await handle.status(), tmp_path)


@pytest.mark.kie_stand_in(seconds=0)
def test_a_coroutine_function_is_refused_where_nobody_awaits(kie_stand_in: StandIn) -> None:
    async def note(_: TaskStatus) -> None: ...

    with (
        SyncKieApiClient(kie_stand_in.api_key, kie_stand_in.base_url, poll_interval=0.02) as client,
        pytest.raises(TypeError, match="coroutine"),
    ):
        client.run(_MODEL, _INPUT, on_progress=note)


@pytest.mark.kie_stand_in(seconds=0)
async def test_one_picture_needs_no_list(kie_stand_in: StandIn, tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"x")
    async with NanoBananaClient(kie_stand_in.api_key, kie_stand_in.base_url, poll_interval=0.02) as client:
        await client.with_options(upload_url=kie_stand_in.upload_url).edit_image(
            picture, "warmer", idempotency_key="once"
        )
    [task] = kie_stand_in.tasks
    assert len(task.input["image_urls"]) == 1


@pytest.mark.kie_stand_in(seconds=0)
async def test_a_task_that_failed_is_not_tried_again(kie_stand_in: StandIn) -> None:
    kie_stand_in.fail_next("Invalid image URL", "400")
    async with connect(kie_stand_in) as client:
        with pytest.raises(TaskFailed, match="Invalid image URL"):
            await client.run(_MODEL, _INPUT)
    assert len(kie_stand_in.tasks) == 1
