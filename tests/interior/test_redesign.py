"""The two functions of the first documents: photo in, URL out, and the bot's token seen by nobody but Telegram."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

import enlarger
from enlarger import KieApiClient
from enlarger.errors import InsufficientCredits, InvalidInput, PictureTooLarge, SourceUnavailable, TaskFailed
from enlarger.interior import (
    QUALITIES,
    clear_space_with_kie,
    edit_task,
    generate_interior_with_nano_banana,
    most_bytes,
    telegram,
)
from enlarger.testing import StandIn
from enlarger.testing.exchange import Answer, Request
from enlarger.testing.service import Service
from tests.interior.telegram import FILE_ID, TOKEN, Telegram, failure

_SECRET = TOKEN.partition(":")[2]
_OURS = str(Path(enlarger.__file__).parent)

pytestmark = pytest.mark.kie_stand_in(seconds=0)


async def _no_pause(_: float) -> None:
    pass


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIE_API_POLLING_INTERVAL", "0.02")
    monkeypatch.setattr("enlarger.interior.redesign.Telegram", partial(telegram.Telegram, pause=_no_pause))


@pytest.fixture
def server(small_photo: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Telegram]:
    with Telegram(small_photo.read_bytes()) as server:
        monkeypatch.setenv("TELEGRAM_API_URL", server.url)
        yield server


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Everything that the service was sent, byte for byte."""
    requests: list[Request] = []

    def watched(answer: Callable[[Service, Request], Answer]) -> Callable[[Service, Request], Answer]:
        def keep(self: Service, request: Request) -> Answer:
            requests.append(request)
            return answer(self, request)

        return keep

    monkeypatch.setattr(Service, "answer_api", watched(Service.answer_api))
    monkeypatch.setattr(Service, "answer_upload", watched(Service.answer_upload))
    return requests


Design = Callable[[], Awaitable[str]]
_DESIGNS = [
    partial(
        generate_interior_with_nano_banana,
        photo_file_id=FILE_ID,
        room="bedroom",
        style="scandinavian",
        bot_token=TOKEN,
    ),
    partial(clear_space_with_kie, photo_file_id=FILE_ID, bot_token=TOKEN),
]
both = pytest.mark.parametrize("design", _DESIGNS, ids=["redesign", "clear space"])


async def test_a_room_is_redesigned(
    received: list[Request], kie_stand_in: StandIn, server: Telegram, small_photo: Path
) -> None:
    url = await generate_interior_with_nano_banana(
        photo_file_id=FILE_ID, room="Спальня", style="скандинавский", bot_token=TOKEN, wishes="a cradle"
    )
    assert url.startswith(kie_stand_in.results_url)
    [task] = kie_stand_in.tasks
    assert task.model == "google/nano-banana-edit"
    assert "bedroom in this photo in Scandinavian style" in task.input["prompt"]
    assert "a cradle" in task.input["prompt"]
    assert task.input["aspect_ratio"] == "auto"
    assert [Path(picture).suffix for picture in task.input["image_urls"]] == [".jpg"]
    assert any(small_photo.read_bytes() in request.body for request in received)


async def test_a_room_is_emptied(kie_stand_in: StandIn, server: Telegram) -> None:
    assert await clear_space_with_kie(FILE_ID, TOKEN)
    assert "remove all furniture" in kie_stand_in.tasks[0].input["prompt"]


async def test_the_signatures_are_those_of_the_documents(server: Telegram, kie_stand_in: StandIn) -> None:
    assert await generate_interior_with_nano_banana(FILE_ID, "bedroom", "loft", TOKEN)
    assert len(kie_stand_in.tasks) == 1


async def test_pro_is_another_model(kie_stand_in: StandIn, server: Telegram) -> None:
    await clear_space_with_kie(FILE_ID, TOKEN, quality="4K")
    [task] = kie_stand_in.tasks
    assert task.model == "nano-banana-pro"
    assert task.input["resolution"] == "4K"
    assert task.price == 24


async def test_a_client_of_one_s_own_stays_open(kie_stand_in: StandIn, server: Telegram) -> None:
    seen: list[str] = []
    async with KieApiClient() as client:
        for _ in range(2):
            await clear_space_with_kie(
                FILE_ID,
                TOKEN,
                client=client,
                telegram_url=server.url,
                on_submitted=lambda handle: seen.append(handle.id),
            )
        assert await client.credits() < 5916.25
    assert seen == [task.id for task in kie_stand_in.tasks]


@pytest.mark.parametrize(
    "wrong",
    [{"room": "spaceship"}, {"style": "qq"}, {"wishes": "a" * 2000}, {"quality": "8K"}],
    ids=lambda wrong: next(iter(wrong)),
)
async def test_what_is_wrong_is_said_before_anything_is_sent(
    wrong: dict[str, Any], received: list[Request], kie_stand_in: StandIn, server: Telegram
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await generate_interior_with_nano_banana(
            **{"photo_file_id": FILE_ID, "room": "bedroom", "style": "loft", "bot_token": TOKEN} | wrong
        )
    assert refused.value.field in wrong
    assert not server.asked
    assert not received


async def test_a_photo_is_no_larger_than_the_model_takes(
    kie_stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert most_bytes() == 10_000_000
    assert most_bytes("2K") == telegram.MOST_BYTES == 20_000_000
    with Telegram(b"\xff\xd8\xff" + bytes(11_000_000)) as server:
        with pytest.raises(PictureTooLarge, match="more than 10 MB"):
            await clear_space_with_kie(FILE_ID, TOKEN, telegram_url=server.url)
        assert len(server.asked) == 1
    assert not kie_stand_in.tasks


def test_an_edit_fits_its_model() -> None:
    for quality in QUALITIES:
        task = edit_task(["https://example.com/room.jpg"], "x", quality)
        built = enlarger.build_input(enlarger.get_model(task.model), task.input)
        assert not built.faults
        assert not built.warnings


# The token


@both
async def test_the_service_never_sees_the_token(
    design: Design, received: list[Request], kie_stand_in: StandIn, server: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    with ExitStack() as levels:  # which are put back: what a library says at DEBUG can make later tests hang
        for name in (None, *logging.root.manager.loggerDict):
            levels.enter_context(caplog.at_level(logging.DEBUG, name))
        url = await design()
    assert any(TOKEN in path for path in server.asked)
    assert len(received) >= 3
    hidden(repr(received), url, *[str(task.input) for task in kie_stand_in.tasks])
    for request in received:
        assert server.url.encode() not in request.body
    assert caplog.records
    hidden(*[repr(vars(record)) + record.getMessage() for record in caplog.records])


@both
@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        ([Answer(sent="nothing")] * 9, SourceUnavailable),
        ([None, *[Answer(sent="half", body=b"x" * 100)] * 9], SourceUnavailable),
        ([failure(502, f"Bad Gateway for {TOKEN}")] * 9, SourceUnavailable),
        ([failure(400, f"Bad Request: {TOKEN}")], InvalidInput),
        ([Answer(body=TOKEN.encode())], SourceUnavailable),
        ([Answer(status=301, headers={"Location": f"https://x.invalid/bot{TOKEN}/getFile"})], SourceUnavailable),
    ],
    ids=["cut", "half", "502", "400", "not JSON", "301"],
)
async def test_what_goes_wrong_at_telegram_does_not_show_it(
    design: Design,
    bad: list[Answer | None],
    kind: type[Exception],
    kie_stand_in: StandIn,
    server: Telegram,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.bad.extend(bad)
    with caplog.at_level(logging.DEBUG), pytest.raises(kind) as raised:
        await design()
    hidden_in(raised.value)
    hidden(caplog.text)


@both
async def test_no_connection_at_all_does_not_show_it(design: Design, kie_stand_in: StandIn) -> None:
    with pytest.raises(SourceUnavailable) as raised:
        await design(telegram_url="http://127.0.0.1:1")  # type: ignore[call-arg]
    hidden_in(raised.value)


@both
async def test_what_goes_wrong_at_the_service_does_not_show_it(
    design: Design, kie_stand_in: StandIn, server: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    kie_stand_in.fail_next("Invalid image URL", "400")
    with pytest.raises(TaskFailed) as failed:
        await design()
    hidden_in(failed.value)
    with StandIn(credits=0) as poor:
        monkeypatch.setenv("KIE_BASE_URL", poor.base_url)
        monkeypatch.setenv("KIE_UPLOAD_URL", poor.upload_url)
        with pytest.raises(InsufficientCredits) as refused:
            await design()
    hidden_in(refused.value)


def test_what_holds_it_does_not_show_it() -> None:
    token = telegram.Token(TOKEN)
    bot = telegram.Telegram(token)
    hidden(repr(token), str(token), repr(bot), repr(vars(bot)), repr(vars(bot._http)))


def hidden(*texts: str) -> None:
    for text in texts:
        assert _SECRET not in text


def hidden_in(error: BaseException) -> None:
    """Not in an error's words, nor those of any that it comes from, nor in the variables of our own frames."""
    seen: list[BaseException] = []
    queue: list[BaseException | None] = [error]
    while queue:
        one = queue.pop()
        if one is None or one in seen:
            continue
        seen.append(one)
        queue += [one.__cause__, one.__context__]
        hidden(str(one), repr(one), repr(one.args), repr(vars(one)), repr(getattr(one, "__notes__", [])))
        hidden("".join(traceback.format_exception(one)))
        hidden(*frames(one.__traceback__))


def frames(trace: TracebackType | None) -> Iterator[str]:
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith(_OURS):
            yield repr(trace.tb_frame.f_locals)
        trace = trace.tb_next
