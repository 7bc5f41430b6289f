"""`--processes`: several processes that are one service, and what happens when one of them, or all, are ended."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import httpx2
import psutil
import pytest

from tests.acceptance.conftest import Command, Start
from tests.acceptance.services import START_SECONDS
from tests.acceptance.test_service import at_work, create, record, upload
from tests.conftest import MakePhoto
from tests.monitoring.scrape import Scrape
from tests.ports import free_port
from tests.waiting import until

_CREATE = "/api/v1/jobs/createTask"
_BODY = {"model": "topaz/image-upscale", "input": {"image_url": "https://example.com/a.png", "upscale_factor": "2"}}
_HEADERS = {"Authorization": "Bearer my-key"}
_EACH_ITS_OWN = httpx2.Limits(max_keepalive_connections=0)
"""A connection for each request, which any process may accept."""


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "ENLARGER_STORAGE_URL": str(tmp_path / "shared"),
        "ENLARGER_API_KEY": "my-key",
        "ENLARGER_METRICS_PORT": "0",
    }


@pytest.fixture
async def served(start: Start, settings: dict[str, str]) -> Command:
    """`enlarger serve --processes 2`, ready."""
    command = await start("serve", "--port", "0", "--processes", "2", **settings)
    await until(command.says("The metrics: "), seconds=START_SECONDS)
    return command


@pytest.fixture
async def client(served: Command) -> AsyncIterator[httpx2.AsyncClient]:
    url = served.after("The API answers at ").split(";")[0]
    async with httpx2.AsyncClient(base_url=url, headers=_HEADERS, timeout=120, limits=_EACH_ITS_OWN) as found:
        yield found


def processes(command: Command) -> list[psutil.Process]:
    """The processes of a service, by their numbers; those of the engine are below them."""
    found = psutil.Process(command.process.pid).children()
    ours = [one for one in found if "enlarger.cli.child_process" in one.cmdline()]
    return sorted(ours, key=lambda one: one.cmdline()[-1])


async def served_by(command: Command, client: httpx2.AsyncClient) -> Counter[str]:
    """How many requests for the health of the service each process has answered."""
    scraped = Scrape((await client.get(command.after("The metrics: "))).text)
    name = "enlarger_http_request_duration_seconds_count"
    labels = {"method": "GET", "route": "/healthz", "status": "200", "code": "200"}
    found = {number: scraped.get(name, **labels, process=number) for number in ("1", "2")}
    return Counter({number: int(count) for number, count in found.items() if count})


async def outcome(client: httpx2.AsyncClient, task_id: str) -> str:
    """How a task ends; requests to a process that is killed meanwhile are sent again."""
    states: list[str] = []

    async def over() -> bool:
        with suppress(httpx2.TransportError):
            states.append((await record(client, task_id))["state"])
        return states[-1:] in (["success"], ["fail"])

    await until(over, seconds=240)
    return states[-1]


async def test_every_process_answers_and_the_metrics_are_those_of_all(
    served: Command, client: httpx2.AsyncClient
) -> None:
    sent = 0

    async def both_have() -> bool:
        nonlocal sent
        replies = await asyncio.gather(*(client.get("/healthz") for _ in range(20)))
        assert {reply.status_code for reply in replies} == {200}
        sent += len(replies)
        return len(await served_by(served, client)) == 2

    await until(both_have)

    async def all_counted() -> bool:  # a request counts when its answer has been sent
        return (await served_by(served, client)).total() == sent

    await until(all_counted)
    scraped = Scrape((await client.get(served.after("The metrics: "))).text)
    assert scraped.get("enlarger_database_up") == 1
    memory = [scraped.get("process_resident_memory_bytes", process=number) for number in ("1", "2")]
    assert all(memory)


async def test_a_stop_ends_all_and_loses_nothing(
    served: Command, client: httpx2.AsyncClient, database_url: str
) -> None:
    running = processes(served)
    assert len(running) == 2
    accepted: list[str] = []
    enough = asyncio.Event()

    async def make() -> None:
        while True:
            try:
                reply = await client.post(_CREATE, json=_BODY)
            except httpx2.TransportError:
                return  # nobody listens any more
            accepted.append(reply.json()["data"]["taskId"])
            if len(accepted) >= 20:
                enough.set()

    makers = [asyncio.create_task(make()) for _ in range(4)]
    await asyncio.wait_for(enough.wait(), 120)
    assert await served.end(signal.SIGTERM) == 0, served.text
    await asyncio.gather(*makers)
    assert not any(one.is_running() for one in running)
    assert "Traceback" not in served.text
    assert "process_died" not in served.text
    connection = await asyncpg.connect(database_url)
    kept = {row["id"] for row in await connection.fetch("SELECT id FROM tasks")}
    await connection.close()
    assert set(accepted) <= kept


async def test_a_killed_process_is_replaced_while_the_other_answers(
    served: Command, client: httpx2.AsyncClient
) -> None:
    first, second = processes(served)
    first.kill()
    await until(served.says("process_died"))
    assert (await client.get("/readyz")).status_code == 200

    async def two_again() -> bool:
        assert (await client.post(_CREATE, json=_BODY)).json()["code"] == 200
        return sum("process_ready" in line for line in served.err) == 3

    await until(two_again, seconds=START_SECONDS)
    replacement, other = processes(served)
    assert (replacement.pid != first.pid, other.pid) == (True, second.pid)
    (died,) = (line for line in served.err if "process_died" in line)
    assert "SIGKILL" in died
    assert await served.end(signal.SIGTERM) == 0, served.text


async def test_processes_end_when_their_supervisor_is_killed(served: Command) -> None:
    running = processes(served)
    served.process.kill()
    _, alive = await asyncio.to_thread(psutil.wait_procs, running, 120)
    assert not alive
    await served.end()


async def test_what_is_wrong_at_the_start_is_one_error(start: Start, settings: dict[str, str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        taken = await start("serve", "--port", port, "--processes", "2", **settings)
        wrong = await start("serve", "--port", "0", "--processes", "2", **settings, ENLARGER_OPENAI_MODELS="nonsense")
        assert await taken.end() == 1
    assert await wrong.end() == 1
    (sentence,) = taken.err
    assert f"The port {port} is taken by another program" in sentence
    (sentence,) = wrong.err
    assert "ENLARGER_OPENAI_MODELS" in sentence
    for number, problem in (("0", "or equal to 1"), ("-1", "or equal to 1"), ("13", "or equal to 12")):
        refused = await start("worker", "--processes", number, **settings)
        assert await refused.end() == 2
        assert "--processes" in refused.text
        assert problem in refused.text
    refused = await start("worker", **settings, ENLARGER_PROCESSES="many")
    assert await refused.end() == 2
    assert "ENLARGER_PROCESSES" in refused.text


async def test_nobody_is_answered_before_all_processes_are_ready(
    start: Start, settings: dict[str, str], database_url: str
) -> None:
    port = free_port()
    command = await start("serve", "--port", str(port), "--processes", "2", **settings)
    found: list[psutil.Process] = []

    async def born() -> bool:
        found[:] = processes(command)
        return len(found) == 2

    await until(born, seconds=START_SECONDS)
    slow, _ = found
    slow.suspend()
    watcher = await asyncpg.connect(database_url)
    pools = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%api_keys%'"
    await until(lambda: watcher.fetchval(pools), seconds=START_SECONDS)  # the other one has looked for its key
    await watcher.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    assert not any("The API answers" in line for line in command.out)
    slow.resume()
    await until(command.says("The API answers"), seconds=START_SECONDS)
    assert sum("process_ready" in line for line in command.err) == 2
    async with httpx2.AsyncClient() as client:
        assert (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200


@pytest.mark.usefixtures("used")
async def test_one_process_runs_the_engine_and_its_replacement_goes_on(start: Start, make_photo: MakePhoto) -> None:
    lease = {"ENLARGER_API_KEY": "my-key", "ENLARGER_WORKER_LEASE": "2"}
    command = await start("up", "--port", "0", "--processes", "2", **lease)
    await until(command.says("recordInfo?taskId"), seconds=START_SECONDS)
    first, second = processes(command)
    url = command.after("API   ")
    async with httpx2.AsyncClient(base_url=url, headers=_HEADERS, timeout=120, limits=_EACH_ITS_OWN) as client:
        picture = await upload(client, make_photo("big.png", 500, 400))
        tasks = [await create(client, "real-esrgan/fast", image_url=picture, upscale_factor="4") for _ in range(2)]
        await until(at_work(client, tasks[0]))
        assert first.children()
        assert not second.children()
        first.kill()
        for task_id in tasks:
            assert await outcome(client, task_id) == "success", command.text
    assert await command.end(signal.SIGINT) == 0, command.text
    assert re.search(r"process_died.*SIGKILL|SIGKILL.*process_died", command.text)
