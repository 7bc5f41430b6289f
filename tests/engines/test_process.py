"""The engine's own process: it tells its progress, and whatever happens to it, the worker lives."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from enlarger.engines.messages import Order
from enlarger.engines.process import EngineProcess
from enlarger.engines.weights.files import INSTALLED
from enlarger.errors import (
    EngineCrashed,
    EngineOutOfMemory,
    EngineTimeout,
    EngineUnavailable,
    InvalidInput,
    PictureUnreadable,
    StaleClaim,
)
from tests.conftest import MakePhoto
from tests.environment import ENGINE
from tests.waiting import until


@pytest.fixture
async def engine(cache: Path) -> AsyncIterator[EngineProcess]:
    process = EngineProcess(cache=cache, weights=INSTALLED, engine=ENGINE, memory=3 << 30, order_seconds=120)
    yield process
    await process.close()


def order(source: Path, *, network: str = "real-esrgan-fast", factor: int = 2, memory: int = 1 << 30) -> Order:
    return Order(
        source=str(source),
        target=str(source.with_name("result")),
        network=network,
        factor=factor,
        memory=memory,
        max_pixels=10_000_000,
        max_side=20_000,
    )


async def ignore(fraction: float) -> None:
    pass


def pid(engine: EngineProcess) -> int:
    assert engine._process is not None
    return engine._process.pid


async def test_orders_are_carried_out_one_after_the_other_in_one_process(
    engine: EngineProcess, make_photo: MakePhoto
) -> None:
    outcome = await engine.run(order(make_photo("a.png")), ignore)
    first = pid(engine)
    assert (outcome.width, outcome.height, outcome.source_width, outcome.engine) == (96, 72, 48, "openvino-cpu")
    assert outcome.seconds > 0
    await asyncio.gather(*(engine.run(order(make_photo(f"{n}.png")), ignore) for n in range(3)))
    assert pid(engine) == first


async def test_progress_rises_between_0_and_1(engine: EngineProcess, make_photo: MakePhoto) -> None:
    seen: list[float] = []

    async def note(fraction: float) -> None:
        seen.append(fraction)

    await engine.run(order(make_photo("a.png", 700, 500), factor=4), note)
    assert len(seen) >= 2
    assert seen == sorted(seen)
    assert all(0 <= fraction <= 1 for fraction in seen)
    assert len({fraction for fraction in seen if 0 < fraction < 1}) >= 2


async def test_a_bad_picture_harms_nothing(engine: EngineProcess, make_photo: MakePhoto, tmp_path: Path) -> None:
    await engine.run(order(make_photo("a.png")), ignore)
    before = pid(engine)
    (tmp_path / "bad.png").touch()
    with pytest.raises(PictureUnreadable, match="empty"):
        await engine.run(order(tmp_path / "bad.png"), ignore)
    with pytest.raises(InvalidInput):
        await engine.run(order(make_photo("a.png"), factor=17), ignore)
    with pytest.raises(EngineUnavailable, match="There is no network"):
        await engine.run(order(make_photo("a.png"), network="nothing"), ignore)
    assert pid(engine) == before


async def test_a_process_that_is_killed_in_mid_picture_is_replaced(
    engine: EngineProcess, make_photo: MakePhoto
) -> None:
    async def kill(fraction: float) -> None:
        os.kill(pid(engine), signal.SIGKILL)

    with pytest.raises(EngineCrashed, match="was killed, most likely because this machine ran out of memory"):
        await engine.run(order(make_photo("a.png", 400, 400), factor=4), kill)
    outcome = await engine.run(order(make_photo("b.png")), ignore)
    assert outcome.width == 96


async def test_a_process_that_died_between_orders_is_replaced(engine: EngineProcess, make_photo: MakePhoto) -> None:
    await engine.run(order(make_photo("a.png")), ignore)
    psutil.Process(pid(engine)).kill()

    async def noticed() -> bool:
        return engine._process is not None and engine._process.returncode is not None

    await until(noticed)
    assert (await engine.run(order(make_photo("b.png")), ignore)).width == 96


async def test_an_error_in_progress_kills_the_process(engine: EngineProcess, make_photo: MakePhoto) -> None:
    """A cancelled task is noticed when its progress is written down."""
    pids = []

    async def stale(fraction: float) -> None:
        pids.append(pid(engine))
        raise StaleClaim("cancelled")

    with pytest.raises(StaleClaim):
        await engine.run(order(make_photo("a.png", 400, 400), factor=4), stale)
    assert not psutil.pid_exists(pids[0])


async def test_a_cancelled_run_kills_the_process(engine: EngineProcess, make_photo: MakePhoto) -> None:
    working = asyncio.Event()

    async def note(fraction: float) -> None:
        working.set()

    run = asyncio.create_task(engine.run(order(make_photo("a.png", 400, 400), factor=4), note))
    await working.wait()
    running = pid(engine)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert not psutil.pid_exists(running)


async def test_a_picture_may_take_only_so_long(cache: Path, make_photo: MakePhoto) -> None:
    engine = EngineProcess(cache=cache, weights=INSTALLED, engine=ENGINE, memory=3 << 30, order_seconds=0.05)
    with pytest.raises(EngineTimeout, match=r"longer than 0 seconds.*ENLARGER_ENGINE_TIMEOUT"):
        await engine.run(order(make_photo("a.png", 400, 400), factor=4), ignore)
    await engine.close()


async def test_a_process_without_a_sign_of_life_is_stopped(cache: Path, make_photo: MakePhoto) -> None:
    engine = EngineProcess(
        cache=cache, weights=INSTALLED, engine=ENGINE, memory=3 << 30, order_seconds=60, silence_seconds=0.02
    )
    with pytest.raises(EngineCrashed, match="no sign of life"):
        await engine.run(order(make_photo("a.png")), ignore)
    await engine.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is the kernel's")
async def test_a_process_cannot_allocate_beyond_its_limit(cache: Path, make_photo: MakePhoto) -> None:
    engine = EngineProcess(cache=cache, weights=INSTALLED, engine=ENGINE, memory=300 << 20, order_seconds=120)
    with pytest.raises((EngineOutOfMemory, EngineCrashed)):
        await engine.run(order(make_photo("a.png", 900, 700), factor=4, memory=4 << 30), ignore)
    await engine.close()


async def test_the_memory_of_an_idle_process_is_given_back(cache: Path, make_photo: MakePhoto) -> None:
    engine = EngineProcess(
        cache=cache, weights=INSTALLED, engine=ENGINE, memory=3 << 30, order_seconds=60, idle_seconds=0.01
    )
    await engine.run(order(make_photo("a.png")), ignore)

    async def ended() -> bool:
        return engine._process is None

    await until(ended)
    await engine.run(order(make_photo("b.png")), ignore)
    await engine.close()


async def test_the_process_ends_with_its_worker(make_photo: MakePhoto, cache: Path, tmp_path: Path) -> None:
    script = (
        "import asyncio, os, signal, sys\n"
        "from pathlib import Path\n"
        "from enlarger.engines.process import EngineProcess\n"
        "from enlarger.engines.weights.files import INSTALLED\n"
        "from tests.engines.test_process import order\n"
        "async def main():\n"
        "    engine = EngineProcess(cache=Path(sys.argv[1]), weights=INSTALLED, memory=3 << 30, engine='openvino-cpu',"
        " order_seconds=60)\n"
        "    async def die(fraction):\n"
        "        print(engine._process.pid, flush=True)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    await engine.run(order(Path(sys.argv[2]), factor=4), die)\n"
        "asyncio.run(main())\n"
    )
    big = make_photo("big.png", 900, 900)
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(cache), str(big), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await parent.communicate()
    orphan = int(output)

    async def gone() -> bool:
        return not psutil.pid_exists(orphan) or psutil.Process(orphan).status() == psutil.STATUS_ZOMBIE

    await until(gone)
