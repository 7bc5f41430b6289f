"""`enlarger mcp` as a process, as an agent's program starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

from enlarger.cli.commands.mcp import app
from enlarger.errors import ConfigurationError
from enlarger.testing import StandIn
from tests.mcp_server.test_tools import INITIALIZE, refusal, told

_COMMAND = ["-m", "enlarger", "mcp", "--max-credits", "10"]


def _settings(service: StandIn) -> dict[str, str]:
    return {
        **os.environ,
        "KIE_BASE_URL": service.base_url,
        "KIE_UPLOAD_URL": service.upload_url,
        "KIE_API_KEY": service.api_key,
    }


async def test_an_agent_starts_it_and_enlarges_a_picture(small_photo: Path) -> None:
    with StandIn(seconds=0) as service:
        parameters = StdioServerParameters(command=sys.executable, args=_COMMAND, env=_settings(service))
        async with Client(parameters) as agent:
            task = told(await agent.call_tool("upscale_file", {"path": str(small_photo), "confirm_credits": 10}))
            wrong = {"image_url": str(small_photo), "upscale_factor": "nine"}
            refused = await agent.call_tool("run_task", {"model": "topaz/image-upscale", "input": wrong})
    assert Path(task["saved_to"][0]).stat().st_size
    assert "upscale_factor" in refusal(refused)
    assert service.api_key not in str(refused)


def test_it_ends_with_stdin_and_prints_nothing_of_its_own() -> None:
    with StandIn() as service:
        ended = subprocess.run(
            [sys.executable, *_COMMAND],
            stdin=subprocess.DEVNULL,
            env=_settings(service),
            capture_output=True,
            check=True,
        )
    assert ended.stdout == b""
    assert ended.stderr == b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_while_the_agent_is_silent(number: signal.Signals) -> None:
    with StandIn() as service:
        process = subprocess.Popen(
            [sys.executable, *_COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_settings(service)
        )
        with process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(msgspec.json.encode(INITIALIZE) + b"\n")
            process.stdin.flush()
            assert b"serverInfo" in process.stdout.readline()
            process.send_signal(number)
            assert process.wait(120) == 130


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    command = app.registered_commands[0].callback
    assert command is not None
    with pytest.raises(ConfigurationError, match=r"pip install 'enlarger\[mcp\]'"):
        command()
