"""What users are told of a job that fails, and that it tells no secret."""

from __future__ import annotations

import traceback
from unittest.mock import AsyncMock

import msgspec
import pytest
from aiogram.exceptions import TelegramNetworkError
from aiogram.types import File

from enlarger.bot.telegram import fetch_photo
from enlarger.errors import PictureTooLarge
from enlarger.testing import InjectedFault, StandIn
from tests.bot.conftest import Rig
from tests.bot.job_steps import told, words_of


async def test_a_task_that_fails(rig: Rig) -> None:
    anna, user = await rig.person()
    rig.kie.fail_next("The model has dreamt of a secret: https://x.invalid/?token=abc")
    job = await told(rig, anna, await rig.work.start(user, anna.id, rig.redesign()), words_of("That failed"))
    assert job.state == "failed"
    assert "dreamt" not in rig.telegram.transcript


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Your prompt was flagged by Website as violating content policies.", "500"),
        ("NSFW content detected. (E005)", "500"),
    ],
)
async def test_what_the_service_does_not_like_is_told_as_such(rig: Rig, message: str, code: str) -> None:
    anna, user = await rig.person()
    rig.kie.fail_next(message, code)
    job = await told(rig, anna, await rig.work.start(user, anna.id, rig.redesign()), "правила")
    assert job.state == "failed"
    assert message not in rig.telegram.transcript


@pytest.mark.parametrize("code", ["400", "413", "422", "451"])
async def test_what_cannot_be_done_with_the_photo_is_told_as_such(rig: Rig, code: str) -> None:
    anna, user = await rig.person()
    rig.kie.fail_next("Not here.", code)
    job = await told(rig, anna, await rig.work.start(user, anna.id, rig.redesign()), words_of("That does not work"))
    assert job.state == "failed"
    assert "Not here." not in rig.telegram.transcript


async def test_a_photo_that_telegram_no_longer_has(rig: Rig) -> None:
    anna, user = await rig.person()
    action = rig.redesign()
    gone = msgspec.structs.replace(action.photos[0], file_id="gone")
    job = await rig.work.start(user, anna.id, msgspec.structs.replace(action, photos=(gone,)))
    job = await told(rig, anna, job, words_of("Telegram no longer has this photo"))
    assert job.state == "failed"


async def test_a_photo_that_is_too_large(rig: Rig) -> None:
    anna, user = await rig.person()
    rig.telegram.refuse_next("getFile", 400, "Bad Request: file is too big")
    job = await rig.work.start(user, anna.id, rig.redesign())
    await told(rig, anna, job, words_of("This photo is too large"))


async def test_too_few_credits(rig: Rig, kie: StandIn) -> None:
    anna, user = await rig.person()
    kie._account._credits = 1
    job = await rig.work.start(user, anna.id, rig.redesign())
    await told(rig, anna, job, words_of("You do not have enough credits"))


async def test_a_service_that_stays_away(rig: Rig) -> None:
    anna, user = await rig.person()
    rig.kie.script("createTask", [InjectedFault.MAINTENANCE] * 60)
    job = await rig.work.start(user, anna.id, rig.redesign())
    job = await told(rig, anna, job, words_of("The service cannot be reached"))
    assert 250 < sum(rig.slept) <= 300
    assert not rig.kie.tasks


async def test_what_nobody_has_thought_of(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, user = await rig.person()

    async def break_(*_: object) -> None:
        raise RuntimeError(f"with the token {rig.telegram.token}")

    monkeypatch.setattr("enlarger.bot.work.fetch_photo", break_)
    job = await rig.work.start(user, anna.id, rig.redesign())
    job = await told(rig, anna, job, words_of("Something went wrong"))
    assert job.error == "RuntimeError"


async def test_a_photo_that_cannot_be_downloaded_tells_no_token(rig: Rig) -> None:
    kept = rig.photo()
    real, rig.telegram.token = rig.telegram.token, "123456789:AAOtherOtherOtherOtherOtherOtherOth"
    file = File(file_id=kept.file_id, file_unique_id="a", file_path="photos/elsewhere.jpg")
    rig.bot.get_file = AsyncMock(return_value=file)  # type: ignore[method-assign]
    with pytest.raises(TelegramNetworkError) as caught:
        await fetch_photo(rig.bot, kept.file_id, rig.sleep)
    assert len(rig.telegram.addresses) == 6, "it was tried again"
    assert all(real in address for address in rig.telegram.addresses)
    assert real not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(("size", "told"), [(20_000_001, True), (20_000_001, False), (20_000_000, True)])
async def test_a_photo_of_a_bot_api_server_without_limits_is_not_taken_whatever_it_has(
    rig: Rig, size: int, told: bool
) -> None:
    kept = rig.telegram.keep_file(bytes(size), name=None, folder="photos", suffix=".jpg")
    stored = rig.telegram._files[kept["file_id"]]
    file = File(file_id="a", file_unique_id="a", file_path=stored.path, file_size=size if told else None)
    rig.bot.get_file = AsyncMock(return_value=file)  # type: ignore[method-assign]
    if size == 20_000_000:
        assert len((await fetch_photo(rig.bot, "a", rig.sleep))[0]) == size
        return
    with pytest.raises(PictureTooLarge):
        await fetch_photo(rig.bot, "a", rig.sleep)
    assert len(rig.telegram.addresses) == (0 if told else 1)
