"""What a killed process leaves of a download is removed by the next one; nothing else is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from enlarger.client.files import FileWriter
from enlarger.client.locked_draft import Draft

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there are no such locks")

_CODE = """
import pathlib, sys
from enlarger.client.files import FileWriter
with FileWriter(pathlib.Path(sys.argv[1])) as writer:
    writer.write(b"half")
    print("written", flush=True)
    sys.stdin.read()
"""


def begin(target: Path) -> subprocess.Popen[bytes]:
    """A process in the middle of writing a file."""
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", _CODE, str(target)], stdin=pipe, stdout=pipe)
    assert process.stdout is not None
    assert process.stdout.readline() == b"written\n"
    return process


def end(process: subprocess.Popen[bytes], number: int | None = None) -> None:
    if number is not None:
        process.send_signal(number)
    process.communicate()


def write(target: Path) -> None:
    with FileWriter(target) as writer:
        writer.write(b"new")


def drafts(folder: Path) -> list[Path]:
    return sorted(folder.glob(".*.part"))


@pytest.mark.parametrize("name", ["room.png", "ROOM " * 40 + ".png", "комната.png"])
def test_the_next_download_removes_what_a_killed_one_left(tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    for _ in range(2):
        end(begin(target), signal.SIGKILL)
        assert len(drafts(tmp_path)) == 1
    write(target)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_is_being_written_stays(tmp_path: Path) -> None:
    target = tmp_path / "room.png"
    process = begin(target)
    [draft] = drafts(tmp_path)
    write(target)
    assert (drafts(tmp_path), draft.read_bytes(), target.read_bytes()) == ([draft], b"half", b"new")
    end(process)
    assert (drafts(tmp_path), target.read_bytes()) == ([], b"half")


def test_two_of_one_process_do_not_disturb_each_other(tmp_path: Path) -> None:
    target = tmp_path / "room.png"
    with FileWriter(target) as one, FileWriter(target) as other:
        assert len(drafts(tmp_path)) == 2
        one.write(b"one")
        other.write(b"other")
    assert target.read_bytes() == b"one", "the one that was finished last"
    assert not drafts(tmp_path)


def test_leftovers_of_other_names_stay(tmp_path: Path) -> None:
    end(begin(tmp_path / "another.png"), signal.SIGKILL)
    (tmp_path / ".room.png.part").write_bytes(b"the user's own")
    before = drafts(tmp_path)
    write(tmp_path / "room.png")
    assert drafts(tmp_path) == before


@pytest.mark.parametrize("kind", ["linked", "symlink", "folder", "fifo"])
def test_what_is_not_surely_a_leftover_stays(tmp_path: Path, kind: str) -> None:
    probe = Draft(tmp_path, "room.png", 0o666)
    place = probe.path
    probe.file.close()
    probe.path.unlink()
    probe.release()
    other = tmp_path / "other"
    other.write_bytes(b"the user's own")
    if kind == "linked":
        place.hardlink_to(other)
    elif kind == "symlink":
        place.symlink_to(other)
    elif kind == "folder":
        place.mkdir()
    else:
        os.mkfifo(place)
    write(tmp_path / "room.png")
    assert os.path.lexists(place)
    assert (other.read_bytes(), (tmp_path / "room.png").read_bytes()) == (b"the user's own", b"new")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_another_user_stays(tmp_path: Path) -> None:
    end(begin(tmp_path / "room.png"), signal.SIGKILL)
    [left] = drafts(tmp_path)
    os.chown(left, 1234, 2345)
    write(tmp_path / "room.png")
    assert drafts(tmp_path) == [left]


def test_without_free_names_a_random_one_is_taken(tmp_path: Path) -> None:
    open_now = [Draft(tmp_path, "room.png", 0o666) for _ in range(18)]
    assert len(drafts(tmp_path)) == 18
    write(tmp_path / "room.png")
    assert len(drafts(tmp_path)) == 18
    for draft in open_now:
        draft.file.close()
        draft.release()
