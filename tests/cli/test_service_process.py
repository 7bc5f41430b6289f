"""How the commands that run until somebody ends them are ended."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from structlog.testing import capture_logs

from enlarger.cli import service_process
from enlarger.cli.output import Output, Style
from enlarger.settings import Settings, load_settings


@pytest.mark.parametrize("request_", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_that_takes_long_says_what_it_waits_for(
    monkeypatch: pytest.MonkeyPatch, request_: signal.Signals
) -> None:
    monkeypatch.setattr(service_process, "set_up_logs", lambda _: None)

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
