"""A result on its way into its place, killed at every step of it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from enlarger.cli.upscale.job import Job, Report
from enlarger.cli.upscale.ledger import Ledger
from enlarger.cli.upscale.place import draft_of, put
from enlarger.cli.upscale.plan import plan
from enlarger.cli.upscale.request import FileOptions, UpscaleRequest

pytestmark = pytest.mark.integration  # processes of its own

_JPEG = b"\xff\xd8\xff\xe0 a photo"
_LARGE = b"\xff\xd8\xff\xe0 a large photo"
_WISH = UpscaleRequest(model="real-esrgan/x4plus", factor="4", format=None)
_JOB = Job(Path("photo.jpg"), Path("photo@4x.jpg"))
_SCRIPT = """
import os, signal, sys
from pathlib import Path
from enlarger.cli.upscale.ledger import Ledger
from enlarger.cli.upscale.place import draft_of, put
from enlarger.cli.upscale.job import Job
from enlarger.cli.upscale.request import UpscaleRequest

steps = int(sys.argv[1])

def step(event, _):
    global steps
    if event in ("open", "os.mkdir", "os.rename", "os.remove"):
        if not steps:
            os.kill(os.getpid(), signal.SIGKILL)
        steps -= 1

job = Job(Path("photo.jpg"), Path("photo@4x.jpg"))
draft, ledger = draft_of(job, "task"), Ledger()
draft.write_bytes(Path("large.jpg").read_bytes())
content = job.source.read_bytes()
sys.addaudithook(step)
put(draft, job, UpscaleRequest("real-esrgan/x4plus", "4", None), content, ledger)
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    Path("photo.jpg").write_bytes(_JPEG)
    Path("large.jpg").write_bytes(_LARGE)
    return tmp_path


def planned() -> tuple[int, Report]:
    report = Report()
    return len(plan(["photo.jpg"], _WISH, FileOptions(), Ledger(), report)), report


@pytest.mark.usefixtures("here")
def test_a_kill_at_any_step_leaves_no_result_that_is_not_known() -> None:
    seen = set()
    for steps in range(30):
        ended = subprocess.run([sys.executable, "-c", _SCRIPT, str(steps)], check=False)
        there = _JOB.target.exists()
        seen.add(there)
        jobs, report = planned()
        assert not report.bad
        assert (jobs, report.skipped) == ((0, 1) if there else (1, 0))
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL
        _JOB.target.unlink(missing_ok=True)
    assert ended.returncode == 0
    assert steps >= 5
    assert seen == {False, True}
    assert _JOB.target.read_bytes() == _LARGE
    assert not list(Path().glob(".*.part"))


@pytest.mark.usefixtures("here")
def test_whoever_is_slower_with_the_same_task_finds_the_result_there() -> None:
    ledger = Ledger()
    draft = draft_of(_JOB, "task")
    draft.write_bytes(_LARGE)
    assert put(draft, _JOB, _WISH, _JPEG, ledger)
    put(draft, _JOB, _WISH, _JPEG, ledger)
    assert planned()[1].skipped == 1


def test_a_place_that_is_gone_is_an_error(here: Path) -> None:
    with pytest.raises(FileNotFoundError):
        put(here / "draft", Job(here / "photo.jpg", here / "new.jpg"), _WISH, _JPEG, Ledger())


def test_a_ledger_that_cannot_be_written_keeps_no_result_back(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(here / "file"))
    draft = draft_of(_JOB, "task")
    draft.write_bytes(_LARGE)
    assert not put(draft, _JOB, _WISH, _JPEG, Ledger())
    assert _JOB.target.read_bytes() == _LARGE


def test_a_long_name_has_a_draft_all_the_same() -> None:
    job = Job(Path("a.jpg"), Path("ä" * 120 + ".jpg"))
    assert len(draft_of(job, "task").name.encode()) < 200
    assert draft_of(job, "task") != draft_of(job, "other")


def test_a_name_that_is_not_utf_8_is_known_again(tmp_path: Path) -> None:
    source = tmp_path / "caf\udce9.jpg"
    try:
        source.write_bytes(_JPEG)
    except OSError:
        pytest.skip("file names are UTF-8 here")
    job = Job(source, tmp_path / "caf\udce9@4x.jpg")
    draft = draft_of(job, "task")
    draft.write_bytes(_LARGE)
    assert put(draft, job, _WISH, _JPEG, Ledger(tmp_path / "data"))
    report = Report()
    assert plan([str(tmp_path)], _WISH, FileOptions(), Ledger(tmp_path / "data"), report) == []
    assert [job.target for job in report.there] == [job.target]
