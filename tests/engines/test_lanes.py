"""How a short and a long order share a machine: its memory, and its processors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import cast

import msgspec
import pytest

from enlarger.engines.lanes import Lanes
from enlarger.engines.messages import Order, Outcome
from enlarger.engines.process import EngineProcess, OnProgress
from enlarger.engines.weights.files import INSTALLED
from enlarger.errors import EngineCrashed, EngineError, EngineOutOfMemory, InvalidInput, NoRoomBesideLong
from tests.conftest import MakePhoto
from tests.engines.test_pausing import in_tiles, new_engine, tiles
from tests.engines.test_process import ignore, order
from tests.environment import ENGINE
from tests.waiting import until

__all__ = ["tiles"]

_MIB = 1 << 20
_ALL = 4096 * _MIB
_SHORT, _LONG = 1024 * _MIB, 3072 * _MIB
"""What each of the lanes has beside the other."""


class Machine:
    """Engines without processes, whose orders end when the test says so; and what has happened in them."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.engines: list[Engine] = []

    def start_engine(self) -> EngineProcess:
        engine = Engine("long" if self.engines else "short", self)
        self.engines.append(engine)
        return cast(EngineProcess, engine)

    @property
    def in_use(self) -> int:
        """The bytes that processes may have allocated."""
        return sum(engine.held for engine in self.engines)


class Engine:
    """Has the interface of `EngineProcess`."""

    def __init__(self, name: str, machine: Machine) -> None:
        self.name = name
        self.machine = machine
        self.held = 0
        self.limit = _ALL
        self.begun: asyncio.Queue[int] = asyncio.Queue()
        self.ends: asyncio.Queue[EngineError | None] = asyncio.Queue()

    async def run(self, order: Order, on_progress: OnProgress) -> Outcome:
        self.held = self.limit
        assert order.memory == self.limit
        assert self.machine.in_use <= _ALL, "more than both may use together"
        self._note("begins")
        self.begun.put_nowait(order.memory)
        try:
            error = await self.ends.get()
        finally:
            self._note("ends")
        if error is not None:
            raise error
        return Outcome(
            network="a", format="png", seconds=1.0, engine=self.name, width=2, height=2, source_width=1, source_height=1
        )

    def pause(self) -> None:
        self._note("pauses")

    def resume(self) -> None:
        self._note("goes on")

    async def set_memory(self, memory: int) -> None:
        if memory != self.limit:
            self.limit, self.held = memory, 0

    async def rest(self) -> None:
        self.held = 0

    async def close(self) -> None:
        self.held = 0

    def _note(self, what: str) -> None:
        self.machine.events.append(f"{self.name} {what}")


class Floor:
    """Lanes with such engines."""

    def __init__(self) -> None:
        self.machine = Machine()
        self.lanes = Lanes(self.machine.start_engine, _ALL)
        self.short, self.long = self.machine.engines

    def begin(self, name: str) -> asyncio.Task[Outcome]:
        return asyncio.create_task(self.lanes.run(order(Path("a.png")), ignore, long=name == "long"))


@pytest.fixture
def floor() -> Floor:
    return Floor()


async def test_a_short_order_alone_has_all_the_memory_and_a_long_one_leaves_a_quarter(floor: Floor) -> None:
    for engine, memory in ((floor.short, _ALL), (floor.long, _LONG), (floor.short, _ALL)):
        run = floor.begin(engine.name)
        assert await engine.begun.get() == memory
        engine.ends.put_nowait(None)
        assert (await run).engine == engine.name


async def test_a_short_order_runs_beside_a_long_one_in_what_is_left(floor: Floor) -> None:
    long = floor.begin("long")
    assert await floor.long.begun.get() == _LONG
    short = floor.begin("short")
    assert await floor.short.begun.get() == _SHORT
    floor.short.ends.put_nowait(None)
    await short
    assert not long.done()
    floor.long.ends.put_nowait(None)
    await long
    assert floor.machine.events == [
        "long begins",
        "long pauses",
        "short begins",
        "short ends",
        "long goes on",
        "long ends",
    ]


async def test_a_long_order_waits_for_the_end_of_a_short_one_that_has_all_the_memory(floor: Floor) -> None:
    first = floor.begin("short")
    assert await floor.short.begun.get() == _ALL
    long, second = floor.begin("long"), floor.begin("short")
    await asyncio.sleep(0)
    assert floor.long.begun.empty()
    floor.short.ends.put_nowait(None)
    await first
    assert await floor.long.begun.get() == _LONG
    assert await floor.short.begun.get() == _SHORT, "and does not let the next one have it all"
    for engine, run in ((floor.short, second), (floor.long, long)):
        engine.ends.put_nowait(None)
        await run


async def test_a_long_order_that_begins_beside_a_short_one_is_paused_from_its_beginning(floor: Floor) -> None:
    first = floor.begin("long")
    await floor.long.begun.get()
    short = floor.begin("short")
    await floor.short.begun.get()
    second = floor.begin("long")
    floor.long.ends.put_nowait(None)
    await first
    assert await floor.long.begun.get() == _LONG
    assert floor.machine.events[-1] == "long begins"
    assert "long goes on" not in floor.machine.events
    floor.short.ends.put_nowait(None)
    await short
    assert floor.machine.events[-2:] == ["short ends", "long goes on"]
    floor.long.ends.put_nowait(None)
    await second


_TOO_LITTLE = [EngineOutOfMemory("It needs more."), EngineCrashed("It was killed.")]


@pytest.mark.parametrize("error", _TOO_LITTLE)
async def test_a_long_order_that_needs_more_than_its_share_runs_again_alone(floor: Floor, error: EngineError) -> None:
    long, short = floor.begin("long"), floor.begin("short")
    await floor.long.begun.get()
    await floor.short.begun.get()
    floor.long.ends.put_nowait(error)
    while floor.machine.events[-1] != "long ends":
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert floor.long.begun.empty(), "it waits for the short lane"
    floor.short.ends.put_nowait(None)
    await short
    assert await floor.long.begun.get() == _ALL
    waiting = floor.begin("short")
    await asyncio.sleep(0)
    assert floor.short.begun.empty(), "nothing is left"
    floor.long.ends.put_nowait(None)
    await long
    assert await floor.short.begun.get() == _ALL
    floor.short.ends.put_nowait(None)
    await waiting


@pytest.mark.parametrize("error", _TOO_LITTLE)
async def test_a_short_order_that_needs_more_than_a_long_one_leaves_does_not_block_its_lane(
    floor: Floor, error: EngineError
) -> None:
    long, short = floor.begin("long"), floor.begin("short")
    await floor.long.begun.get()
    assert await floor.short.begun.get() == _SHORT
    floor.short.ends.put_nowait(error)
    with pytest.raises(NoRoomBesideLong, match=str(error)):
        await short
    floor.long.ends.put_nowait(None)
    await long
    again = floor.begin("short")
    assert await floor.short.begun.get() == _ALL
    floor.short.ends.put_nowait(error)
    with pytest.raises(type(error)):
        await again


async def test_what_does_not_fit_into_all_the_memory_fails(floor: Floor) -> None:
    run = floor.begin("long")
    for memory in (_LONG, _ALL):
        assert await floor.long.begun.get() == memory
        floor.long.ends.put_nowait(EngineOutOfMemory("It needs more."))
    with pytest.raises(EngineOutOfMemory):
        await run


async def test_other_failures_are_not_repeated_and_leave_the_other_lane_alone(floor: Floor) -> None:
    long, short = floor.begin("long"), floor.begin("short")
    await floor.long.begun.get()
    await floor.short.begun.get()
    floor.short.ends.put_nowait(cast(EngineError, InvalidInput("a", "It is no picture.")))
    with pytest.raises(InvalidInput):
        await short
    assert floor.machine.events[-1] == "long goes on"
    floor.long.ends.put_nowait(None)
    await long


async def test_a_cancelled_order_frees_its_lane(floor: Floor) -> None:
    long = floor.begin("long")
    await floor.long.begun.get()
    short = floor.begin("short")
    await floor.short.begun.get()
    for run in (short, long):
        run.cancel()
        await asyncio.wait((run,))
    assert floor.machine.events[-3:] == ["short ends", "long goes on", "long ends"]
    again = floor.begin("short")
    assert await floor.short.begun.get() == _ALL
    floor.short.ends.put_nowait(None)
    await again


async def test_a_cancelled_order_that_waits_for_memory_is_forgotten(floor: Floor) -> None:
    short = floor.begin("short")
    await floor.short.begun.get()
    long = floor.begin("long")
    await asyncio.sleep(0)
    long.cancel()
    await asyncio.wait((long,))
    floor.short.ends.put_nowait(None)
    await short
    again = floor.begin("short")
    assert await floor.short.begun.get() == _ALL
    floor.short.ends.put_nowait(None)
    await again


async def test_the_long_order_works_as_long_as_the_last_short_one_took_before_the_next(floor: Floor) -> None:
    clock = asyncio.get_running_loop()
    long = floor.begin("long")
    await floor.long.begun.get()
    short = floor.begin("short")
    await floor.short.begun.get()
    began = clock.time()
    ended: asyncio.Future[float] = clock.create_future()

    def end() -> None:
        floor.short.ends.put_nowait(None)
        ended.set_result(clock.time())

    clock.call_later(0.05, end)
    await short
    took = await ended - began
    second = floor.begin("short")
    await floor.short.begun.get()
    assert clock.time() - await ended >= took
    floor.short.ends.put_nowait(None)
    await second
    floor.long.ends.put_nowait(None)
    await long


async def test_a_short_order_does_not_wait_when_the_long_one_it_owes_time_has_ended(floor: Floor) -> None:
    long, short = floor.begin("long"), floor.begin("short")
    await floor.long.begun.get()
    await floor.short.begun.get()
    asyncio.get_running_loop().call_later(0.05, floor.short.ends.put_nowait, None)
    await short
    second = floor.begin("short")
    floor.long.ends.put_nowait(None)
    await long
    await floor.short.begun.get()
    floor.short.ends.put_nowait(None)
    await second


# With processes


@pytest.fixture
async def fake_lanes(tmp_path: Path) -> AsyncIterator[Lanes]:
    lanes = Lanes(lambda: new_engine(tmp_path), 3 << 30)
    yield lanes
    await lanes.close()


def split(log: list[str], word: str) -> Iterator[list[str]]:
    """The runs of neighbouring lines that have, or have not, a word."""
    part: list[str] = []
    for line in log:
        if part and (word in line) != (word in part[0]):
            yield part
            part = []
        part.append(line)
    yield part


@pytest.mark.integration
async def test_a_short_orders_tiles_come_between_those_of_a_long_one(
    fake_lanes: Lanes, make_photo: MakePhoto, tiles: Callable[[], list[str]]
) -> None:
    """A short order waits for a tile of the long one, while its process starts; the next lets that one go on first."""
    large = in_tiles(make_photo("large.png", 1300, 1300))
    small = msgspec.structs.replace(in_tiles(make_photo("small.png", 300, 300)), network="real-esrgan-x4plus-anime")
    long = asyncio.create_task(fake_lanes.run(large, ignore, long=True))

    async def began() -> bool:
        return bool(tiles())

    await until(began)
    for _ in range(2):
        await fake_lanes.run(small, ignore, long=False)
    assert not long.done()
    await long
    parts = list(split(tiles(), "anime"))
    assert len(parts) == 5, "long, short, long, short, long"
    assert len(parts[1]) == len(parts[3]) > 1


@pytest.mark.integration
async def test_orders_side_by_side_make_the_pictures_that_they_make_alone(cache: Path, make_photo: MakePhoto) -> None:
    def start_engine() -> EngineProcess:
        return EngineProcess(cache=cache, weights=INSTALLED, engine=ENGINE, memory=3 << 30, order_seconds=600)

    large, small = (make_photo(f"{side}.png", side, side) for side in (300, 60))
    alone, together = (
        [
            msgspec.structs.replace(in_tiles(one), target=str(one.with_name(f"{one.stem}-{name}")))
            for one in (large, small)
        ]
        for name in ("alone", "together")
    )
    lanes = Lanes(start_engine, 3 << 30)
    for one in alone:
        await lanes.run(one, ignore, long=one is alone[0])
    began = asyncio.Event()

    async def note(fraction: float) -> None:
        if fraction > 0:
            began.set()

    long = asyncio.create_task(lanes.run(together[0], note, long=True))
    await began.wait()
    await lanes.run(together[1], ignore, long=False)
    assert not long.done(), "the small one came in between"
    await long
    await lanes.close()
    for before, after in zip(alone, together, strict=True):
        assert Path(after.target).read_bytes() == Path(before.target).read_bytes()
