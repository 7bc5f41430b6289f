"""`enlarger watch` as a process: what systemd and people at terminals see of it."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.acceptance.conftest import Start
from tests.conftest import MakePhoto
from tests.pictures import load
from tests.waiting import until


@pytest.mark.usefixtures("up")
@pytest.mark.parametrize("request_to_stop", [signal.SIGTERM, signal.SIGINT])
async def test_a_watch_enlarges_what_appears_and_ends_well_when_asked(
    request_to_stop: signal.Signals, start: Start, make_photo: MakePhoto, tmp_path: Path
) -> None:
    (tmp_path / "inbox").mkdir()
    arguments = ("watch", "inbox", "--to", "out", "-m", "real-esrgan/fast", "-f", "2", "--settle", "0.2", "--json")
    watching = await start(*arguments)
    await until(watching.says("Watching inbox"))
    make_photo("photo.png", seed=request_to_stop)
    (tmp_path / "photo.png").rename(tmp_path / "inbox" / "photo.png")
    await until(watching.says('"target":'))
    assert await watching.end(request_to_stop) == 0, watching.text
    (line,) = watching.out
    assert json.loads(line)["target"] == "out/photo@2x.png"
    assert load(tmp_path / "out" / "photo@2x.png").shape == (72, 96, 3)
    again = await start(*arguments)
    await until(again.says("Watching inbox"))
    make_photo("inbox/other.png", seed=99)
    await until(again.says("other@2x.png"))
    assert await again.end(request_to_stop) == 0, again.text
    assert len(again.out) == 1
