"""`enlarger run`: what its exit code promises once there is a task."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from enlarger.cli.app import app
from tests.cli.loopback import Got, Reply, serving

_ID = "a" * 32


def test_no_exit_code_suggests_running_the_command_again_once_there_is_a_task(tmp_path: Path) -> None:
    """The same command would create a second task, so its download that fails is not a code 7, as `wait`'s is."""

    def answer(got: Got) -> Reply:
        if got.path.startswith("/result.png"):
            return 503, {"Retry-After": "120"}, b""
        record = {"taskId": _ID, "model": "google/nano-banana", "state": "success", "resultJson": results}
        return 200, {}, json.dumps({"code": 200, "msg": "success", "data": record}).encode()

    with serving(answer) as url:
        results = json.dumps({"resultUrls": [f"{url}/result.png"]})
        service = ["--base-url", url, "--api-key", "a key", "-o", str(tmp_path / "room.png"), "--json"]
        runner = CliRunner(env={"KIE_API_POLLING_INTERVAL": "0.05"})
        ran = runner.invoke(app, ["run", "google/nano-banana", "-i", "prompt=a quiet room", *service])
        waited = runner.invoke(app, ["wait", _ID, *service])
    error = json.loads(ran.stdout)["error"]
    assert (ran.exit_code, error["type"], error["taskId"]) == (1, "TaskError", _ID)
    assert f"enlarger wait {_ID}" in error["message"]
    assert waited.exit_code == 7
