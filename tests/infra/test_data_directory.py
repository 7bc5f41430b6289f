from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from enlarger.errors import DataDirectoryError, DataDirectoryInUse
from enlarger.infra.data_directory import DataDirectory


def test_a_new_folder_is_made_and_known_again(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path / "a" / "b")
    data.prepare()
    data.prepare()
    assert {path.name for path in data.path.iterdir()} == {"enlarger.json", "files", "work", "cache"}


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    for name in ("holiday.jpg", "notes.txt", "taxes.ods", "x"):
        (tmp_path / name).touch()
    with pytest.raises(
        DataDirectoryError, match=r"is not an Enlarger data directory \(it holds holiday.jpg, notes.txt,"
    ):
        DataDirectory(tmp_path).prepare()
    assert len(list(tmp_path.iterdir())) == 4


def test_an_unknown_layout_and_a_damaged_marker_are_refused(tmp_path: Path) -> None:
    (tmp_path / "enlarger.json").write_text('{"layout": 99}')
    with pytest.raises(DataDirectoryError, match=r"has layout 99 and this version knows 1"):
        DataDirectory(tmp_path).prepare()
    (tmp_path / "enlarger.json").write_text("{")
    with pytest.raises(DataDirectoryError, match=r"is damaged"):
        DataDirectory(tmp_path).prepare()


def test_a_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataDirectoryError, match=r"cannot be used .*choose another one with --data-dir"):
        DataDirectory(tmp_path / "file" / "data").prepare()


def test_a_folder_of_another_user_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    says = r"cannot be used \(Permission denied\): choose another one"
    with pytest.raises(DataDirectoryError, match=says), DataDirectory(tmp_path / "data").hold():
        pass


def test_the_second_holder_is_told_who_the_first_is(tmp_path: Path) -> None:
    first, second = DataDirectory(tmp_path / "data"), DataDirectory(tmp_path / "data")
    with first.hold():
        first.announce("http://127.0.0.1:8686", "enl_secret")
        with pytest.raises(DataDirectoryInUse) as caught, second.hold():
            pass
        assert f"in use by process {os.getpid()}, which answers at http://127.0.0.1:8686" in str(caught.value)
        assert "secret" not in str(caught.value)
    with second.hold():
        assert second.holder() is not None


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from enlarger.infra.data_directory import DataDirectory\n"
        "with DataDirectory(Path(sys.argv[1])).hold(): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "data")], check=False, timeout=120)
    data = DataDirectory(tmp_path / "data")
    assert (data.path / "service.json").exists()
    assert data.holder() is None
    with data.hold():
        pass


def test_only_the_owner_may_read_how_to_reach_the_service(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path / "data")
    with data.hold():
        data.announce("http://127.0.0.1:1", "enl_secret")
        assert (data.path / "service.json").stat().st_mode & 0o777 == 0o600
    assert not (data.path / "service.json").exists()


def test_workspaces_of_dead_processes_are_removed(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path / "data")
    data.prepare()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (data.work / f"{dead.pid}-old").mkdir()
    (data.work / f"{os.getppid()}-alive").mkdir()
    with data.workspace() as mine:
        assert {path.name for path in data.work.iterdir()} == {mine.name, f"{os.getppid()}-alive"}
    assert not mine.exists()


def test_many_can_begin_in_a_new_folder_at_once(tmp_path: Path) -> None:
    for number in range(50):
        start = threading.Barrier(4)

        def prepare(_: int, path: Path = tmp_path / str(number), start: threading.Barrier = start) -> None:
            start.wait()
            DataDirectory(path).prepare()

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(prepare, range(4)))


def test_a_folder_whose_making_was_cut_off_is_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / ".enlarger.json.1f2e3d4c").touch()
    DataDirectory(tmp_path).prepare()
    assert (tmp_path / "enlarger.json").exists()
