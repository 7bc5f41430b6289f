"""Folders that are watched, with a service in its sandbox, and with one that is in trouble."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from enlarger.all_settings import load_settings
from enlarger.cli.output import Output, Style
from enlarger.cli.service_parts import whole_service
from enlarger.cli.upscale.bar import Share
from enlarger.cli.upscale.job import Job
from enlarger.cli.upscale.request import FileOptions, UpscaleRequest
from enlarger.cli.watch.command import watch
from enlarger.cli.watch.wakeups import Wakeups, listening
from enlarger.cli.watch.watch import Watch
from enlarger.client import TaskStatus
from enlarger.errors import AuthenticationFailed, EnlargerError, InvalidInput, ServiceUnreachable, TaskError
from enlarger.infra.database import Database
from tests.pictures import photo, save
from tests.waiting import until

_REQUEST = UpscaleRequest(model="real-esrgan/fast", factor="2", format=None, allow_sandbox=True)
_SETTLE = 0.1
Count = Callable[[], Awaitable[int]]


@pytest.fixture(autouse=True)
def _own_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No picture of another test counts as an earlier result."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "inbox"
    made.mkdir()
    return made


@asynccontextmanager
async def watching(
    folder: Path, *, to: Path | None = None, poll: float | None = None, style: Style = Style.HUMAN
) -> AsyncIterator[asyncio.Task[None]]:
    """A watch around a block."""
    stop = asyncio.Event()
    options = FileOptions(output=to, into_folder=True)
    running = asyncio.create_task(
        watch(folder, _REQUEST, options, stop, settle=_SETTLE, poll=poll, data_dir=None, output=Output(style))
    )
    try:
        yield running
    finally:
        stop.set()
        await running


class Said:
    """What commands have said so far, on stdout and stderr."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.text = ""

    def of(self, words: str, times: int) -> Callable[[], Awaitable[bool]]:
        """Whether some words were said so many times."""

        async def said() -> bool:
            self.text += "".join(self._capsys.readouterr())
            return self.text.count(words) >= times

        return said


@pytest.fixture
async def sandbox(database_url: str, database: Database) -> AsyncIterator[Count]:
    """A service in the sandbox on this test's data directory; tells how many tasks it has had."""

    async def count() -> int:
        return int(await database.pool.fetchval("SELECT count(*) FROM tasks"))

    settings = load_settings(sandbox=True, sandbox_seconds=0.2, database_url=database_url, port=0)
    async with whole_service(settings):
        yield count


async def test_what_is_there_and_what_appears_is_enlarged_and_a_restart_does_nothing_again(
    sandbox: Count, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(photo(24, 18), folder / "there.jpg")
    said = Said(capsys)
    async with watching(folder, poll=0.1):
        await until(said.of("✓", 1))
        save(photo(24, 18, seed=2), tmp_path / "moved.png")
        (folder / "within").mkdir()
        (tmp_path / "moved.png").rename(folder / "within" / "moved.png")
        await until(said.of("✓", 2))
    made = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    assert {path.name for path in made} == {"there.jpg", "there@2x.jpg", "moved.png", "moved@2x.png"}
    assert await said.of("Stopped, after 2 enlarged.", 1)()
    async with watching(folder):
        save(photo(24, 18, seed=3), folder / "later.jpg")
        await until(said.of("✓", 3))
    assert {path: path.stat().st_mtime_ns for path in made} == made
    assert await sandbox() == 3


async def test_a_file_that_is_still_written_is_taken_when_it_is_whole(
    sandbox: Count, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = save(photo(48, 36), tmp_path / "whole.jpg").read_bytes()
    said = Said(capsys)
    (folder / "download.jpg.part").write_bytes(content)
    async with watching(folder, to=tmp_path / "out"):
        (folder / "slow.jpg").write_bytes(content[: len(content) // 2])
        await until(said.of("not there to its end", 1))
        assert await sandbox() == 0
        with (folder / "slow.jpg").open("ab") as file:
            file.write(content[len(content) // 2 :])
        await until(said.of("✓", 1))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["slow@2x.jpg"]
    assert said.text.count("slow.jpg:") == 1


async def test_a_task_that_was_in_progress_is_found_by_the_next_watch(
    database_url: str, database: Database, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(photo(24, 18), folder / "a.jpg")
    said = Said(capsys)

    async def made() -> bool:
        return running.done() or bool(await database.pool.fetchval("SELECT count(*) FROM tasks"))

    settings = load_settings(sandbox=True, sandbox_seconds=2, database_url=database_url, port=0)
    async with whole_service(settings):
        async with watching(folder) as running:
            await until(made)
        async with watching(folder):
            await until(said.of("✓", 1))
    assert (folder / "a@2x.jpg").exists()
    states = await database.pool.fetch("SELECT state FROM tasks")
    assert [row["state"] for row in states] == ["success"]


# In trouble


class Troubled:
    """A batch whose service raises one error after the other, and then hangs."""

    def __init__(self, *errors: EnlargerError) -> None:
        self.errors = list(errors)
        self.asked: list[str] = []

    async def enlarge(self, job: Job, share: Share) -> TaskStatus:
        self.asked.append(job.source.name)
        if self.errors:
            raise self.errors.pop(0)
        await asyncio.Event().wait()
        raise AssertionError


class Clock:
    """The time, which a test can have pass."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


async def until_asked(batch: Troubled, times: int) -> None:
    async def asked() -> bool:
        return len(batch.asked) >= times

    await until(asked)


@asynccontextmanager
async def troubled(folder: Path, batch: Troubled, clock: Clock) -> AsyncIterator[Wakeups]:
    stop = asyncio.Event()
    watched = Watch(
        folder,
        _REQUEST,
        FileOptions(),
        lambda _: batch,
        Output(Style.HUMAN),
        data_dir=None,
        settle=0.02,
        check=lambda _: None,
        clock=clock,
    )
    wakeups = Wakeups(stop)
    running = asyncio.create_task(watched.run(wakeups))
    try:
        yield wakeups
    finally:
        stop.set()
        await running


@pytest.mark.integration
async def test_while_the_service_is_away_all_pictures_wait_and_are_then_tried_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.png", "b.png"):
        save(photo(8, 8), folder / name)
    clock, batch = Clock(), Troubled(ServiceUnreachable("It is away."), ServiceUnreachable("It is away."))
    async with troubled(folder, batch, clock) as wakeups:
        said = Said(capsys)
        await until(said.of("tried again in", 1))
        asked = len(batch.asked)
        assert asked <= 2  # both may have been on their way
        wakeups.wake()
        clock.ahead += 10
        wakeups.wake()
        await until_asked(batch, asked + 1)
    assert batch.asked.count("a.png") <= 2


@pytest.mark.integration
async def test_a_folder_that_is_gone_is_looked_for_until_it_is_back(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch, said = Troubled(), Said(capsys)
    async with troubled(folder, batch, Clock()) as wakeups:
        folder.rmdir()
        wakeups.wake()
        await until(said.of("is gone: waiting for it", 1))
        folder.mkdir()
        save(photo(8, 8), folder / "a.png")
        await until_asked(batch, 1)  # although nothing told of it
    assert await said.of("is there again", 1)()


@pytest.mark.integration
async def test_a_picture_that_fails_is_not_tried_in_a_hot_loop(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(photo(8, 8), folder / "a.png")
    clock = Clock()
    said = Said(capsys)
    batch = Troubled(*(TaskError("It failed.", task_id="a" * 32) for _ in range(3)))
    async with troubled(folder, batch, clock) as wakeups:
        for times, seconds in ((1, 61), (2, 601), (3, 100_000)):
            await until(said.of("(tried again in" if times < 3 else "(skipped", times if times < 3 else 1))
            clock.ahead += seconds
            wakeups.wake()
    assert batch.asked == ["a.png"] * 3


@pytest.mark.integration
async def test_a_key_that_is_rejected_ends_the_watch(folder: Path) -> None:
    save(photo(8, 8), folder / "a.png")
    clock, batch = Clock(), Troubled(AuthenticationFailed("The key is wrong."))
    with pytest.raises(ExceptionGroup) as raised:
        async with troubled(folder, batch, clock):
            await until_asked(batch, 1)
    assert raised.group_contains(AuthenticationFailed)


async def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is not a folder"):
        async with watching(tmp_path / "missing") as running:
            await running


@pytest.mark.integration
@pytest.mark.parametrize("poll", [None, 0.05])
async def test_a_change_wakes_who_listens(folder: Path, poll: float | None) -> None:
    async with listening(folder, asyncio.Event(), recursive=True, poll=poll) as wakeups:

        async def woken() -> bool:
            (folder / "a.txt").write_bytes(b"x" * len(list(folder.iterdir())))
            (folder / f"{len(list(folder.iterdir()))}.txt").touch()
            began = asyncio.get_running_loop().time()
            assert await wakeups.wait(0.5)
            return asyncio.get_running_loop().time() - began < 0.5

        await until(woken)
