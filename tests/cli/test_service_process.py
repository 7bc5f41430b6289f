"""How the commands that run until somebody ends them are ended."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from structlog.testing import capture_logs

from enlarger.all_settings import Settings, load_settings
from enlarger.cli import service_process
from enlarger.cli.output import Output, Style


@pytest.mark.parametrize("request_", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_that_takes_long_says_what_it_waits_for(
    monkeypatch: pytest.MonkeyPatch, request_: signal.Signals
) -> None:
    monkeypatch.setattr(service_process, "set_up_logs", lambda *_, **__: None)

    async def stubborn(_: Settings, stop: asyncio.Event, __: Output) -> None:
        os.kill(os.getpid(), request_)
        await stop.wait()
        while not said:
            await asyncio.sleep(0)

    with capture_logs() as said:
        service_process.run(load_settings(), Output(Style.HUMAN), stubborn, slow_stop=0.0)
    (line,) = said
    assert line["event"] == "still_stopping"
    assert any("stubborn" in place for task in line["tasks"] for place in task)


@pytest.mark.parametrize("request_", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_before_a_command_is_ready_is_an_interruption(
    monkeypatch: pytest.MonkeyPatch, request_: signal.Signals
) -> None:
    monkeypatch.setattr(service_process, "set_up_logs", lambda *_, **__: None)

    async def stopped(_: Settings, stop: asyncio.Event, __: Output) -> None:
        async with asyncio.TaskGroup() as group:  # as of a worker, whose errors come in groups
            group.create_task(stop.wait())
            service_process.check_wanted(stop)
            os.kill(os.getpid(), request_)
            await stop.wait()
            service_process.check_wanted(stop)

    with pytest.raises(KeyboardInterrupt):
        service_process.run(load_settings(), Output(Style.HUMAN), stopped)
