"""What the SDK promises, against our own service as a process and against the stand-in of the hosted one."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import httpx2
import pytest

from enlarger import KieApiClient, SyncKieApiClient, TaskStatus
from enlarger.errors import (
    AuthenticationFailed,
    InputRefused,
    InvalidInput,
    NotFound,
    NotSupported,
    TaskCancelled,
    TaskFailed,
    WaitTimeout,
)
from enlarger.testing import StandIn
from tests import data_directories
from tests.environment import ENGINE
from tests.pictures import photo, save

pytestmark = pytest.mark.xdist_group("conformance")

_UPSCALE: str = "topaz/image-upscale"
_STARTING_SECONDS = 120


@dataclass
class Place:
    """A service to be tried, and how to make a task there that fails."""

    base_url: str
    upload_url: str
    api_key: str
    hosted: bool
    fail_next: Callable[[], None]
    unfinished: Callable[[], AbstractContextManager[None]] = nullcontext
    """In this block no task ends, where the service is one that can be held."""

    def client(self, **options: Any) -> KieApiClient:
        chosen = {"poll_interval": 0.2, "upload_url": self.upload_url, **options}
        return KieApiClient(chosen.pop("api_key", self.api_key), self.base_url, **chosen)

    def sync_client(self, **options: Any) -> SyncKieApiClient:
        chosen = {"poll_interval": 0.2, "upload_url": self.upload_url, **options}
        return SyncKieApiClient(self.api_key, self.base_url, **chosen)


@contextmanager
def ours(folder: Path, **others: str) -> Iterator[Place]:
    """`enlarger up` as a process."""
    settings = others | {
        "DATA_DIR": str(folder / "data"),
        "CONFIG": str(folder / "none"),
        "ALLOW_PRIVATE": "127.0.0.0/8",
        "ENGINE": ENGINE,
    }
    environment = os.environ | {f"ENLARGER_{name}": value for name, value in settings.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "enlarger", "up", "--port", "0"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        said: dict[str, str] = {}
        for line in process.stdout:
            name, _, value = line.strip().partition("   ")
            said[name] = value.strip()
            if "recordInfo" in line:
                break
        yield Place(said["API"], said["API"], said["key"], hosted=False, fail_next=lambda: None)
    finally:
        process.terminate()
        process.communicate(timeout=120)


@contextmanager
def hosted() -> Iterator[Place]:
    stopped_at: float | None = None

    @contextmanager
    def unfinished() -> Iterator[None]:
        nonlocal stopped_at
        stopped_at = time.time()
        try:
            yield
        finally:
            stopped_at = None

    def clock() -> float:
        return time.time() if stopped_at is None else stopped_at

    with StandIn(seconds=0.5, visible_after=0.1, limits=False, callback_delay=0.1, clock=clock) as service:
        yield Place(
            service.base_url,
            service.upload_url,
            service.api_key,
            hosted=True,
            fail_next=service.fail_next,
            unfinished=unfinished,
        )


@pytest.fixture(scope="module", params=["ours", "hosted"])
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, used_before: Path
) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("service")
    if request.param == "ours":
        data_directories.copy(used_before, folder / "data")
    with ours(folder) if request.param == "ours" else hosted() as found:
        yield found


@pytest.fixture
async def client(place: Place) -> AsyncIterator[KieApiClient]:
    async with place.client() as opened:
        yield opened


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return save(photo(24, 16), tmp_path / "small photo.jpg")


@pytest.fixture
def large_picture(tmp_path: Path) -> Path:
    """One that keeps the engine busy for longer than a client takes to ask."""
    return save(photo(120, 90), tmp_path / "large photo.jpg")


def wanted(picture: Path | str | bytes) -> dict[str, Any]:
    return {"image_url": picture, "upscale_factor": "2"}


async def test_a_task_is_made_followed_and_its_result_downloaded(
    client: KieApiClient, picture: Path, tmp_path: Path
) -> None:
    seen: list[TaskStatus] = []
    result = await client.run(_UPSCALE, wanted(picture), on_progress=seen.append)
    assert seen[-1].state == "success"
    assert result.model == _UPSCALE
    assert result.status.input is not None
    assert str(result.status.input["image_url"]).startswith("http")  # the file was uploaded
    assert result.status.created_at is not None
    [file] = await client.download(result, tmp_path / "out" / "large.png")
    assert file.read_bytes()[:2] in (b"\xff\xd8", b"\x89P")
    [named] = await client.download(result.url, tmp_path)
    assert named.read_bytes() == file.read_bytes()
    assert not list(tmp_path.rglob("*.part"))


async def test_the_first_documents_methods(client: KieApiClient, picture: Path) -> None:
    task_id = await client.create_generation_task(model=_UPSCALE, input_data=wanted(picture))
    url = await client.poll_task_result(task_id, max_polls=500, poll_interval=0.1)
    assert url.startswith("http")
    status = await client.get_task_status(task_id)
    assert (status["state"], status.get("taskId")) == ("success", task_id)


async def test_one_call_enlarges_a_picture_of_this_machine(client: KieApiClient, picture: Path) -> None:
    for image in (picture, str(picture), picture.read_bytes()):
        assert (await client.upscale(image, 2)).urls


async def test_a_wait_that_is_over_loses_nothing(place: Place, client: KieApiClient, large_picture: Path) -> None:
    with place.unfinished():
        handle = await client.submit(_UPSCALE, wanted(large_picture))
        with pytest.raises(WaitTimeout) as caught:
            await handle.wait(deadline=0)
    assert caught.value.task_id == handle.id
    async with place.client() as another:
        result = await another.task(caught.value.task_id).result()
    assert result.task_id == handle.id
    assert (await handle.result()).urls == result.urls


async def test_a_task_that_nobody_made_is_not_found(client: KieApiClient) -> None:
    with pytest.raises(NotFound):
        await client.get_task_status("0" * 32)


async def test_a_wrong_key_is_told(place: Place) -> None:
    async with place.client(api_key="wrong") as client:
        with pytest.raises(AuthenticationFailed) as caught:
            await client.credits()
    assert caught.value.code == 401


async def test_a_wrong_input_is_refused_before_anything_is_sent(client: KieApiClient, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="image_url"):
        await client.submit(_UPSCALE, {"upscale_factor": "2"})
    with pytest.raises(InvalidInput, match="no such file"):
        await client.upscale(tmp_path / "missing.jpg")
    with pytest.raises(InvalidInput, match="no such file"):
        await client.upscale("missing.jpg")


async def test_what_the_service_refuses_is_told_in_its_words(client: KieApiClient) -> None:
    with pytest.raises(InputRefused, match="image_url"):
        await client.create_generation_task(_UPSCALE, {"upscale_factor": "2"})
    with pytest.raises(InputRefused, match="model"):
        await client.create_generation_task("nobody/nothing", {"prompt": "x"})


async def test_a_task_that_fails_is_told_in_the_providers_words(place: Place, client: KieApiClient) -> None:
    place.fail_next()
    handle = await client.submit(_UPSCALE, wanted("http://127.0.0.1:9/photo.jpg"))
    with pytest.raises(TaskFailed) as caught:
        await handle.result()
    assert caught.value.task_id == handle.id
    assert caught.value.fail_code
    assert (await handle.wait()).failed


async def test_files_are_uploaded_by_three_routes(client: KieApiClient, picture: Path) -> None:
    content = picture.read_bytes()
    by_stream = await client.upload(picture)
    by_bytes = await client.upload(content, name="from bytes.jpg")
    by_url = await client.upload(by_stream.url)
    by_base64 = await client.upload("data:image/jpeg;base64," + __import__("base64").b64encode(content).decode())
    async with httpx2.AsyncClient() as http:
        for file in (by_stream, by_bytes, by_url, by_base64):
            assert (await http.get(file.url)).content == content
            assert file.size == len(content)
            assert file.mime_type == "image/jpeg"


async def test_the_account_and_the_models(client: KieApiClient) -> None:
    assert await client.credits() > 0
    models = {model.id: model for model in await client.models()}
    assert "upscale" in " ".join(models[_UPSCALE].tasks)


async def test_a_quote_needs_no_task(place: Place, client: KieApiClient, picture: Path) -> None:
    assert (await client.quote(_UPSCALE, wanted(picture))).amount == 10
    quoted = await client.quote("google/nano-banana", {"prompt": "a room"})
    assert (quoted.amount, quoted.refund_on_cancel) == (4, None if place.hosted else "unpaid")


async def test_a_link_for_anybody(client: KieApiClient, picture: Path) -> None:
    result = await client.upscale(picture)
    link = await client.download_url(result.url)
    async with httpx2.AsyncClient() as http:
        assert (await http.get(link)).status_code == 200
    with pytest.raises(InputRefused, match="url is wrong"):
        await client.download_url("https://example.com/1.png")


async def test_files_are_removed_where_the_service_can(place: Place, client: KieApiClient, picture: Path) -> None:
    stored = await client.upload(picture)
    if place.hosted:
        with pytest.raises(NotSupported, match="remove a file"):
            await client.delete_file(stored.url)
        return
    result = await client.upscale(picture)
    for url in (stored.url, result.url):
        await client.delete_file(url)
        with pytest.raises(NotFound):
            await client.delete_file(url)
    with pytest.raises(NotFound):
        await client.download(result, picture.with_name("large.jpg"))
    assert (await client.get_task_status(result.task_id)).succeeded


async def test_tasks_are_listed_and_cancelled_where_the_service_can(
    place: Place, client: KieApiClient, picture: Path
) -> None:
    handle = await client.submit(_UPSCALE, wanted(picture))
    if place.hosted:
        with pytest.raises(NotSupported, match="list tasks"):
            await client.list_tasks()
        with pytest.raises(NotSupported, match="cancel a task"):
            await handle.cancel()
        return
    assert handle.id in [task.task_id for task in await client.list_tasks(limit=5)]
    large = await asyncio.to_thread(save, photo(600, 400), picture.with_name("large.png"))
    slow = await client.submit(_UPSCALE, {"image_url": large, "upscale_factor": "8"})
    assert (await slow.cancel()).failed
    with pytest.raises(TaskCancelled):
        await slow.result()
    assert slow.id in [task.task_id for task in await client.list_tasks(state="fail", model=_UPSCALE)]


async def test_a_callback_is_confirmed_by_the_service_itself(client: KieApiClient, picture: Path) -> None:
    with receiver() as (url, received):
        task_id = await client.create_generation_task(_UPSCALE, wanted(picture), callback_url=url)
        body, headers = await asyncio.to_thread(received.get, timeout=120)
    callback = await client.confirm_callback(body, headers)
    assert callback.verified == "asked"
    assert callback.task.task_id == task_id
    assert callback.task.succeeded


async def test_where_a_task_is_announced_nobody_waits_for_the_next_look(place: Place, picture: Path) -> None:
    if place.hosted:
        pytest.skip("the hosted service announces nothing")
    paths: list[str] = []

    async def note(request: httpx2.Request) -> None:
        paths.append(request.url.path)

    async with place.client(poll_interval=3600.0) as client:  # by itself it would look too late
        for connections in (client._driver.http, client._driver.streams):
            connections.event_hooks = {"request": [note]}
        handle = await client.submit(_UPSCALE, wanted(picture))
        await handle.result()
    events = next(path for path in paths if path.endswith("/events"))
    assert paths.index(events) < paths.index("/api/v1/jobs/recordInfo")


async def test_other_options_for_one_call(client: KieApiClient) -> None:
    with pytest.raises(AuthenticationFailed):
        await client.with_options(api_key="wrong", max_retries=0).credits()
    assert await client.credits() > 0


def test_without_await_it_is_the_same(place: Place, picture: Path, large_picture: Path, tmp_path: Path) -> None:
    seen: list[str] = []
    with place.sync_client() as client:
        result = client.run(_UPSCALE, wanted(picture), on_progress=lambda status: seen.append(status.state))
        [file] = client.download(result, tmp_path / "large")
        assert file.stat().st_size > 100
        with place.unfinished():
            handle = client.submit(_UPSCALE, wanted(large_picture))
            with pytest.raises(WaitTimeout) as caught:
                handle.wait(deadline=0)
        assert "await" not in caught.value.resume
        assert client.task(handle.id).result().urls
        with pytest.raises(NotFound):
            client.get_task_status("0" * 32)
        assert client.upload(picture).url
        assert client.credits() > 0
    assert seen[-1] == "success"


@contextmanager
def receiver() -> Iterator[tuple[str, Queue[tuple[bytes, dict[str, str]]]]]:
    """Something that takes callbacks."""
    received: Queue[tuple[bytes, dict[str, str]]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.put((self.rfile.read(int(self.headers["Content-Length"])), dict(self.headers.items())))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/hook", received
        finally:
            server.shutdown()
            thread.join()
