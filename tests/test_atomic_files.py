"""Files that come into their place whole."""

from __future__ import annotations

import errno
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from enlarger.atomic_files import create, draft_of, put_in_place, write_atomically, write_once


def test_a_small_file_is_replaced_whole(tmp_path: Path) -> None:
    write_atomically(tmp_path / "key", b"one", mode=0o600)
    write_atomically(tmp_path / "key", b"two", mode=0o600)
    assert (tmp_path / "key").read_bytes() == b"two"
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_file_that_is_written_once_is_the_same_to_all(tmp_path: Path) -> None:
    for number in range(50):
        path, start = tmp_path / str(number), threading.Barrier(4)

        def write(content: bytes, path: Path = path, start: threading.Barrier = start) -> bytes:
            start.wait()
            return write_once(path, content, mode=0o600)

        with ThreadPoolExecutor(4) as threads:
            read = set(threads.map(write, (b"a", b"b", b"c", b"d")))
        assert read == {path.read_bytes()}
        assert path.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {str(number) for number in range(50)}


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        for write in (write_atomically, write_once):
            with pytest.raises(OSError, match="No space left"):
                write(tmp_path / ("key" if write is write_atomically else "new"), b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"key": b"old"}


def test_a_system_without_fsync_can_write_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: int) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", unknown)
        write_atomically(tmp_path / "key", b"new")
    assert (tmp_path / "key").read_bytes() == b"new"


def test_what_is_in_place_is_on_the_disk_with_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, flushed = tmp_path / "result.png", list[str]()
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        flushed.append(f"{Path(f'/proc/self/fd/{descriptor}').readlink().name} {place.exists()}")
        fsync(descriptor)

    draft = draft_of(place)
    with create(draft, 0o600) as file:
        file.write(b"picture")
    assert draft.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        create(draft, 0o600)
    monkeypatch.setattr(os, "fsync", watched)
    put_in_place(draft, place)
    assert flushed == [f"{draft.name} False", f"{tmp_path.name} True"]
    assert [path.name for path in tmp_path.iterdir()] == ["result.png"]
