"""Files of this machine on their way into a task: streamed, whatever they are."""

from __future__ import annotations

import io
import os
import re
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from socket import socket

import pytest

from enlarger.client.uploads import open_source
from enlarger.errors import InvalidInput
from enlarger.testing import InjectedFault, StandIn
from tests.client.both import KINDS, client_of, connect
from tests.client.raw_server import RawServer, header, raw_server, response

_PICTURE = b"\x89PNG\r\n" + os.urandom(5000)
_EDIT = "google/nano-banana-edit"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("source", ["path", "object"])
def test_a_large_file_is_not_read_into_memory(kind: str, source: str, tmp_path: Path) -> None:
    size = 60_000_000
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.truncate(size)
    received = []

    def answer(server: RawServer, head: str, connection: socket) -> None:
        left = int(header(head, "content-length") or 0)
        received.append(left)
        while left > 0 and (part := connection.recv(1 << 20)):
            left -= len(part)
            if left <= 100_000:  # as much may have come along with the head
                break
        connection.sendall(response(b'{"code":200,"msg":"ok","data":{"downloadUrl":"https://e.com/1.png"}}'))
        while connection.recv(1 << 20):  # what is left unread would cut the connection
            pass

    with raw_server(answer) as server, client_of(kind, "key", server.url) as client:
        tracemalloc.start()
        try:
            if source == "path":
                assert client.upload(large).url
            else:
                with large.open("rb") as opened:
                    assert client.upload(opened).url
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert received[0] > size
    assert peak < size / 4


@pytest.mark.kie_stand_in(seconds=0)
@pytest.mark.parametrize("kind", KINDS)
def test_file_objects_are_uploaded_and_left_open(kind: str, kie_stand_in: StandIn, tmp_path: Path) -> None:
    photo = tmp_path / "room.png"
    photo.write_bytes(_PICTURE)
    with connect(kind, kie_stand_in) as client, photo.open("rb") as file:
        file.read(100)  # it is sent from its start all the same
        kie_stand_in.script("upload", [InjectedFault.BAD_GATEWAY])  # and once more when that fails
        stored = client.upload(file)
        assert (stored.name, stored.size) == ("room.png", len(_PICTURE))
        buffer = io.BytesIO(_PICTURE)
        client.submit(_EDIT, {"image_urls": [file, buffer], "prompt": "warmer"})
        client.create_generation_task(_EDIT, {"image_urls": [buffer], "prompt": "warmer"})
        assert not file.closed
        assert not buffer.closed
    for task in kie_stand_in.tasks:
        assert all(url.startswith(kie_stand_in.upload_url) for url in task.input["image_urls"])


@pytest.mark.kie_stand_in(seconds=0)
@pytest.mark.parametrize("kind", KINDS)
def test_what_can_be_read_only_once_can_be_sent_twice(kind: str, kie_stand_in: StandIn, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo.png"
    os.mkfifo(fifo)
    with connect(kind, kie_stand_in) as client, ThreadPoolExecutor(1) as pool:
        for method, given in (
            (client.upload, (fifo,)),
            (client.submit, (_EDIT, {"image_urls": [fifo], "prompt": "x"})),
        ):
            kie_stand_in.script("upload", [InjectedFault.BAD_GATEWAY])
            written = pool.submit(fifo.write_bytes, _PICTURE)
            assert method(*given)
            assert written.result(60) == len(_PICTURE)


@pytest.mark.kie_stand_in(seconds=0)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_for_bytes_is_named(kind: str, kie_stand_in: StandIn, tmp_path: Path) -> None:
    photo = tmp_path / "room.png"
    photo.write_bytes(_PICTURE)
    closed = photo.open("rb")
    closed.close()
    with connect(kind, kie_stand_in) as client, photo.open() as text, (tmp_path / "new").open("wb") as writing:
        for wrong in (text, closed, writing, 5, None, tmp_path, tmp_path / "gone.png"):
            with pytest.raises(InvalidInput, match=re.compile("file", re.IGNORECASE)):
                client.upload(wrong)
        with pytest.raises(InvalidInput, match="open for text"):
            client.submit(_EDIT, {"image_urls": [text], "prompt": "x"})
        with pytest.raises(InvalidInput, match="no such file"):
            client.submit(_EDIT, {"image_urls": [tmp_path], "prompt": "x"})
    assert not kie_stand_in.requests.counts.get("createTask")


def test_a_pipe_without_an_end_is_given_up() -> None:
    with (
        ExitStack() as stack,
        Path("/dev/zero").open("rb") as endless,
        pytest.raises(InvalidInput, match="no end to it after 3 MB"),
    ):
        open_source(endless, stack, most_bytes=3_000_000)
