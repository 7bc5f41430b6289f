"""Where results go: what stands at their place already stays what it is."""

from __future__ import annotations

import errno
import io
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from socket import socket
from typing import Any

import pytest

from enlarger.client.downloads import name_targets
from enlarger.client.files import FileWriter
from enlarger.errors import InvalidInput, ProtocolError, ServiceUnreachable, StorageError
from tests.client.both import KINDS, client_of
from tests.client.raw_server import RawServer, header, raw_server, response

_BODY = os.urandom(300_000)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(target: Any, content: bytes = b"new") -> None:
    with FileWriter(target) as writer:
        writer.write(content)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666, 0o755])
def test_a_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "room.png"
    target.write_bytes(b"old")
    target.chmod(mode)
    with FileWriter(target) as writer:
        [draft] = tmp_path.glob(".*.part")
        assert stat.S_IMODE(draft.stat().st_mode) & ~mode == 0  # nobody reads it who may not read the file
        writer.write(b"new")
        assert target.read_bytes() == b"old"
    assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode)) == (b"new", mode)
    assert names(tmp_path) == ["room.png"]


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    write(tmp_path / "a" / "room.png")
    (tmp_path / "usual").write_bytes(b"")
    assert (tmp_path / "a" / "room.png").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_keeps_its_owner(tmp_path: Path) -> None:
    target = tmp_path / "room.png"
    target.write_bytes(b"old")
    os.chown(target, 1234, 2345)
    write(target)
    assert (target.stat().st_uid, target.stat().st_gid) == (1234, 2345)


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("hops", [1, 3])
def test_a_symlink_is_followed(tmp_path: Path, there: bool, hops: int) -> None:
    place = tmp_path / "elsewhere" / "room.png"
    if there:
        place.parent.mkdir()
        place.write_bytes(b"old")
    leads_to = Path("elsewhere/room.png")
    for number in range(hops):
        (tmp_path / f"link{number}").symlink_to(leads_to)
        leads_to = Path(f"link{number}")
    write(tmp_path / leads_to)
    assert (tmp_path / leads_to).is_symlink()
    assert place.read_bytes() == b"new"
    assert names(place.parent) == ["room.png"]


def test_a_fifo_gets_the_bytes_and_stays_one(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    (tmp_path / "link").symlink_to(fifo)
    for name in (fifo, tmp_path / "link"):
        with ThreadPoolExecutor(1) as pool:
            read = pool.submit(fifo.read_bytes)
            write(name, _BODY)
            assert read.result(60) == _BODY
        assert stat.S_ISFIFO(fifo.stat().st_mode)


def test_a_fifo_that_nobody_reads_is_told_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert FileWriter(tmp_path / "fifo").open() is False


@pytest.mark.parametrize("device", ["/dev/null", "/dev/full"])
def test_a_device_stays_one(device: str) -> None:
    before = Path(device).stat()
    if device == "/dev/full":
        with pytest.raises(StorageError, match="No space left"):
            write(Path(device))
    else:
        write(Path(device))
    assert os.path.samestat(before, Path(device).stat())
    assert stat.S_ISCHR(before.st_mode)


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
@pytest.mark.parametrize("kind", ["pipe", "file"])
def test_stdout_is_written_to_by_any_of_its_names(tmp_path: Path, name: str, kind: str) -> None:
    (tmp_path / "link").symlink_to("/dev/stdout")
    code = (
        "import sys, pathlib; from enlarger.client.files import FileWriter\n"
        "with FileWriter(pathlib.Path(sys.argv[1])) as writer: writer.write(b'new')"
    )
    command = [sys.executable, "-c", code, name]
    before = Path("/dev/stdout").lstat()
    with (tmp_path / "out").open("wb") as out:
        out.write(b"old ")
        out.flush()
        stdout = out if kind == "file" else subprocess.PIPE
        done = subprocess.run(command, stdout=stdout, cwd=tmp_path, check=True)
    said = (tmp_path / "out").read_bytes() if kind == "file" else b"old " + done.stdout
    assert said == b"old new"  # nothing that was written before is lost
    assert Path("/dev/stdout").lstat().st_mode == before.st_mode


def test_a_file_object_is_written_to_and_left_open() -> None:
    buffer = io.BytesIO()
    write(buffer)
    assert buffer.getvalue() == b"new"
    assert not buffer.closed


def test_an_error_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "room.png"
    target.write_bytes(b"old")
    writer = FileWriter(target)

    def fail() -> None:
        with writer:
            writer.write(b"half")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["room.png"]


def test_what_cannot_be_replaced_is_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "mounted.png"  # a file that is mounted by itself cannot be replaced
    target.write_bytes(b"old and longer")
    number = target.stat().st_ino

    def refuse(*_: Any) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(Path, "replace", refuse)
    write(target)
    assert (target.read_bytes(), target.stat().st_ino) == (b"new", number)
    assert names(tmp_path) == ["mounted.png"]


@pytest.mark.parametrize("wrong", ["folder", "file/room.png", "loop", "nul\0"])
def test_a_place_that_takes_no_file_is_named(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(StorageError, match="cannot be written"):
        write(tmp_path / wrong)


def test_several_results_need_a_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for one in (tmp_path / "fifo", "/dev/null", io.BytesIO()):
        with pytest.raises(InvalidInput, match="2 files"):
            name_targets(["https://e.com/1.png", "https://e.com/2.png"], one)
    for wrong in (io.StringIO(), 5):
        with pytest.raises(InvalidInput, match="open for bytes"):
            name_targets(["https://e.com/1.png"], wrong)  # type: ignore[arg-type]


class Results:
    """A host of results that cuts every connection after `part` bytes."""

    def __init__(self, *, part: int, tags: tuple[str, ...] = ('"one"',)) -> None:
        self.part, self.tags = part, list(tags)
        self.sent = 0

    def __call__(self, server: RawServer, head: str, connection: socket) -> None:
        tag = self.tags.pop(0) if len(self.tags) > 1 else self.tags[0]
        wanted, known = header(head, "range"), header(head, "if-range")
        start = 0
        if wanted and known == tag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        body = _BODY[start:]
        size = f"bytes {start}-{len(_BODY) - 1}/{len(_BODY)}"
        whole = response(body, "206 Partial Content" if start else "200 OK", ETag=tag, Content_Range=size)
        cut = len(whole) - len(body) + self.part
        self.sent += len(whole[:cut])
        connection.sendall(whole[:cut])


@pytest.mark.parametrize("kind", KINDS)
def test_a_download_that_is_cut_goes_on_where_it_was(kind: str, tmp_path: Path) -> None:
    results = Results(part=90_000)
    with raw_server(results) as server, client_of(kind, "key", server.url) as client:
        [file] = client.download(f"{server.url}/room.png", tmp_path / "room.png")
    assert file.read_bytes() == _BODY
    assert [header(head, "range") for head in server.heads] == [None] + [f"bytes={n}-" for n in (90000, 180000, 270000)]
    assert {header(head, "if-range") for head in server.heads[1:]} == {'"one"'}
    assert results.sent < len(_BODY) + 2000


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("first", ['"a"', 'W/"a"'])
def test_another_file_by_then_is_fetched_whole(kind: str, first: str, tmp_path: Path) -> None:
    results = Results(part=200_000, tags=(first, '"b"', '"b"'))
    with raw_server(results) as server, client_of(kind, "key", server.url) as client:
        [file] = client.download(f"{server.url}/room.png", tmp_path / "room.png")
    assert file.read_bytes() == _BODY


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", ["fifo", "object"])
def test_a_stream_gets_every_byte_once(kind: str, target: str, tmp_path: Path) -> None:
    with (
        raw_server(Results(part=140_000)) as server,
        client_of(kind, "key", server.url) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        url = f"{server.url}/room.png"
        if target == "object":
            buffer = io.BytesIO()
            assert client.download(url, buffer) == []
            assert buffer.getvalue() == _BODY
            return
        fifo = tmp_path / "fifo"
        os.mkfifo(fifo)
        read = pool.submit(fifo.read_bytes)
        assert client.download(url, fifo) == [fifo]
        assert read.result(60) == _BODY
        assert stat.S_ISFIFO(fifo.stat().st_mode)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_whose_file_changes_is_told(kind: str) -> None:
    with (
        raw_server(Results(part=140_000, tags=('"a"', '"b"'))) as server,
        client_of(kind, "key", server.url) as client,
        pytest.raises(ServiceUnreachable, match="rest cannot be asked for"),
    ):
        client.download(f"{server.url}/room.png", io.BytesIO())


@pytest.mark.parametrize("kind", KINDS)
def test_part_of_another_place_is_not_mixed_in(kind: str, tmp_path: Path) -> None:
    def answer(server: RawServer, head: str, connection: socket) -> None:
        if header(head, "range"):
            connection.sendall(response(b"wrong", "206 Partial Content", Content_Range="bytes 7-11/12", ETag='"a"'))
        elif len(server.heads) == 1:
            connection.sendall(response(_BODY, ETag='"a"')[:100_000])
        else:
            connection.sendall(response(_BODY, ETag='"a"'))

    with raw_server(answer) as server, client_of(kind, "key", server.url) as client:
        [file] = client.download(f"{server.url}/room.png", tmp_path / "room.png")
    assert file.read_bytes() == _BODY
    assert len(server.heads) == 3


_END = f"{len(_BODY) - 1}/{len(_BODY)}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "part",
    [
        {"ETag": '"zzz"', "Content_Range": f"bytes 100000-{_END}"},
        {"Last_Modified": "Tue, 02 Jan 2024 00:00:00 GMT", "Content_Range": f"bytes 100000-{_END}"},
        {"Content_Range": "bytes 100000-400000/400001"},
        {"Content_Range": "bytes 100000-400000/*"},
        {"ETag": '"abc"', "Content_Range": f"bytes 100000-200000/{len(_BODY)}"},
    ],
    ids=["tag", "date", "size", "end", "short"],
)
def test_part_of_another_version_is_not_mixed_in(kind: str, part: dict[str, str], tmp_path: Path) -> None:
    first = {"ETag": '"abc"', "Last_Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}

    def answer(server: RawServer, head: str, connection: socket) -> None:
        if header(head, "range"):
            connection.sendall(response(b"z" * 200_000, "206 Partial Content", **part))
        else:
            whole = response(_BODY, **first)
            connection.sendall(whole if len(server.heads) > 1 else whole[: len(whole) - len(_BODY) + 100_000])

    with raw_server(answer) as server, client_of(kind, "key", server.url) as client:
        [file] = client.download(f"{server.url}/room.png", tmp_path / "room.png")
    assert file.read_bytes() == _BODY
    assert len(server.heads) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_another_one_each_time_is_given_up(kind: str, tmp_path: Path) -> None:
    body, come = bytes(3_000_000), 2_000_000  # enough for a download that makes progress to go on

    def answer(server: RawServer, head: str, connection: socket) -> None:
        if header(head, "range"):
            size = f"bytes {come}-{len(body) - 1}/{len(body)}"
            connection.sendall(response(body[come:], "206 Partial Content", ETag='"b"', Content_Range=size))
        else:
            whole = response(body, ETag='"a"')
            connection.sendall(whole[: len(whole) - len(body) + come])

    with (
        raw_server(answer) as server,
        client_of(kind, "key", server.url, max_retries=2) as client,
        pytest.raises(ServiceUnreachable, match="download it again later"),
    ):
        client.download(f"{server.url}/room.png", tmp_path / "room.png")
    assert len(server.heads) <= 4


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("body", "type", "says"),
    [(b"", "image/png", "an empty file"), (b"<html>Sign in</html>", "text/html; charset=utf-8", "a web page")],
)
def test_what_is_no_result_leaves_the_old_file(kind: str, body: bytes, type: str, says: str, tmp_path: Path) -> None:
    target = tmp_path / "room.png"
    target.write_bytes(b"old")

    def answer(server: RawServer, head: str, connection: socket) -> None:
        connection.sendall(response(body, Content_Type=type))

    with raw_server(answer) as server, client_of(kind, "key", server.url) as client:
        with pytest.raises(ProtocolError, match=f"{says} in place of the result.*again later"):
            client.download(f"{server.url}/room.png", target)
        buffer = io.BytesIO()
        with pytest.raises(ProtocolError, match=says):
            client.download(f"{server.url}/room.png", buffer)
    assert (target.read_bytes(), buffer.getvalue(), names(tmp_path)) == (b"old", b"", ["room.png"])
    assert len(server.heads) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_place_that_cannot_be_looked_at_is_told(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with client_of(kind, "key", "http://127.0.0.1:9") as client:
        with pytest.raises(StorageError, match="cannot be written"):
            client.download("https://example.com/1.png", tmp_path / ("n" * 300))
        monkeypatch.setattr(Path, "stat", refuse)
        monkeypatch.setattr(Path, "is_dir", refuse)
        with pytest.raises(StorageError, match="Permission denied"):
            client.download("https://example.com/1.png", tmp_path / "room.png")
