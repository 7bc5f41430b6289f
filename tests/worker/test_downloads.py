"""Slow downloads of results: they keep nobody else waiting, and end when they are not needed or the worker stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from enlarger.errors import ProviderSilent
from enlarger.infra.safe_http import Allowed
from enlarger.infra.storage import Storage
from enlarger.providers.results import Results
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.orphans import OrphanStore
from enlarger.tasks.records import Attempt
from enlarger.worker.collect import CollectConfig, Collector
from tests.conftest import MakePhoto
from tests.loopback_server import loopback_server
from tests.waiting import until
from tests.worker.conftest import MakeTask
from tests.worker.hosted import Floor, Scripted, succeeded


class Slow:
    """Lets downloads from some hosts hang until they are let go."""

    def __init__(self, floor: Floor, picture: bytes) -> None:
        self._floor = floor
        self._picture = picture
        self.under_way: list[str] = []
        self.go_on = asyncio.Event()

    async def finish(self, provider: Scripted, host: str) -> Attempt:
        """An attempt whose result is at a host; it hangs if the host's name says so."""
        attempt = await self._floor.submit(model="google/nano-banana")
        assert attempt.provider == provider.name
        url = f"https://{host}/{attempt.id}.png"
        provider.files[url] = [self._picture]
        provider.says = succeeded(attempt.provider_task_id or "", url)
        attempt = await self._floor.poll(attempt)
        fetch = type(provider).fetch

        async def slowly(output: str, target: Path) -> None:
            if "slow" in output:
                self.under_way.append(output)
                try:
                    await self.go_on.wait()
                finally:
                    self.under_way.remove(output)
            await fetch(provider, output, target)

        provider.fetch = slowly  # type: ignore[method-assign]
        return attempt


@pytest.fixture
def slow(floor: Floor, make_photo: MakePhoto) -> Slow:
    return Slow(floor, make_photo("a.png", 24, 16).read_bytes())


Started = list[asyncio.Task[timedelta | None]]


async def start(slow: Slow, collect: Collector, attempts: list[Attempt]) -> Started:
    """Begin to collect, until all of them hang."""
    expected = len(slow.under_way) + len(attempts)
    started = [asyncio.create_task(collect(str(attempt.id))) for attempt in attempts]

    async def all_hang() -> bool:
        return len(slow.under_way) == expected

    await until(all_hang)
    return started


async def test_slow_downloads_leave_places_for_other_hosts_and_other_providers(floor: Floor, slow: Slow) -> None:
    collect = floor.collector()
    hanging = [await slow.finish(floor.kie, "slow.example") for _ in range(9)]
    other_hanging = [await slow.finish(floor.kie, "slow-too.example") for _ in range(8)]
    same, quick = hanging.pop(), await slow.finish(floor.kie, "quick.example")
    started = await start(slow, collect, hanging)

    again = await collect(str(same.id))
    assert again is not None
    assert timedelta(seconds=0.7) < again < timedelta(seconds=1.3)
    assert await collect(str(quick.id)) is None
    assert (await floor.task(quick)).state == "success"

    last = await slow.finish(floor.kie, "quick.example")
    started += await start(slow, collect, other_hanging)
    assert await collect(str(last.id)) is not None, "a provider has 16 places"
    floor.router.health["kie"].adopt("suspended", "no credits", 600)
    elsewhere = await slow.finish(floor.replicate, "slow.example")
    started += await start(slow, collect, [elsewhere])

    slow.go_on.set()
    assert await asyncio.gather(*started) == [None] * 17
    assert await collect(str(same.id)) is None
    assert await collect(str(last.id)) is None
    for attempt in (*hanging, *other_hanging, same, last, elsewhere):
        assert (await floor.task(attempt)).state == "success"


async def test_the_more_wait_for_a_place_the_longer_they_pause(floor: Floor, slow: Slow) -> None:
    collect = floor.collector()
    started = await start(slow, collect, [await slow.finish(floor.kie, "slow.example") for _ in range(8)])
    waiting = [await slow.finish(floor.kie, "slow.example") for _ in range(60)]
    pauses = [pause.total_seconds() for one in waiting if (pause := await collect(str(one.id))) is not None]
    assert len(pauses) == 60
    assert max(pauses[:10]) < 1.3
    assert min(pauses[-5:]) > 2.0
    slow.go_on.set()
    await asyncio.gather(*started)


async def test_a_cancelled_task_frees_its_place_and_its_result_is_kept_all_the_same(
    floor: Floor, slow: Slow, storage: Storage
) -> None:
    collect = floor.collector(config=CollectConfig(look=0.02))
    attempts = [await slow.finish(floor.kie, "slow.example") for _ in range(8)]
    started = await start(slow, collect, attempts)
    for attempt in attempts:
        await floor.service.tasks.cancel(DEFAULT, attempt.task_id)
    assert await asyncio.gather(*started) == [timedelta(seconds=1)] * 8
    assert slow.under_way == []
    assert list(floor.work.iterdir()) == []

    # Nobody waits for them: they have two places, and leave the others alone.
    orphans = await start(slow, collect, attempts[:2])
    assert await collect(str(attempts[2].id)) is not None
    wanted = await slow.finish(floor.kie, "slow.example")
    started = await start(slow, collect, [wanted])
    slow.go_on.set()
    assert await asyncio.gather(*orphans, *started) == [None] * 3
    assert (await floor.task(wanted)).state == "success"
    kept = [orphan.id for orphan in await OrphanStore(floor.database).newest(most=10) if orphan.files]
    assert sorted(kept) == [attempt.id for attempt in attempts[:2]]


async def test_a_worker_that_has_to_stop_ends_its_downloads(floor: Floor, slow: Slow, tmp_path: Path) -> None:
    collect = floor.collector()
    attempts = [await slow.finish(floor.kie, "slow.example") for _ in range(3)]
    started = await start(slow, collect, attempts)
    floor.stopping.set()
    assert await asyncio.gather(*started) == [timedelta(0)] * 3
    assert slow.under_way == []
    assert list(floor.work.iterdir()) == []
    for attempt in attempts:
        assert (await floor.task(attempt)).state == "generating"
        assert await floor.attempts.to_collect(attempt.id) is not None


async def test_a_worker_that_has_to_stop_ends_its_uploads(floor: Floor, make_task: MakeTask) -> None:
    task = await make_task(model="topaz/image-upscale")
    begun = asyncio.Event()

    async def hang(path: Path, *, name: str, mime_type: str) -> str:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    floor.kie.upload = hang  # type: ignore[method-assign]
    dispatch = asyncio.create_task(floor.dispatcher()(task.id))
    await begun.wait()
    floor.stopping.set()
    assert await dispatch == timedelta(0)
    assert (await floor.of_task(task), floor.kie.orders, list(floor.work.iterdir())) == ([], [], [])


@asynccontextmanager
async def host(*pieces: bytes, hang: bool, pause: float = 0.0) -> AsyncIterator[str]:
    """The address of a file that comes in pieces, with pauses between them, and perhaps never to its end."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nConnection: close\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        if hang:
            await reader.read()

    async with loopback_server(answer) as port:
        yield f"http://127.0.0.1:{port}"


async def test_a_download_that_is_too_slow_is_ended(tmp_path: Path) -> None:
    async with host(bytes(1500), hang=True) as url:
        results = Results("KIE", Allowed.parse(()), base_url=url, least_speed=(1000, 0.1))
        with pytest.raises(ProviderSilent, match="comes too slowly: less than 10 kB a second"):
            await results.fetch(f"{url}/a.png", tmp_path / "result")
        await results.aclose()
    assert list(tmp_path.iterdir()) == []


async def test_a_download_that_drips_is_ended_however_often_something_comes(tmp_path: Path) -> None:
    async with host(*[b"x"] * 1000, hang=False, pause=0.01) as url:
        results = Results("KIE", Allowed.parse(()), base_url=url, least_speed=(1001, 1.0))
        with pytest.raises(ProviderSilent, match="comes too slowly"):
            await results.fetch(f"{url}/a.png", tmp_path / "result")
        await results.aclose()


async def test_a_download_that_is_quick_enough_may_take_longer_than_the_time_for_a_part(tmp_path: Path) -> None:
    async with host(*[bytes(1000)] * 50, hang=False) as url:
        results = Results("KIE", Allowed.parse(()), base_url=url, least_speed=(1000, 20.0))
        await results.fetch(f"{url}/a.png", tmp_path / "result")
        await results.aclose()
    assert (tmp_path / "result").stat().st_size == 50_000
