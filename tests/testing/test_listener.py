"""The stand-in under many hands, and as an HTTP server: connections, closing, requests that are wrong."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx2

from enlarger.testing import InjectedFault, StandIn
from tests.testing.caller import CREATE, CREDIT, PROMPT, RECORD, calling


def talk(url: str, *messages: bytes) -> bytes:
    """Send bytes, one message after the answer to the other, and read until the connection is closed."""
    parts = urlsplit(url)
    with socket.create_connection((str(parts.hostname), parts.port or 80), timeout=5) as connection:
        answer = b""
        for message in messages[:-1]:
            connection.sendall(message)
            answer += connection.recv(65_536)
        connection.sendall(messages[-1])
        while chunk := connection.recv(65_536):
            answer += chunk
    return answer


def test_fifty_threads_make_as_many_tasks_as_they_were_told() -> None:
    with calling(StandIn(seconds=0, limits=False, credits=1_000)) as caller:
        caller.service.script("createTask", [InjectedFault.CUT_BEFORE, None] * 25)

        def create(number: int) -> str:
            try:
                reply = caller.http.post(CREATE, json=PROMPT | {"input": {"prompt": str(number % 40)}}).json()
            except httpx2.RemoteProtocolError:
                return "cut"
            return str(reply["data"]["taskId"])

        with ThreadPoolExecutor(50) as threads:
            answers = list(threads.map(create, range(200)))
        service = caller.service
        assert Counter(answers)["cut"] == 25
        assert {answer for answer in answers if answer != "cut"} == {task.id for task in service.tasks}
        assert len(service.tasks) == 175
        assert len(service.duplicates) == 175 - len({str(task.input) for task in service.tasks})
        assert service.requests.counts["createTask"] == len(service.requests.latest) == 200
        assert (service.charged, service.credits) == (700.0, 300.0)


def test_credits_hold_under_fifty_threads() -> None:
    with calling(StandIn(seconds=60, limits=False, credits=40)) as caller, ThreadPoolExecutor(50) as threads:
        codes = Counter(threads.map(lambda _: caller.post(CREATE, PROMPT)["code"], range(50)))
        assert codes == {200: 10, 402: 40}


def test_two_hundred_and_fifty_connections_stay_open_at_once() -> None:
    with StandIn() as service, ExitStack() as opened:
        parts = urlsplit(service.base_url)
        address = (str(parts.hostname), parts.port or 80)
        connections = [opened.enter_context(socket.create_connection(address, timeout=5)) for _ in range(250)]
        for _ in range(3):
            for connection in connections:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            answers = [connection.recv(65_536) for connection in connections]
            assert {answer.partition(b"\r\n")[0] for answer in answers} == {b"HTTP/1.1 404 Not Found"}
        assert service.requests.counts["unknown"] == 750


def test_closing_ends_idle_connections_and_all_threads() -> None:
    with calling(StandIn()) as caller:
        caller.get(CREDIT)
        parts = ("_serve_connection", "stand-in")
        named = [thread for thread in threading.enumerate() if any(part in thread.name for part in parts)]
        assert len(named) >= 4
    assert not [thread for thread in named if thread.is_alive()]


def test_a_connection_is_used_again() -> None:
    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    with StandIn() as service:
        answer = talk(service.base_url, request, request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert answer.count(b"HTTP/1.1 404 Not Found") == 2


def test_half_an_answer_is_half_of_its_body() -> None:
    with StandIn() as service:
        service.script("credit", [InjectedFault.CUT_MIDDLE])
        authorization = f"Authorization: Bearer {service.api_key}\r\n\r\n".encode()
        answer = talk(service.base_url, b"GET /api/v1/chat/credit HTTP/1.1\r\n" + authorization)
    head, _, body = answer.partition(b"\r\n\r\n")
    whole = b'{"code":200,"msg":"success","data":5916.25}'
    assert f"Content-Length: {len(whole)}".encode() in head
    assert body == whole[: len(whole) // 2]


def test_a_client_that_asks_whether_to_go_on_is_told_so_at_once() -> None:
    with StandIn() as service:
        head = (
            b"POST /none HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
        )
        answer = talk(service.base_url, head, b"{}")
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404")


def test_a_body_of_a_wrong_length_is_refused() -> None:
    with StandIn() as service:
        for header in (b"Content-Length: many", b"Content-Length: 99999999999", b"Transfer-Encoding: chunked"):
            answer = talk(service.base_url, b"POST / HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n-1\r\n")
            assert answer.startswith(b"HTTP/1.1 400 ")


def test_the_first_of_two_parameters_counts_and_escapes_are_read() -> None:
    with calling(StandIn()) as caller:
        task_id = caller.create()
        reply = caller.http.get(f"{RECORD}?taskId=%{ord(task_id[0]):x}{task_id[1:]}&taskId=none").json()
    assert reply["data"]["taskId"] == task_id
