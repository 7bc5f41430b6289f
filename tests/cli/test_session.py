"""By which rules the service is chosen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from enlarger.cli.app import app
from enlarger.cli.session import Session, Where, open_any_session, run_beside
from enlarger.client import HOSTED_URL
from enlarger.errors import ConfigurationError
from enlarger.infra.data_directory import DataDirectory
from tests.cli.loopback import Got, Reply, serving

_KIE, _OURS, _NAMED = "http://kie.example", "http://ours.example", "http://named.example"
_HOSTED_UPLOADS = "https://kieai.redpandaai.co"


async def chosen(session: Session) -> tuple[str, str, str]:
    options = (await session.client()).options
    return options.base_url, options.api_key, options.upload_url


def answer(got: Got) -> Reply:
    wanted = got.path == "/healthz" or got.headers.get("Authorization") == "Bearer local-key"
    return (200, {}, b'{"code": 200, "msg": "ok", "data": 7}') if wanted else (401, {}, b"")


@contextmanager
def service_here(data_dir: Path) -> Iterator[str]:
    """A service that says that it runs on the data directory."""
    data = DataDirectory(data_dir)
    data.prepare()
    with serving(answer) as url:
        data.announce(url, "local-key")
        yield url


@pytest.mark.parametrize(
    ("where", "environment", "expected"),
    [
        pytest.param(
            Where(base_url=_NAMED, api_key="option"),
            {"KIE_BASE_URL": _KIE, "KIE_API_KEY": "k", "ENLARGER_BASE_URL": _OURS, "KIE_UPLOAD_URL": "http://up"},
            (_NAMED, "option", _NAMED),
            id="--base-url and --api-key come first, and uploads go there",
        ),
        pytest.param(
            Where(base_url=_NAMED),
            {"KIE_API_KEY": "k", "ENLARGER_API_KEY": "e"},
            (_NAMED, "k", _NAMED),
            id="--base-url with the environment's key",
        ),
        pytest.param(
            Where(base_url=_NAMED),
            {"ENLARGER_API_KEY": "e"},
            (_NAMED, "e", _NAMED),
            id="--base-url with our key",
        ),
        pytest.param(
            Where(),
            {
                "KIE_BASE_URL": _KIE,
                "KIE_API_KEY": "k",
                "ENLARGER_BASE_URL": _OURS,
                "ENLARGER_API_KEY": "e",
                "KIE_UPLOAD_URL": "http://up",
            },
            (_KIE, "k", "http://up"),
            id="KIE_BASE_URL, with its host for uploads",
        ),
        pytest.param(
            Where(),
            {"KIE_API_KEY": "k", "ENLARGER_BASE_URL": _OURS, "ENLARGER_API_KEY": "e", "KIE_UPLOAD_URL": "http://up"},
            (_OURS, "e", _OURS),
            id="ENLARGER_BASE_URL, and no file of its goes to another's host",
        ),
        pytest.param(
            Where(api_key="option"),
            {},
            (HOSTED_URL, "option", _HOSTED_UPLOADS),
            id="--api-key alone is the hosted one's",
        ),
        pytest.param(
            Where(base_url=HOSTED_URL, api_key="option"),
            {},
            (HOSTED_URL, "option", _HOSTED_UPLOADS),
            id="the hosted one by its name",
        ),
        pytest.param(
            Where(),
            {"KIE_API_KEY": "k"},
            (HOSTED_URL, "k", _HOSTED_UPLOADS),
            id="KIE_API_KEY alone is the hosted one's",
        ),
    ],
)
async def test_a_service_that_is_named(
    where: Where, environment: dict[str, str], expected: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    async with open_any_session(where) as session:
        assert await chosen(session) == expected
        assert not session.local
        assert not session.own


@pytest.mark.parametrize(
    ("where", "environment", "says"),
    [
        (Where(base_url=_NAMED), {}, "--base-url is set and --api-key is not"),
        (Where(), {"KIE_BASE_URL": _KIE, "ENLARGER_API_KEY": "e"}, "KIE_BASE_URL is set and KIE_API_KEY is not"),
        (Where(), {"ENLARGER_BASE_URL": _OURS, "KIE_API_KEY": "k"}, "ENLARGER_BASE_URL is set and ENLARGER_API_KEY"),
    ],
)
async def test_a_service_without_its_key_is_told_and_no_other_key_goes_there(
    where: Where, environment: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=says):
        async with open_any_session(where):
            pass


async def test_a_service_that_runs_here_comes_before_the_hosted_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KIE_API_KEY", "k")
    with service_here(tmp_path / "data") as url:
        async with open_any_session(Where()) as session:
            assert await chosen(session) == (url, "local-key", url)
            assert session.local
            assert not session.own
        async with open_any_session(Where(data_dir=tmp_path / "other")) as session:
            assert (await chosen(session))[0] == HOSTED_URL


async def test_what_is_meant_for_the_hosted_service_does_not_touch_one_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("KIE_PROXY", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("KIE_UPLOAD_URL", "http://127.0.0.1:9")
    with service_here(tmp_path / "data") as url:
        async with open_any_session(Where()) as session:
            assert await chosen(session) == (url, "local-key", url)
            assert await session.call(lambda client: client.credits()) == 7


async def test_nothing_is_started_for_a_session_that_is_not_used(tmp_path: Path) -> None:
    said: list[str] = []
    async with open_any_session(Where(), lambda: said.append("starting")) as session:
        assert session.local
    assert not said
    assert not list(tmp_path.iterdir())


async def test_a_command_starts_no_service_on_a_database_that_is_shared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/theirs")
    said: list[str] = []
    async with open_any_session(Where(), lambda: said.append("starting")) as session:
        with pytest.raises(ConfigurationError, match=r"ENLARGER_BASE_URL.*KIE_BASE_URL.*--base-url"):
            await session.call(lambda client: client.list_tasks())
    assert not said
    assert not list(tmp_path.iterdir())
    with service_here(tmp_path / "data") as url:
        async with open_any_session(Where()) as session:
            assert (await chosen(session))[0] == url


@pytest.mark.parametrize(
    "command",
    [
        ("list",),
        ("status", "a" * 32),
        ("wait", "a" * 32),
        ("download", "a" * 32),
        ("cancel", "a" * 32),
        ("credits",),
        ("upload", "https://example.com/a.jpg"),
        ("run", "real-esrgan/fast", "-i", "image_url=https://example.com/a.jpg"),
        ("deliveries", "a" * 32),
        ("resend", "a" * 32),
    ],
    ids=lambda command: command[0],
)
def test_every_task_command_says_how_to_name_the_service(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/theirs")
    ran = CliRunner().invoke(app, command)
    assert ran.exit_code == 1, ran.output
    assert "--base-url" in ran.output
    assert not list(tmp_path.iterdir())


async def test_whoever_is_interrupted_while_a_service_starts_leaves_none_behind() -> None:
    steps: list[str] = []
    starting, go_on = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def service() -> AsyncIterator[str]:
        steps.append("starts")
        starting.set()
        await go_on.wait()
        try:
            yield "address"
        finally:
            steps.append("ends")

    async def command() -> None:
        async with AsyncExitStack() as stack:
            await run_beside(service(), stack)

    task = asyncio.create_task(command())
    await starting.wait()
    task.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps == ["starts", "ends"]
