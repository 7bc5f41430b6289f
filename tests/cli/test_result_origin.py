"""What commands say of a task: who made the result, plainly if it was the sandbox, and nothing that is not known."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from enlarger.cli.callback_server import Receiver
from enlarger.cli.commands import run as run_command
from enlarger.cli.commands import tasks
from enlarger.cli.output import Output, Style
from enlarger.cli.session import Connection, Session
from enlarger.cli.task_document import new_task, task_document
from enlarger.cli.upscale.report import describe
from enlarger.client import KieApiClient
from enlarger.client.records import read_status
from enlarger.errors import EnlargerError, InvalidInput
from enlarger.protocol.extensions import HEADER, write_extensions

_ID = "a" * 32
_URL = "https://results.example/a.png"
_LEAST = {"taskId": _ID, "state": "success", "resultJson": json.dumps({"resultUrls": [_URL]})}
_NOTHING_KNOWN = ("None", "null", "nan", ", ,", "()", "  ,", " s,  ", "x,")

Surface = Callable[[Session, Output, Path], Awaitable[object]]

_SURFACES: dict[str, Surface] = {
    "run": lambda session, output, _: run_command.run_task(
        session,
        output,
        model="google/nano-banana",
        assignments=["prompt=x"],
        target=None,
        callback_url=None,
        idempotency_key="k",
        deadline=None,
        wait=True,
    ),
    "wait": lambda session, output, _: run_command.wait_for_task(
        session, output, task_id=_ID, target=None, deadline=None
    ),
    "status": lambda session, output, _: tasks.show_task(session, output, task_id=_ID),
    "download": lambda session, output, folder: tasks.download_result(session, output, source=_ID, target=f"{folder}/"),
    "list": lambda session, output, _: tasks.list_tasks(session, output, state=None, model=None, limit=5),
    "cancel": lambda session, output, _: tasks.cancel_tasks(session, output, task_ids=[_ID]),
}


def service(record: dict[str, Any]) -> httpx2.MockTransport:
    """A service that has this one task."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if request.url.host == "results.example":
            return httpx2.Response(200, content=b"picture")
        if path.endswith("/createTask"):
            data: Any = {"taskId": _ID, "recordId": _ID}
        elif path == "/v1/tasks":
            data = {"tasks": [record], "next": None}
        elif path.endswith("/events"):
            return httpx2.Response(404, json={"code": 404, "msg": "no such route"})
        elif path == f"/v1/tasks/{_ID}":
            whole = {"taskId": _ID, "model": "m", "state": "success", "param": "", "createTime": 1}
            data = {"record": whole, "attempts": [{"provider": "kie", "state": "skipped", "started": 1}]}
        else:
            data = record
        extensions = {HEADER: write_extensions()}
        return httpx2.Response(200, json={"code": 200, "msg": "success", "data": data}, headers=extensions)

    return httpx2.MockTransport(answer)


@pytest.fixture
async def said_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Any]:
    """What a surface prints of a record, on stdout and on stderr."""
    async with AsyncExitStack() as stack:

        async def say(name: str, style: Style, record: dict[str, Any]) -> tuple[str, str]:
            http = await stack.enter_async_context(httpx2.AsyncClient(transport=service(record)))
            client = KieApiClient("key", "https://service.example", http_client=http, poll_interval=0.001)

            async def connect(_: AsyncExitStack) -> Connection:
                return Connection(client)

            capsys.readouterr()
            await _SURFACES[name](Session(connect, stack, local=False), Output(style), tmp_path)
            captured = capsys.readouterr()
            return captured.out, captured.err

        yield say


@pytest.mark.parametrize("provider", ["local", "kie", "sandbox", None])
@pytest.mark.parametrize("name", _SURFACES)
async def test_a_command_says_nothing_that_a_record_does_not_tell(
    said_of: Any, name: str, provider: str | None
) -> None:
    made = {"enlarger": {"provider": provider, "engine": "engine"}} if provider else {}
    for style in (Style.HUMAN, Style.QUIET):
        out, err = await said_of(name, style, _LEAST | made)
        assert not [word for word in _NOTHING_KNOWN if word in out + err], out + err
        assert all(line == line.strip(" ,") for line in err.splitlines())
        assert out.strip()


@pytest.mark.parametrize("name", ["run", "wait", "status", "download"])
async def test_a_result_of_the_sandbox_is_called_so(said_of: Any, name: str) -> None:
    for provider, is_fake in (("sandbox", True), ("local", False), ("kie", False)):
        record = _LEAST | {"enlarger": {"provider": provider, "engine": "engine"}}
        out, err = await said_of(name, Style.HUMAN, record)
        assert ("SANDBOX" in out + err) is is_fake
        assert is_fake or f"engine ({provider})" in out + err
        out, _ = await said_of(name, Style.JSON, record)
        assert json.loads(out)["enlarger"]["provider"] == provider
        quiet, err = await said_of(name, Style.QUIET, record)
        assert "SANDBOX" not in quiet
        assert err == ""


@pytest.mark.parametrize("name", ["run", "wait", "status", "download"])
async def test_what_was_removed_before_is_told(said_of: Any, name: str) -> None:
    made = {"provider": "local", "engine": "engine", "network": "span-x4"}
    for denoise, words in ((None, "span-x4 (local)"), (50, "span-x4 after denoise 50 (local)")):
        record = _LEAST | {"enlarger": made | ({"denoise": denoise} if denoise else {})}
        assert words in "".join(await said_of(name, Style.HUMAN, record))
        assert json.loads((await said_of(name, Style.JSON, record))[0])["enlarger"].get("denoise") == denoise


@pytest.mark.parametrize("enlarger", [None, {}, "text", 7, {"provider": "kie"}, {"engine": None, "provider": None}])
@pytest.mark.parametrize("name", _SURFACES)
async def test_a_record_that_tells_nonsense_is_shown_without_it(said_of: Any, name: str, enlarger: Any) -> None:
    out, err = await said_of(name, Style.HUMAN, _LEAST | {"enlarger": enlarger})
    assert not [word for word in _NOTHING_KNOWN if word in out + err], out + err
    said = describe(read_status(_LEAST | {"enlarger": enlarger}))
    assert said == f"  task    {_ID}"


@pytest.mark.parametrize("state", ["success", "fail"])
@pytest.mark.parametrize("provider", ["local", "sandbox"])
def test_a_callback_is_told_in_one_line(capsys: pytest.CaptureFixture[str], state: str, provider: str) -> None:
    record = {"taskId": _ID, "state": state} | ({"enlarger": {"provider": provider, "engine": "engine"}})
    body = json.dumps({"code": 200, "data": record}).encode()
    with httpx2.Client() as http:
        assert Receiver(Output(Style.HUMAN), http, None, None).take(body, {}) == 200
    when, _, rest = capsys.readouterr().out.strip().partition(" ")
    assert len(when) == 8
    sandbox = "SANDBOX " if provider == "sandbox" else ""
    assert rest == f"{state} {_ID} {sandbox}[not verified]"


_SHAPE = {
    "taskId", "state", "model", "input", "urls", "data", "failCode", "failMessage", "progress", "credits", "seconds",
    "callbackUrl", "createdAt", "completedAt", "enlarger", "startsIn", "endsIn",
}  # fmt: skip
_MORE = {
    "run": {"files", "warnings"}, "wait": {"files", "warnings"}, "download": {"files", "warnings"},
    "status": {"attempts", "record"},
}  # fmt: skip


@pytest.mark.parametrize("name", _SURFACES)
async def test_a_task_has_one_shape_in_every_command(said_of: Any, name: str) -> None:
    record = _LEAST | {
        "model": "m",
        "creditsConsumed": 4,
        "costTime": 9,
        "createTime": 1e12,
        "enlarger": {"provider": "kie"},
    }
    out, _ = await said_of(name, Style.JSON, record)
    document = json.loads(out)
    task = document[0] if name in ("list", "cancel") else document
    assert set(task) == _SHAPE | _MORE.get(name, set())
    assert (task["taskId"], task["urls"], task["credits"], task["seconds"]) == (_ID, [_URL], 4, 9)
    assert task["createdAt"] == "2001-09-09T01:46:40Z"


def test_a_task_that_a_callback_tells_or_that_was_just_made_has_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    with httpx2.Client() as http:
        Receiver(Output(Style.JSON), http, None, None).take(json.dumps({"code": 200, "data": _LEAST}).encode(), {})
    assert set(json.loads(capsys.readouterr().out)["task"]) == _SHAPE
    made = task_document(new_task(_ID, "m", {"prompt": "a"}))
    assert made["input"] == {"prompt": "a"}
    assert set(made) == _SHAPE
    assert (made["state"], made["model"], made["urls"]) == ("waiting", "m", [])


@pytest.mark.parametrize("name", _SURFACES)
async def test_a_task_whose_result_cannot_be_printed_is_not_lost(
    said_of: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/full").open("w") as full, monkeypatch.context() as patched:
        patched.setattr("sys.stdout", full)
        with pytest.raises(EnlargerError, match="No space left on device") as raised:
            await said_of(name, Style.QUIET, _LEAST)
    says = {"run": f"enlarger wait {_ID}", "wait": f"enlarger wait {_ID}", "download": "The result was saved: /"}
    assert says.get(name, "") in str(raised.value)


async def test_no_wait_says_which_task_was_made_when_it_cannot_print_it(
    said_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run(session: Session, output: Output, _: Path) -> None:
        await run_command.run_task(
            session, output, model="google/nano-banana", assignments=["prompt=x"], target=None, callback_url=None,
            idempotency_key="k", deadline=None, wait=False,
        )  # fmt: skip

    monkeypatch.setitem(_SURFACES, "no-wait", run)
    with Path("/dev/full").open("w") as full, monkeypatch.context() as patched:
        patched.setattr("sys.stdout", full)
        with pytest.raises(EnlargerError, match=f"enlarger wait {_ID}"):
            await said_of("no-wait", Style.HUMAN, _LEAST)
    out, _ = await said_of("no-wait", Style.JSON, _LEAST)
    assert set(json.loads(out)) == _SHAPE | {"warnings"}


async def test_a_mistyped_field_is_told_before_the_task_is_made_also_with_quiet(
    said_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And refused with --strict, before anything is sent."""

    def run(*, strict: bool) -> Surface:
        return lambda session, output, _: run_command.run_task(
            session, output, model="google/nano-banana", assignments=["prompt=x", "aspect_ration=1:1"], strict=strict,
            target=None, callback_url=None, idempotency_key="k", deadline=None, wait=True,
        )  # fmt: skip

    monkeypatch.setitem(_SURFACES, "mistyped", run(strict=False))
    for style in Style:
        out, err = await said_of("mistyped", style, _LEAST)
        assert err.startswith("warning: google/nano-banana has no field 'aspect_ration' (did you mean 'aspect_ratio'?)")
        assert style is not Style.JSON or "aspect_ratio'?" in json.loads(out)["warnings"][0]
    monkeypatch.setitem(_SURFACES, "strict", run(strict=True))
    with pytest.raises(InvalidInput, match=r"did you mean 'aspect_ratio'\?"):
        await said_of("strict", Style.HUMAN, _LEAST)
