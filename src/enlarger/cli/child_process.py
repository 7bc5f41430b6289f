"""`python -m enlarger.cli.child_process`: one of several processes of a service, started by its supervisor."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

from enlarger.all_settings import Settings, settings_class
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
    receive_order,
    write_message,
)
from enlarger.cli.exit_codes import exit_code, known_error
from enlarger.cli.output import Output
from enlarger.cli.packages import needed_for
from enlarger.cli.service_process import StoppedEarly, check_wanted, run
from enlarger.errors import EnlargerError
from enlarger.infra.wait_for_any import wait_for_any

with needed_for("Running a service"):
    from enlarger.cli import ready_output, service_parts
    from enlarger.cli.service_parts import Share
    from enlarger.monitoring.siblings import Siblings

Greeting = Callable[[], Awaitable[None]]


def main() -> None:
    """Carry out the supervisor's order, until it asks to stop or is gone."""
    channel = _own_socket(int(sys.argv[1]))
    assert channel is not None
    try:
        order = receive_order(channel)
    except (EOFError, OSError):
        return
    settings = settings_class().model_construct(_fields_set=order.set, **order.settings)
    child = _Child(order, channel)
    try:
        run(settings, Output(order.style, quiet=order.quiet), child.live, process=order.number)
    except KeyboardInterrupt:
        return  # before it was ready
    except EnlargerError as error:
        child.fail(error)
    except BaseExceptionGroup as group:
        known = known_error(group)
        if known is None:
            raise
        child.fail(known)


class _Child:
    def __init__(self, order: Order, channel: socket.socket) -> None:
        self._order = order
        self._channel = channel
        self._begin, self._greet = asyncio.Event(), asyncio.Event()

    def fail(self, error: EnlargerError) -> None:
        """Report an error, which the supervisor prints or logs, and end."""
        self._tell(Failed(type(error).__name__, str(error)))
        sys.exit(exit_code(error))

    async def live(self, settings: Settings, stop: asyncio.Event, output: Output) -> None:
        """Run this process's share of the service until `stop` is set."""
        hearing = asyncio.create_task(self._hear())
        try:
            share = self._share(stop)
            async with _PARTS[self._order.command](settings, self._order.database_url, share, output) as (ready, greet):
                check_wanted(stop)
                self._tell(ready)
                await wait_for_any(self._greet, stop)
                if not stop.is_set():
                    await greet()
                    self._tell(Greeted())
                await stop.wait()
        finally:
            hearing.cancel()
            await asyncio.wait((hearing,))

    def _share(self, stop: asyncio.Event) -> Share:
        order = self._order

        async def gate() -> None:
            self._tell(Prepared())
            await wait_for_any(self._begin, stop)
            if not self._begin.is_set():
                raise StoppedEarly

        return Share(
            number=order.number,
            of=order.of,
            listener=_own_socket(order.listener),
            metrics_listener=_own_socket(order.metrics_listener),
            siblings=Siblings(order.folder, order.number, order.of),
            gate=gate,
        )

    def _tell(self, message: Message) -> None:
        with suppress(OSError):  # the supervisor is gone, which `_hear` notices
            self._channel.sendall(write_message(message))

    async def _hear(self) -> None:
        """Handle the supervisor's messages; when it is gone, stop as if it had asked for that."""
        reader, writer = await asyncio.open_unix_connection(sock=self._channel.dup())
        try:
            async for line in reader:
                match read_message(line):
                    case Begin():
                        self._begin.set()
                    case Greet():
                        self._greet.set()
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            writer.close()


def _own_socket(number: int | None) -> socket.socket | None:
    """The socket with this file descriptor, which processes that this one starts do not inherit."""
    if number is None:
        return None
    os.set_inheritable(number, False)
    return socket.socket(fileno=number)


# Each runs a part of a service around a block, and yields the message for the supervisor and how to greet.
Part = tuple[Ready, Greeting]


@asynccontextmanager
async def _up(settings: Settings, database_url: str, share: Share, output: Output) -> AsyncIterator[Part]:
    async with service_parts.both(settings, database_url, share) as running:
        yield Ready(running.url, running.api_key), partial(ready_output.greet_up, settings, running, output)


@asynccontextmanager
async def _serve(settings: Settings, database_url: str, share: Share, output: Output) -> AsyncIterator[Part]:
    async with service_parts.api(settings, database_url, share) as running:
        yield Ready(running.url, running.api_key), partial(ready_output.greet_serve, settings, running, output)


@asynccontextmanager
async def _work(settings: Settings, database_url: str, share: Share, output: Output) -> AsyncIterator[Part]:
    async with service_parts.worker(settings, database_url, share) as metrics:
        yield Ready(), partial(ready_output.greet_worker, settings, metrics, output)


_PARTS = {"up": _up, "serve": _serve, "worker": _work}

if __name__ == "__main__":
    main()
