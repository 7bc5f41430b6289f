"""Runs the engine in a process of its own, so that a picture that crashes or exhausts it harms nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from enlarger import errors
from enlarger.engines.messages import PAUSE, RESUME, AnyOrder, Event, Outcome, Start
from enlarger.engines.weights.files import WeightsFolders
from enlarger.errors import (
    EngineCrashed,
    EngineError,
    EngineTimeout,
    EnlargerError,
    InvalidInput,
    PictureError,
    StorageError,
)

_LINE_LIMIT = 1 << 20
_STDERR_KEPT = 2_000

OnProgress = Callable[[float], Awaitable[None]]


class EngineProcess:
    """The engine: one order at a time, in a process that is started when it is needed."""

    def __init__(
        self,
        *,
        cache: Path,
        weights: WeightsFolders,
        memory: int,
        engine: str | None = None,
        module: str = "enlarger.engines.child",
        order_seconds: float,
        silence_seconds: float = 60.0,
        idle_seconds: float = 30.0,
    ) -> None:
        """`engine` is the name of a backend, for those who do not want the fastest one; `module` is what the process
        runs.

        `order_seconds` is the most that one order may take, `silence_seconds` the most without a sign of life. After
        `idle_seconds` without an order the process is ended, and the memory of a large picture given back.
        """
        self._start = Start(cache=str(cache), weights=weights, memory=memory, engine=engine)
        self._module = module
        self._gpu: str | None = None
        """The backend on a GPU that the process has loaded for its order."""
        self._order_seconds = order_seconds
        self._silence_seconds = silence_seconds
        self._idle_seconds = idle_seconds
        self._idle: asyncio.Task[None] | None = None
        self._process: Process | None = None
        self._stderr = b""
        self._stderr_reader: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._paused = False
        self._clock: asyncio.Timeout | None = None
        """The time limit of the current order, which is suspended while the order is paused."""
        self._left = order_seconds
        """Seconds that were left of the limit when the order was paused."""

    async def run(self, order: AnyOrder, on_progress: OnProgress) -> Outcome:
        """Carry out `order`; `on_progress` is awaited with 0..1 a few times a second.

        An error in `on_progress`, or a cancellation, kills the process and is passed on.
        Raises PictureError, EngineError and StorageFull as the engine does.
        """
        async with self._turn:
            if self._idle:
                self._idle.cancel()
            try:
                async with asyncio.timeout(self._order_seconds) as clock:
                    self._clock = clock
                    self._set_clock()
                    try:
                        return await self._carry_out(order, on_progress)
                    finally:
                        self._clock = None
            except TimeoutError:
                await self._kill()
                raise EngineTimeout(
                    f"The engine took longer than {self._order_seconds:.0f} seconds:"
                    " use a smaller picture or a faster model, or raise ENLARGER_ENGINE_TIMEOUT."
                ) from None
            except (PictureError, InvalidInput, StorageError):
                raise
            except EngineError as error:
                if isinstance(error, EngineCrashed):
                    await self._kill()
                raise
            except BaseException:
                await self._kill()
                raise
            finally:
                self._idle = asyncio.create_task(self._end_when_idle())

    def pause(self) -> None:
        """Pause the current order, or the next one, before its next tile until `resume` is called.

        The pause does not count towards its time limit, and progress is still reported.
        """
        self._tell_pause(paused=True)

    def resume(self) -> None:
        """Resume the order."""
        self._tell_pause(paused=False)

    def _tell_pause(self, *, paused: bool) -> None:
        if paused == self._paused:
            return
        self._paused = paused
        self._set_clock()
        process = self._process
        if self._clock is not None and process is not None and process.returncode is None:
            assert process.stdin is not None
            process.stdin.write(PAUSE if paused else RESUME)

    def _set_clock(self) -> None:
        """Suspend the time limit while the order is paused, and resume it with the time that was left."""
        if self._clock is None or self._clock.expired():
            return
        now, ends_at = asyncio.get_running_loop().time(), self._clock.when()
        if self._paused and ends_at is not None:
            self._left = ends_at - now
            self._clock.reschedule(None)
        elif not self._paused and ends_at is None:
            self._clock.reschedule(now + self._left)

    @property
    def held(self) -> int:
        """The most bytes that its process may hold now; 0 if there is none."""
        return self._start.memory if self._process is not None and self._process.returncode is None else 0

    async def set_memory(self, memory: int) -> None:
        """Change the memory limit. A process that was started with another one is ended."""
        if memory == self._start.memory:
            return
        async with self._turn:
            self._start = msgspec.structs.replace(self._start, memory=memory)
            await self._kill()

    async def rest(self) -> None:
        """End the process; the next order starts a new one."""
        async with self._turn:
            await self._kill()

    async def close(self) -> None:
        """End the process."""
        if self._idle:
            self._idle.cancel()
        await self._kill()

    async def _end_when_idle(self) -> None:
        await asyncio.sleep(self._idle_seconds)
        async with self._turn:
            await self._kill()

    async def _carry_out(self, order: AnyOrder, on_progress: OnProgress) -> Outcome:
        """Converse with the process; where a GPU's driver crashes it, a new one does without that GPU from now on."""
        while True:
            try:
                return await self._converse(order, on_progress)
            except EngineCrashed as error:
                if self._gpu is None or self._start.engine or self._gpu in self._start.given_up:
                    raise
                given_up = {**self._start.given_up, self._gpu: str(error)}
                self._start = msgspec.structs.replace(self._start, given_up=given_up)
                await self._kill()

    async def _converse(self, order: AnyOrder, on_progress: OnProgress) -> Outcome:
        self._gpu = None
        process = await self._send(order)
        assert process.stdout is not None
        while True:
            try:
                # Not `wait_for`, which in Python 3.11 swallows a cancellation that arrives together with a line.
                async with asyncio.timeout(self._silence_seconds):
                    line = await process.stdout.readline()
            except TimeoutError:
                raise EngineCrashed(
                    f"The engine gave no sign of life for {self._silence_seconds:.0f} seconds and was stopped."
                ) from None
            if not line:
                raise EngineCrashed(await self._epitaph(process))
            event = msgspec.json.decode(line, type=Event)
            if event.outcome is not None:
                return event.outcome
            if event.error is not None:
                raise _error(event)
            if event.gpu is not None:
                self._gpu = event.gpu
            else:
                await on_progress(event.fraction or 0.0)

    async def _send(self, order: AnyOrder) -> Process:
        """Hand the order to the process; one that died meanwhile is replaced."""
        line = msgspec.json.encode(order) + b"\n"
        for _ in range(2):
            process = self._process if self._process and self._process.returncode is None else await self._spawn()
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                process.stdin.write(line + PAUSE if self._paused else line)
                await process.stdin.drain()
                return process
            await self._kill()
        raise EngineCrashed("The engine's process cannot be started: it ends at once.")

    async def _spawn(self) -> Process:
        await self._kill()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._module,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            limit=_LINE_LIMIT,
        )
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(self._start) + b"\n")
        self._process, self._stderr = process, b""
        self._stderr_reader = asyncio.create_task(self._keep_stderr(process))
        return process

    async def _keep_stderr(self, process: Process) -> None:
        assert process.stderr is not None
        while chunk := await process.stderr.read(4096):
            self._stderr = (self._stderr + chunk)[-_STDERR_KEPT:]

    async def _epitaph(self, process: Process) -> str:
        """What a dead process leaves to be said."""
        code = await process.wait()
        if self._stderr_reader:
            await self._stderr_reader
        if code == -signal.SIGKILL:
            return "The engine's process was killed, most likely because this machine ran out of memory."
        how = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        last = self._stderr.decode(errors="replace").strip().splitlines()[-1:]
        return f"The engine's process ended {how}" + (f": {last[0]}" if last else ".")

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._stderr_reader:
            await self._stderr_reader
            self._stderr_reader = None


def _error(event: Event) -> EnlargerError:
    """The error that the process tells of, as the class that it was there."""
    assert event.error is not None
    if event.kind is None:
        return EngineError(f"The engine failed unexpectedly: {event.error}")
    if event.kind == InvalidInput.__name__:
        return InvalidInput(event.field or "input", event.error)
    kind: type[EnlargerError] = getattr(errors, event.kind)
    return kind(event.error)
