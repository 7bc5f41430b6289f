"""Programs as users write them, each as a process of its own, with our own service as another."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import data_directories
from tests.client.programs.batch import PROMPTS
from tests.client.test_conformance import Place, ours

pytestmark = pytest.mark.xdist_group("programs")

_PROGRAMS = Path(__file__).with_name("programs")
_SECONDS = 180.0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, used_before: Path) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("service")
    data_directories.copy(used_before, folder / "data")
    with ours(folder, SANDBOX="1", SANDBOX_SECONDS="0.2") as found:
        yield found


async def start(place: Place, program: str, *arguments: str | Path) -> Process:
    # Sockets that a worker inherits, and those of a client that nobody closes, are left to the collector.
    warnings = ["-W", "error", "-W", "ignore::ResourceWarning"]
    command = [sys.executable, *warnings, _PROGRAMS / f"{program}.py", *arguments]
    variables = os.environ | {"KIE_API_KEY": place.api_key, "KIE_BASE_URL": place.base_url}
    return await asyncio.create_subprocess_exec(*map(str, command), env=variables, stdout=PIPE, stderr=STDOUT)


async def end(process: Process) -> list[str]:
    """What a program says, once it has ended well."""
    said, _ = await asyncio.wait_for(process.communicate(), _SECONDS)
    text = said.decode()
    assert process.returncode == 0, text
    return text.splitlines()


async def lines(process: Process, word: str, count: int = 1) -> None:
    """Wait until a program has said so many lines that begin with a word."""
    assert process.stdout is not None
    while count:
        line = await asyncio.wait_for(process.stdout.readline(), _SECONDS)
        assert line, "it ended"
        count -= line.decode().startswith(word)


async def test_a_batch_that_is_killed_goes_on_and_makes_no_task_twice(place: Place, tmp_path: Path) -> None:
    first = await start(place, "batch", tmp_path)
    await lines(first, "drew", 12)
    first.send_signal(signal.SIGKILL)
    await first.wait()
    before = {path.name for path in tmp_path.glob("*.png")}
    assert 12 <= len(before) < len(PROMPTS)
    drawn = await end(await start(place, "batch", tmp_path))
    assert not before & {line.removeprefix("drew ") for line in drawn}
    assert {path.name for path in tmp_path.glob("*.png")} == {f"{number}.png" for number in range(len(PROMPTS))}
    assert all(path.read_bytes()[:4] == b"\x89PNG" for path in tmp_path.glob("*.png"))
    with place.sync_client() as client:
        made = Counter(task.input["prompt"] for task in client.all_tasks() if task.input is not None)
    assert {prompt: made[prompt] for prompt in PROMPTS} == dict.fromkeys(PROMPTS, 1)


async def test_workers_that_are_forked_from_a_loaded_app_share_its_client(place: Place) -> None:
    assert await end(await start(place, "web_workers")) == ["answered 8"] * 2


async def test_a_notebook_awaits_waits_and_is_interrupted(place: Place) -> None:
    program = await start(place, "notebook")
    for _ in range(2):
        await lines(program, "waiting")
        program.send_signal(signal.SIGINT)
        await lines(program, "interrupted True")
        await lines(program, "after fail True")
    await end(program)


async def test_a_program_on_trio_draws_and_goes_on(place: Place, tmp_path: Path) -> None:
    assert await end(await start(place, "with_trio", tmp_path)) == ["went on with True"]
    assert len(list(tmp_path.glob("*.png"))) == 8


async def test_a_task_is_made_by_one_side_of_a_queue_and_waited_for_by_the_other(place: Place, tmp_path: Path) -> None:
    queue = tmp_path / "queue"
    assert await end(await start(place, "task_queue", "send", queue)) == []
    assert await end(await start(place, "task_queue", "work", queue)) == ["done True True"]
