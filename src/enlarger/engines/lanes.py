"""Two engines that share a machine, so that a short order does not have to wait until a long one has finished.

Memory: the two lanes share one limit. While there is a long order, a short one may use a quarter; otherwise it may use
everything, and a long order that arrives meanwhile waits until it has finished. A short order that needs more than a
quarter has to move to the long lane, so that it does not block the short one. A long order that needs more than the
rest is run again with everything, when the short lane is empty.

CPU: while a short order runs, the long one is paused between two tiles. Afterwards it runs for at least as long as the
short one took before the next short one begins, so neither lane starves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import msgspec

from enlarger.engines.messages import AnyOrder, Outcome
from enlarger.engines.process import EngineProcess, OnProgress
from enlarger.errors import EngineCrashed, EngineOutOfMemory, NoRoomBesideLong

_USUAL = 512 << 20
"""Bytes that the small networks need for a picture of usual size."""


class Lane:
    """An engine that runs one order at a time."""

    def __init__(self, process: EngineProcess) -> None:
        self.process = process
        self.turn = asyncio.Lock()
        self.wanted = False
        """Whether it has an order, which may still wait for memory."""
        self.memory = 0
        """The bytes that its current order may use."""


class Lanes:
    """A lane for short orders and one for long ones."""

    def __init__(self, start_engine: Callable[[], EngineProcess], memory: int) -> None:
        """`memory` is the limit for both lanes together, in bytes."""
        self._short, self._long = Lane(start_engine()), Lane(start_engine())
        self._memory = memory
        self._share = max(memory // 4, min(_USUAL, memory // 2))
        self._waiting: list[Lane] = []
        self._owed_until = 0.0
        """The loop time until which the long order is not paused again."""
        self._changed = asyncio.Event()

    async def run(self, order: AnyOrder, on_progress: OnProgress, *, long: bool) -> Outcome:
        """Run `order` as `EngineProcess.run` does, except that its memory limit is set here.

        Raises NoRoomBesideLong if a short order needs more memory than a long one leaves.
        """
        lane = self._long if long else self._short
        async with lane.turn:
            lane.wanted = True
            try:
                return await self._run(lane, order, on_progress)
            finally:
                lane.wanted = False
                self._tell_change()

    async def close(self) -> None:
        """End the processes."""
        for lane in (self._short, self._long):
            await lane.process.close()

    async def _run(self, lane: Lane, order: AnyOrder, on_progress: OnProgress) -> Outcome:
        async with self._memory_for(lane) as memory:
            try:
                return await self._run_in(lane, order, on_progress, memory)
            except (EngineOutOfMemory, EngineCrashed) as error:
                if memory == self._memory:
                    raise
                if lane is self._short:
                    raise NoRoomBesideLong(str(error)) from None
        async with self._memory_for(lane, alone=True) as memory:
            return await self._run_in(lane, order, on_progress, memory)

    async def _run_in(self, lane: Lane, order: AnyOrder, on_progress: OnProgress, memory: int) -> Outcome:
        order = msgspec.structs.replace(order, memory=memory)
        if lane is self._long:
            return await lane.process.run(order, on_progress)
        await self._repay()
        with self._long_paused():
            return await lane.process.run(order, on_progress)

    # Memory

    @asynccontextmanager
    async def _memory_for(self, lane: Lane, *, alone: bool = False) -> AsyncIterator[int]:
        """Wait until the lane's order may begin, in the order of arrival in both lanes; yields its memory limit."""
        other = self._long if lane is self._short else self._short

        def amount() -> int:
            if alone or (lane is self._short and not self._long.wanted):
                return self._memory
            return self._share if lane is self._short else self._memory - self._share

        self._waiting.append(lane)
        try:
            await self._until(lambda: self._waiting[0] is lane and amount() + other.memory <= self._memory)
            lane.memory = amount()
        finally:
            self._waiting.remove(lane)
            self._tell_change()
        try:
            if not other.memory and other.process.held + lane.memory > self._memory:
                await other.process.rest()
            await lane.process.set_memory(lane.memory)
            yield lane.memory
        finally:
            lane.memory = 0
            self._tell_change()

    # Processors

    async def _repay(self) -> None:
        """Wait until the long order has run for as long as it was last paused, or has ended."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._owed_until):
                await self._until(lambda: not self._long.memory)

    @contextmanager
    def _long_paused(self) -> Iterator[None]:
        clock = asyncio.get_running_loop().time
        began = clock()
        self._long.process.pause()
        try:
            yield
        finally:
            self._long.process.resume()
            if self._long.memory:
                self._owed_until = 2 * clock() - began

    async def _until(self, is_so: Callable[[], bool]) -> None:
        while not is_so():
            await self._changed.wait()

    def _tell_change(self) -> None:
        """Wake everything that waits for a condition."""
        self._changed.set()
        self._changed = asyncio.Event()
