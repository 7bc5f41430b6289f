"""`-o` of every command that has it: a file, link, FIFO or device there is written into, and stays what it is."""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import pytest

from enlarger.cli.commands import run, tasks
from enlarger.cli.output import Output, Style
from enlarger.cli.results import check_target
from enlarger.cli.session import Connection, Session
from enlarger.cli.upscale.job import Job
from enlarger.cli.upscale.pipe import piped
from enlarger.cli.upscale.place import draft_of, put
from enlarger.cli.upscale.request import FileOptions, UpscaleRequest
from enlarger.client import KieApiClient
from enlarger.errors import EnlargerError, InvalidInput, StorageError, TaskError

_ID = "a" * 32
_PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 500
"""More than a pipe takes at once."""

Command = Callable[[Session, Output, str], Awaitable[None]]


async def run_it(session: Session, output: Output, target: str) -> None:
    await run.run_task(
        session, output, model="google/nano-banana", assignments=["prompt=x"], target=target, callback_url=None,
        idempotency_key="k", deadline=None, wait=True,
    )  # fmt: skip


_COMMANDS: dict[str, Command] = {
    "run": run_it,
    "wait": lambda session, output, target: run.wait_for_task(
        session, output, task_id=_ID, target=target, deadline=None
    ),
    "download": lambda session, output, target: tasks.download_result(session, output, source=_ID, target=target),
    "download URL": lambda session, output, target: tasks.download_result(
        session, output, source="https://results.example/0.png", target=target
    ),
}


def service(results: int) -> httpx2.MockTransport:
    """A service with one task, which has made `results` pictures."""
    urls = [f"https://results.example/{number}.png" for number in range(results)]
    record = {"taskId": _ID, "state": "success", "resultJson": json.dumps({"resultUrls": urls})}

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "results.example":
            return httpx2.Response(200, content=_PICTURE)
        return httpx2.Response(200, json={"code": 200, "msg": "success", "data": record})

    return httpx2.MockTransport(answer)


async def carry_out(command: str, target: str, style: Style = Style.QUIET, *, results: int = 1) -> None:
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx2.AsyncClient(transport=service(results)))
        client = KieApiClient("key", "https://service.example", http_client=http, poll_interval=0.001)

        async def connect(_: AsyncExitStack) -> Connection:
            return Connection(client)

        await _COMMANDS[command](Session(connect, stack, local=False), Output(style), target)


def place(target: str, folder: Path) -> str:
    """A name for stdout; instead of /dev/stdout a link like it, which a fault may destroy without harm."""
    if target != "link":
        return target
    (folder / "stdout").symlink_to("/proc/self/fd/1")
    return str(folder / "stdout")


def device(folder: Path, minor: int) -> Path:
    """A copy of /dev/null (3) or /dev/full (7), which a fault may destroy without harm."""
    path = folder / "device"
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, minor))
        path.read_bytes() if minor == 3 else None
    except PermissionError:
        pytest.skip("only root can make a device")
    return path


@pytest.mark.parametrize("target", ["-", "link", "/dev/fd/1", "/proc/self/fd/1"])
@pytest.mark.parametrize("command", _COMMANDS)
async def test_stdout_gets_the_picture_and_nothing_else(
    command: str, target: str, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    await carry_out(command, place(target, tmp_path))
    assert capfdbinary.readouterr() == (_PICTURE, b"")
    assert target != "link" or (tmp_path / "stdout").is_symlink()


@pytest.mark.parametrize("command", _COMMANDS)
async def test_a_fifo_gets_the_picture_and_stays_a_fifo(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fifo = tmp_path / "picture.png"
    os.mkfifo(fifo)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()))
    reader.start()
    await carry_out(command, str(fifo))
    reader.join()
    assert read == [_PICTURE]
    assert fifo.is_fifo()
    assert capsys.readouterr().out == f"{fifo}\n"


@pytest.mark.parametrize("command", _COMMANDS)
async def test_a_symlink_leads_where_it_led_and_a_file_keeps_its_mode(command: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_text("old")
    secret.chmod(0o600)
    (tmp_path / "folder").mkdir()
    links = {"link.png": secret, "dangling.png": tmp_path / "folder" / "new.png"}
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
        await carry_out(command, str(tmp_path / name))
        assert (tmp_path / name).is_symlink()
        assert target.read_bytes() == _PICTURE
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["dangling.png", "folder", "link.png", "new.png",
                                                                   "secret.png"]  # fmt: skip


@pytest.mark.parametrize("command", _COMMANDS)
async def test_a_device_stays_a_device(command: str, tmp_path: Path) -> None:
    null = device(tmp_path, 3)
    await carry_out(command, str(null))
    assert null.is_char_device()


@pytest.mark.parametrize("command", _COMMANDS)
async def test_a_full_device_is_told_and_the_result_is_not_lost(command: str, tmp_path: Path) -> None:
    full = device(tmp_path, 7)
    with pytest.raises(EnlargerError, match="No space left on device") as told:
        await carry_out(command, str(full))
    assert command == "download URL" or f"enlarger download {_ID} -o FILE" in str(told.value)
    assert full.is_char_device()


@pytest.mark.parametrize("command", ["run", "wait", "download"])
@pytest.mark.parametrize("target", ["-", "/proc/self/fd/1"])
async def test_several_results_do_not_go_into_one_stream(
    command: str, target: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with pytest.raises(TaskError, match=f"There are 2 files.*name a folder.*enlarger download {_ID}"):
        await carry_out(command, target, results=2)
    assert capfdbinary.readouterr().out == b""


def test_a_picture_does_not_go_into_a_terminal_or_between_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are refused before anything is requested."""
    with pytest.raises(InvalidInput, match=r"no room for --json"):
        check_target("-", Output(Style.JSON))
    ours, terminal = os.openpty()
    with os.fdopen(terminal, "w") as stdout:
        monkeypatch.setattr("sys.stdout", stdout)
        for target in ("-", f"/proc/self/fd/{stdout.fileno()}"):
            with pytest.raises(InvalidInput, match="into the terminal"):
                check_target(target, Output(Style.QUIET))
            with pytest.raises(InvalidInput, match="into the terminal"), piped(["a"], FileOptions(Path(target))):
                pass
    os.close(ours)


@pytest.mark.parametrize("target", ["file/x.png", "file/", "file/x/y.png"])
def test_a_file_is_no_folder(target: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be written"):
        check_target(f"{tmp_path}/{target}", Output(Style.QUIET))


# enlarger upscale


@pytest.mark.parametrize("target", ["-", "link"])
def test_an_enlarged_picture_goes_to_stdout(
    target: str, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    with piped(["a.png"], FileOptions(Path(place(target, tmp_path)))) as (names, choice):
        assert names == ["a.png"]
        assert choice.output is not None
        choice.output.mkdir()
        (choice.output / "a@4x.png").write_bytes(_PICTURE)
    assert capfdbinary.readouterr().out == _PICTURE


def test_an_enlarged_picture_goes_into_a_fifo(tmp_path: Path) -> None:
    fifo = tmp_path / "picture.png"
    os.mkfifo(fifo)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()))
    reader.start()
    with piped(["a.png"], FileOptions(fifo)) as (_, choice):
        assert choice.output is not None
        choice.output.mkdir()
        (choice.output / "a@4x.png").write_bytes(_PICTURE)
    reader.join()
    assert read == [_PICTURE]
    assert fifo.is_fifo()


def test_an_enlarged_picture_replaces_what_a_symlink_leads_to_and_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    secret = tmp_path / "elsewhere" / "secret.png"
    secret.write_text("old")
    secret.chmod(0o600)
    link = tmp_path / "a@4x.png"
    link.symlink_to(secret)
    job = Job(tmp_path / "a.png", link)
    draft = draft_of(job, _ID)
    assert draft.parent == secret.parent
    draft.write_bytes(_PICTURE)
    assert not put(draft, job, UpscaleRequest("m", "4", None), b"source", None)
    assert link.is_symlink()
    assert secret.read_bytes() == _PICTURE
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert not draft.exists()
