"""`enlarger webhooks listen`, over real HTTP."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import httpx2
import pytest

from enlarger.cli.callback_server import Receiver, Server, listen, open_app, open_to_service
from enlarger.cli.output import Output, Style
from enlarger.cli.streams import StdoutUnwritable
from enlarger.errors import ConfigurationError, InvalidInput
from enlarger.infra.data_directory import DataDirectory
from enlarger.protocol.signatures import (
    BODY_ID,
    BODY_SIGNATURE,
    BODY_TIMESTAMP,
    TASK_SIGNATURE,
    TASK_TIMESTAMP,
    sign_body,
    sign_task,
)
from tests.cli.loopback import Got, Reply, running, serving

_KEY = "a-webhook-key-that-is-a-secret"
_RESULT = "http://service.example/1.png?signature=x"


def body_of(task_id: str) -> bytes:
    record = {"taskId": task_id, "state": "success", "resultJson": json.dumps({"resultUrls": [_RESULT]})}
    return json.dumps({"code": 200, "msg": "ok", "data": record}).encode()


@contextmanager
def receiving(
    style: Style = Style.HUMAN, *, forward_to: str | None = None, key: str | None = None
) -> Iterator[httpx2.Client]:
    """A client of a listening command."""
    with open_app(forward_to) as http, Server(Receiver(Output(style), http, forward_to, key), "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.server_address[1]}"
        with running(server), httpx2.Client(base_url=address, trust_env=False) as client:
            yield client


def said_to(client: httpx2.Client, request: bytes) -> bytes:
    """What comes back for a request that no proper client sends."""
    with socket.create_connection((client.base_url.host, client.base_url.port or 0), timeout=120) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(4096), b""))


def test_a_callback_is_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with receiving() as client:
        assert client.post("/", content=body_of("t1")).status_code == 200
    out, err = capsys.readouterr()
    assert out.split(" ", 1)[1] == f"success t1 {_RESULT} [not verified]\n"
    assert err == ""


def test_with_json_it_is_a_document_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with receiving(Style.JSON) as client:
        for task_id in ("t1", "t2"):
            client.post("/", content=body_of(task_id))
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["task"]["taskId"], line["verified"], line["answer"]) for line in told] == [
        ("t1", "nothing", 200),
        ("t2", "nothing", 200),
    ]


def test_it_ends_when_nobody_reads_what_it_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Having answered the callback, which was received all the same."""
    with (
        Path("/dev/full").open("w") as full,
        Server(Receiver(Output(Style.QUIET), httpx2.Client(), None, None), "127.0.0.1", 0) as server,
    ):
        monkeypatch.setattr("sys.stdout", full)
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(
                httpx2.post, f"http://127.0.0.1:{server.server_address[1]}/", content=body_of("t1"), trust_env=False
            )
            with pytest.raises(StdoutUnwritable, match="No space left on device"):
                server.serve_forever(poll_interval=0.01)
            assert answer.result(timeout=120).status_code == 200


def test_with_a_key_only_what_is_signed_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    body, now = body_of("t1"), str(int(time.time()))
    whole = {BODY_ID: "m", BODY_TIMESTAMP: now, BODY_SIGNATURE: sign_body("m", now, body, _KEY)}
    task = {TASK_TIMESTAMP: now, TASK_SIGNATURE: sign_task("t1", now, _KEY)}
    with receiving(key=_KEY) as client:
        assert client.post("/", content=body, headers=whole).status_code == 200
        assert client.post("/", content=body, headers=task).status_code == 200
        assert client.post("/", content=body).status_code == 401
        assert client.post("/", content=body_of("t2"), headers=task).status_code == 401
    out, err = capsys.readouterr()
    assert [line.split("[")[1] for line in out.splitlines()] == ["signed]", "signed (id only)]"]
    assert err.count("refused:") == 2
    assert _KEY not in out + err


def test_it_is_handed_on_whole_with_its_signatures_and_the_apps_answer_is_the_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen: list[Got] = []

    def app(got: Got) -> Reply:
        seen.append(got)
        return 503, {}, b"not now"

    headers = {"Content-Type": "application/json", TASK_SIGNATURE: "s", TASK_TIMESTAMP: "1", "Cookie": "mine"}
    with serving(app) as url, receiving(forward_to=f"{url}/hook?token=secret") as client:
        assert client.post("/", content=body_of("t1"), headers=headers).status_code == 503
    (got,) = seen
    assert got.path == "/hook?token=secret"
    assert got.body == body_of("t1")
    given = {name.lower(): value for name, value in got.headers.items()}
    assert (given[TASK_SIGNATURE.lower()], given[TASK_TIMESTAMP.lower()]) == ("s", "1")
    assert given["content-type"] == "application/json"
    assert "cookie" not in given
    out, err = capsys.readouterr()
    assert out.endswith("[not verified] -> 503\n")
    assert "secret" not in out + err


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    elsewhere: list[Got] = []

    def other(got: Got) -> Reply:
        elsewhere.append(got)
        return 200, {}, b""

    with (
        serving(other) as target,
        serving(lambda _got: (307, {"Location": target}, b"")) as url,
        receiving(forward_to=url) as client,
    ):
        assert client.post("/", content=body_of("t1")).status_code == 307
    assert not elsewhere


def test_an_app_that_takes_its_time_keeps_no_other_callback_waiting() -> None:
    both = threading.Barrier(2)

    def app(_got: Got) -> Reply:
        both.wait(30)  # passes only when both callbacks are in the app's hands at once
        return 200, {}, b""

    with serving(app) as url, receiving(forward_to=url) as client, ThreadPoolExecutor() as pool:
        replies = pool.map(lambda task_id: client.post("/", content=body_of(task_id), timeout=120), ("t1", "t2"))
        assert [reply.status_code for reply in replies] == [200, 200]


def test_an_app_that_does_not_answer_is_told_and_the_service_may_try_again(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        forward_to = f"http://127.0.0.1:{nobody.getsockname()[1]}/?token=secret"
        with receiving(forward_to=forward_to) as client:
            assert client.post("/", content=body_of("t1")).status_code == 502
    out, err = capsys.readouterr()
    assert out.endswith("-> 502\n")
    assert "the app does not respond (ConnectError)" in err
    assert "secret" not in err


def test_what_is_no_callback_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with receiving() as client:
        assert client.get("/").status_code == 200
        assert client.post("/", content=b"hello").status_code == 400
        assert client.post("/", content=b'{"data": {"taskId": "t", "state": 7}}').status_code == 400
        assert client.post("/", content=iter([b"of unknown length"])).status_code == 411
        for length in (b"10000001", b"9" * 5000):
            assert b" 413 " in said_to(client, b"POST / HTTP/1.1\r\nContent-Length: " + length + b"\r\n\r\n")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("refused:") == 2


def test_whoever_goes_away_in_the_middle_is_not_worth_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    with receiving() as client:
        assert said_to(client, b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n{") == b""
        assert client.post("/", content=body_of("t1")).status_code == 200
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 1
    assert err == ""


def test_a_callback_does_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    record = {"taskId": "\x1b[2J", "state": "fail", "failMsg": "\x1b]0;x\x07\nsuccess t9"}
    with receiving() as client:
        client.post("/", content=json.dumps({"data": record}).encode())
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert len(out.splitlines()) == 1


@pytest.mark.parametrize(
    "url", ["localhost:3000", "ftp://localhost", "http://", "http://[", "http:///path?token=secret"]
)
def test_an_app_without_an_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="is not a URL") as raised:
        listen(Output(Style.HUMAN), host="127.0.0.1", port=0, forward_to=url, key=None)
    assert "secret" not in str(raised.value)


def test_an_address_that_cannot_be_listened_on_is_one_sentence() -> None:
    with serving(lambda _got: (200, {}, b"")) as url, pytest.raises(ConfigurationError, match="Cannot listen on"):
        listen(Output(Style.HUMAN), host="127.0.0.1", port=int(url.rpartition(":")[2]), forward_to=None, key=None)
    with pytest.raises(ConfigurationError, match="Cannot listen on"):
        listen(Output(Style.HUMAN), host="no such host", port=0, forward_to=None, key=None)


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("127.0.0.1", ["127.0.0.1"]),
        ("127.0.0.2", ["127.0.0.2"]),
        ("localhost", ["127.0.0.1", "::1"]),
        ("0.0.0.0", ["127.0.0.1", "::1"]),
    ],
)
def test_a_service_of_the_same_user_may_call_it_while_it_listens(
    tmp_path: Path, host: str, addresses: list[str]
) -> None:
    data = DataDirectory(tmp_path / "data")
    data.prepare()
    output = Output(Style.HUMAN)
    with open_app(None) as http, Server(Receiver(output, http, None, None), host, 0) as server:
        with open_to_service(server, host, tmp_path / "data", output):
            port = server.server_address[1]
            assert data.listeners() == {(ip_address(address), port) for address in addresses}
        assert data.listeners() == set()


def test_where_a_killed_command_listened_is_closed_again(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path / "data")
    with data.listening([(ip_address("127.0.0.1"), 8000)]):
        pass
    (tmp_path / "data" / "listeners" / "127.0.0.1_8001").touch()
    (tmp_path / "data" / "listeners" / "nonsense").touch()
    assert data.listeners() == set()


def test_a_folder_of_others_is_left_alone_and_it_listens_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").touch()
    output = Output(Style.HUMAN)
    with (
        open_app(None) as http,
        Server(Receiver(output, http, None, None), "127.0.0.1", 0) as server,
        open_to_service(server, "127.0.0.1", tmp_path, output),
    ):
        assert "is not an Enlarger data directory" in capsys.readouterr().err.replace("\n", " ")
