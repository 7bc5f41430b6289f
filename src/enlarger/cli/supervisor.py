"""Runs a service as several processes: starts them, replaces those that die, and stops them all.

Each is a fresh interpreter that runs `child_process`. The supervisor chooses the ports, holds the data directory and
runs the embedded Postgres, so an error with these is reported once; the processes handle requests and tasks.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from enlarger import errors
from enlarger.all_settings import Settings
from enlarger.cli.channel import (
    Begin,
    Failed,
    Greet,
    Greeted,
    Message,
    Order,
    Prepared,
    Ready,
    read_message,
    send_order,
    write_message,
)
from enlarger.cli.output import Output
from enlarger.cli.processes import Command, count_processes
from enlarger.cli.service_process import STOPPING, StoppedEarly, database_url_of, make_ready, shared_database
from enlarger.errors import ConfigurationError, EnlargerError
from enlarger.infra.data_directory import DataDirectory
from enlarger.infra.sockets import METRICS_NAMED_BY, SharedPort
from enlarger.infra.wait_for_any import wait_for_any
from enlarger.retry import Backoff

_RESTARTS = Backoff(first=0.1, longest=30.0)
_LONGEST_FOLDER = 70
"""Characters."""
_STEADY_SECONDS = 60.0
"""A process that ran for this long was healthy, and the pauses before replacements start again with the shortest."""

_log = structlog.get_logger("enlarger.cli")


async def supervise(command: Command, settings: Settings, stop: asyncio.Event, output: Output) -> None:
    """Run a command as several processes until `stop` is set.

    Raises the error that a process reports if it ends before all are ready.
    """
    data = DataDirectory(settings.data_dir)
    async with AsyncExitStack() as stack:
        if command == "up":
            stack.enter_context(data.hold())
            url = await stack.enter_async_context(database_url_of(settings, data))
            await make_ready(settings, stop, output, url)
        else:
            url = await shared_database(settings, command, stop, output)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="enlarger-", dir=_short_folder())))
        ports = Ports.choose(command, settings)
        stack.callback(ports.close)
        order = Order(
            command=command,
            settings={name: getattr(settings, name) for name in type(settings).model_fields},
            set=set(settings.model_fields_set),
            style=output.style,
            quiet=output.hints.quiet,
            number=1,
            of=count_processes(settings, command),
            database_url=url,
            folder=folder,
        )

        def announce(ready: Ready) -> None:
            if command == "up":
                assert ready.url is not None
                assert ready.api_key is not None
                data.announce(ready.url, ready.api_key)

        async with Supervisor(order, ports, announce=announce).running(stop):
            await stop.wait()
            if command != "serve":
                output.say(STOPPING)


def _short_folder() -> str | None:
    """Where to create the folder for sockets, whose paths may have 103 characters; None for the default place."""
    return None if len(tempfile.gettempdir()) <= _LONGEST_FOLDER else "/tmp"  # noqa: S108


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports on which the processes are reached."""

    api: SharedPort | None
    metrics: SharedPort | None

    @classmethod
    def choose(cls, command: Command, settings: Settings) -> Ports:
        """The ports in the settings, or free ones. Raises ConfigurationError when one is taken."""
        api = SharedPort(settings.host, settings.port) if command != "worker" else None
        try:
            port = settings.metrics_port
            metrics = None if port is None else SharedPort(settings.metrics_host, port, METRICS_NAMED_BY)
        except BaseException:
            if api is not None:
                api.close()
            raise
        return cls(api, metrics)

    def check(self) -> None:
        """Raise ConfigurationError if another program listens on one of them now."""
        for port in (self.api, self.metrics):
            if port is not None:
                port.check()

    def close(self) -> None:
        """Leave the ports to the processes."""
        for port in (self.api, self.metrics):
            if port is not None:
                port.close()


@dataclass
class _Child:
    process: asyncio.subprocess.Process
    writer: asyncio.StreamWriter
    failed: Failed | None = None

    def tell(self, message: Message) -> None:
        """Send a message. A process that is gone is noticed elsewhere."""
        with suppress(OSError):
            self.writer.write(write_message(message))

    def stop(self) -> None:
        """Ask it to stop."""
        with suppress(ProcessLookupError):
            self.process.terminate()


class Supervisor:
    """The processes of a command."""

    def __init__(
        self,
        order: Order,
        ports: Ports,
        *,
        announce: Callable[[Ready], None],
        restarts: Backoff = _RESTARTS,
    ) -> None:
        """`order` is the first process's; `announce` is called with its report when all are ready."""
        self._order = order
        self._ports = ports
        self._announce = announce
        self._restarts = restarts
        self._numbers = range(1, order.of + 1)
        self._children: dict[int, _Child] = {}
        self._prepared: set[int] = set()
        self._ready: dict[int, Ready] = {}
        self._begun = False
        self._greeted = False
        """Whether all were ready at the same time, and that was printed."""
        self._failure: EnlargerError | None = None
        self._changed = asyncio.Event()
        self._stopping = asyncio.Event()

    @asynccontextmanager
    async def running(self, stop: asyncio.Event) -> AsyncIterator[None]:
        """Run all processes around a block, which is entered when they are ready; at its end they are stopped.

        Raises StoppedEarly if `stop` is set before that, or the error that a process reports if it ends before that.
        """
        keepers = [asyncio.create_task(self._keep(number)) for number in self._numbers]
        try:
            await self._until(lambda: len(self._prepared) == self._order.of, stop)
            self._ports.check()
            self._begun = True
            for child in self._children.values():
                child.tell(Begin())
            await self._until(lambda: len(self._ready) == self._order.of, stop)
            self._announce(self._ready[1])
            self._children[1].tell(Greet())
            await self._until(lambda: self._greeted or stop.is_set(), stop)  # a stop from here on is not early
            yield
        finally:
            self._stopping.set()
            self._ports.close()
            for child in self._children.values():
                child.stop()
            await asyncio.gather(*keepers)

    async def _until(self, condition: Callable[[], bool], stop: asyncio.Event) -> None:
        while not condition():
            if self._failure is not None:
                raise self._failure
            if stop.is_set():
                raise StoppedEarly
            self._changed.clear()
            await wait_for_any(self._changed, stop)

    async def _keep(self, number: int) -> None:
        """Run a process and replace it whenever it ends, until all are to stop."""
        clock = asyncio.get_running_loop().time
        deaths = 0
        while not self._stopping.is_set():
            began = clock()
            failure = await self._live(number)
            if self._stopping.is_set():
                return
            if not self._greeted:
                self._failure = self._failure or failure
                self._changed.set()
                return
            deaths = 1 if clock() - began >= _STEADY_SECONDS else deaths + 1
            pause = self._restarts.pause(deaths)
            _log.error("process_died", number=number, reason=str(failure), restart_seconds=round(pause, 1))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _live(self, number: int) -> EnlargerError:
        """Start a process and follow it to its end; returns why it ended."""
        try:
            child, reader = await self._start(number)
        except ConfigurationError as error:
            return error
        except OSError as error:
            return EnlargerError(f"A process of the service cannot be started ({error.strerror}).")
        self._children[number] = child
        if self._stopping.is_set():
            child.stop()
        try:
            async for line in reader:
                self._hear(number, child, read_message(line))
        except OSError:
            pass  # it died with something unread
        finally:
            await child.process.wait()
            child.writer.close()
            self._prepared.discard(number)
            self._ready.pop(number, None)
        return _failure_of(child)

    async def _start(self, number: int) -> tuple[_Child, asyncio.StreamReader]:
        with ExitStack() as stack:
            ours, theirs = map(stack.enter_context, socket.socketpair())
            listeners = [
                None if port is None else stack.enter_context(port.take()).fileno()
                for port in (self._ports.api, self._ports.metrics)
            ]
            order = replace(self._order, number=number, listener=listeners[0], metrics_listener=listeners[1])
            what = (str(theirs.fileno()), order.command, f"{number}/{order.of}")  # the last two for people
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "enlarger.cli.child_process", *what),
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=[one for one in (theirs.fileno(), *listeners) if one is not None],
                start_new_session=True,  # Ctrl-C is for the supervisor, which then stops its processes
            )
            theirs.close()
            with suppress(OSError):  # it is dead already
                await asyncio.to_thread(send_order, ours, order)
            reader, writer = await asyncio.open_unix_connection(sock=ours.dup())
        return _Child(process, writer), reader

    def _hear(self, number: int, child: _Child, message: Message) -> None:
        match message:
            case Prepared():
                self._prepared.add(number)
                if self._begun:
                    child.tell(Begin())
            case Ready():
                self._ready[number] = message
                _log.info("process_ready", number=number, pid=child.process.pid)
            case Greeted():
                self._greeted = True
            case Failed():
                child.failed = message
        self._changed.set()


def _failure_of(child: _Child) -> EnlargerError:
    """The error that a process reported, or else one that tells how it ended."""
    failed = child.failed
    if failed is None:
        how = _how(child.process.returncode)
        return EnlargerError(f"Process {child.process.pid} of the service ended unexpectedly ({how}).")
    kind = getattr(errors, failed.kind, EnlargerError)
    return kind(failed.message) if kind.__init__ is EnlargerError.__init__ else ConfigurationError(failed.message)


def _how(code: int | None) -> str:
    """How a process ended."""
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"
