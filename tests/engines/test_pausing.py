"""An order that is paused waits before its next tile: its process lives, and its time stands still."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import psutil
import pytest

from enlarger.engines.gate import Gate
from enlarger.engines.messages import Order, Outcome
from enlarger.engines.process import EngineProcess
from enlarger.engines.weights.files import INSTALLED
from enlarger.errors import EngineTimeout
from tests.conftest import MakePhoto
from tests.engines.fakes import ENGINE_MODULE
from tests.engines.stubs import STUB_MODULE
from tests.engines.test_process import ignore, order, pid
from tests.waiting import until

pytestmark = pytest.mark.integration  # processes of their own

_PROBE = "64"
"""The side of what a network is timed with before it has its first tile."""


@pytest.fixture
def tiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """The tiles that fake engines have begun, without the probes, each as its network and its side."""
    log = tmp_path / "tiles"
    log.touch()
    monkeypatch.setenv("FAKES", "steady")
    monkeypatch.setenv("FAKE_TILES", str(log))
    return lambda: [line for line in log.read_text().splitlines() if line.split()[1] != _PROBE]


def new_engine(tmp_path: Path, module: str = ENGINE_MODULE, order_seconds: float = 300) -> EngineProcess:
    return EngineProcess(
        cache=tmp_path / "cache",
        weights=INSTALLED,
        memory=3 << 30,
        engine="steady",
        module=module,
        order_seconds=order_seconds,
    )


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[EngineProcess]:
    process = new_engine(tmp_path)
    yield process
    await process.close()


def in_tiles(picture: Path) -> Order:
    """An order that takes several tiles, none of them as large as the probe."""
    return msgspec.structs.replace(order(picture), tile=100)


class Ticks:
    """Counts signs of life."""

    def __init__(self) -> None:
        self.fractions: list[float] = []

    async def __call__(self, fraction: float) -> None:
        self.fractions.append(fraction)

    async def pass_by(self, times: int) -> None:
        wanted = len(self.fractions) + times

        async def came() -> bool:
            return len(self.fractions) >= wanted

        await until(came)


async def begin_paused(engine: EngineProcess, wanted: Order) -> tuple[asyncio.Task[Outcome], Ticks]:
    """A run that is paused before its first tile."""
    ticks = Ticks()
    engine.pause()
    run = asyncio.create_task(engine.run(wanted, ticks))
    await ticks.pass_by(4)
    return run, ticks


async def test_a_paused_order_begins_no_tile_and_makes_the_same_picture_afterwards(
    engine: EngineProcess, make_photo: MakePhoto, tiles: Callable[[], list[str]]
) -> None:
    undisturbed, paused = in_tiles(make_photo("a.png", 300, 200)), in_tiles(make_photo("b.png", 300, 200))
    undisturbed = msgspec.structs.replace(undisturbed, target=f"{undisturbed.target}-a")
    await engine.run(undisturbed, ignore)
    all_of_it = tiles()
    assert len(all_of_it) > 4
    run, ticks = await begin_paused(engine, paused)
    assert tiles() == all_of_it, "no tile of the second order"
    assert set(ticks.fractions) == {0.0}
    engine.resume()
    outcome = await run
    assert tiles() == all_of_it * 2
    assert Path(paused.target).read_bytes() == Path(undisturbed.target).read_bytes()
    assert 0 < outcome.tile_seconds < outcome.seconds


async def test_an_order_that_is_paused_in_the_middle_stands_still_until_it_goes_on(
    engine: EngineProcess, make_photo: MakePhoto, tiles: Callable[[], list[str]]
) -> None:
    ticks = Ticks()
    run = asyncio.create_task(engine.run(in_tiles(make_photo("a.png", 900, 900)), ticks))

    async def began() -> bool:
        return bool(tiles())

    await until(began)
    engine.pause()

    async def stands_still() -> bool:
        before = tiles()
        await ticks.pass_by(4)
        return tiles() == before

    await until(stands_still)
    assert not run.done()
    engine.resume()
    await run


async def test_the_next_order_is_not_paused_by_what_was_meant_for_the_last(
    engine: EngineProcess, make_photo: MakePhoto, tiles: Callable[[], list[str]]
) -> None:
    run, _ = await begin_paused(engine, in_tiles(make_photo("a.png", 300, 200)))
    run.cancel()
    await asyncio.wait((run,))
    engine.resume()
    await engine.run(in_tiles(make_photo("b.png", 300, 200)), ignore)
    assert tiles()


async def test_the_time_of_a_paused_order_stands_still(tmp_path: Path, make_photo: MakePhoto) -> None:
    engine = new_engine(tmp_path, STUB_MODULE, order_seconds=0.0)
    run, ticks = await begin_paused(engine, order(make_photo("a.png")))
    await ticks.pass_by(10)
    assert not run.done()
    engine.resume()
    with pytest.raises(EngineTimeout):
        await run
    await engine.close()


async def test_an_order_that_goes_on_ends_as_usual(tmp_path: Path, make_photo: MakePhoto) -> None:
    engine = new_engine(tmp_path, STUB_MODULE)
    run, ticks = await begin_paused(engine, order(make_photo("a.png")))
    engine.resume()
    assert (await run).engine == "stub"
    assert set(ticks.fractions) == {0.5}
    await engine.close()


async def test_cancelling_a_paused_order_ends_its_process(
    engine: EngineProcess, make_photo: MakePhoto, tiles: Callable[[], list[str]]
) -> None:
    run, _ = await begin_paused(engine, in_tiles(make_photo("a.png", 300, 200)))
    running = pid(engine)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert not psutil.pid_exists(running)
    assert not tiles()


async def test_a_paused_process_ends_with_its_worker(
    make_photo: MakePhoto, tmp_path: Path, tiles: Callable[[], list[str]]
) -> None:
    script = (
        "import asyncio, os, signal, sys\n"
        "from pathlib import Path\n"
        "from tests.engines.test_pausing import begin_paused, in_tiles, new_engine\n"
        "async def main():\n"
        "    engine = new_engine(Path(sys.argv[1]))\n"
        "    await begin_paused(engine, in_tiles(Path(sys.argv[2])))\n"
        "    print(engine._process.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(tmp_path), str(make_photo("a.png")), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await parent.communicate()
    orphan = int(output)

    async def gone() -> bool:
        return not psutil.pid_exists(orphan) or psutil.Process(orphan).status() == psutil.STATUS_ZOMBIE

    await until(gone)
    assert not tiles()


def test_a_gate_that_is_open_costs_no_time() -> None:
    gate = Gate()
    gate.go_through()
    gate.close()
    gate.open()
    gate.go_through()
    assert gate.waited == 0
