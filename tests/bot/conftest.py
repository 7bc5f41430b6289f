"""The bot's parts on a real database, beside Telegram and the hosted service, both played on loopback."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from aiogram import Bot
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, User
from PIL import Image

from enlarger.all_settings import load_settings
from enlarger.bot.actions import Action, Photo, enlarge_result, redesign
from enlarger.bot.app import run_bot
from enlarger.bot.jobs import Job, JobStore
from enlarger.bot.telegram import make_bot
from enlarger.bot.users import BotUser, UserStore
from enlarger.bot.work import Work
from enlarger.client import KieApiClient
from enlarger.infra.database import Database
from enlarger.testing import HandClock, StandIn
from tests.bot.telegram import TOKEN, Person, Telegram
from tests.pictures import photo

Running = Callable[..., AbstractAsyncContextManager[User]]
NOWHERE = "http://127.0.0.1:9"

SECRET = b"secret of the tests"
ANNA = User(id=1001, is_bot=False, first_name="Anna", language_code="ru-RU")
BERT = User(id=1002, is_bot=False, first_name="Bert", language_code="fi")


def jpeg(width: int = 64, height: int = 48, *, seed: int = 1) -> bytes:
    """A photo's bytes."""
    stream = io.BytesIO()
    Image.fromarray(photo(width, height, seed=seed)).save(stream, "JPEG", quality=92)
    return stream.getvalue()


class OneKey(UserStore):
    """Everybody with the one key that the stand-in knows."""

    def client(self, user: BotUser) -> KieApiClient:
        return self._client


def buttons(job: Job, user: BotUser) -> InlineKeyboardMarkup:
    """One that says how the job stands."""
    button = InlineKeyboardButton(text=f"{job.state} for {user.language}", callback_data=str(job.id))
    return InlineKeyboardMarkup(inline_keyboard=[[button]])


@dataclass
class Rig:
    """One bot process's worth of work, which can be killed and started again."""

    telegram: Telegram
    kie: StandIn
    clock: HandClock
    database: Database
    client: KieApiClient
    bot: Bot
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.jobs = JobStore(self.database)
        self.users = OneKey(self.database, self.client, credits=Decimal(40), secret=SECRET)
        self.work = self.make_work()

    def make_work(self, **options: Any) -> Work:
        return Work(self.bot, self.users, self.jobs, buttons=buttons, sleep=self.sleep, clock=self.clock, **options)

    async def sleep(self, seconds: float) -> None:
        """Time passes for the service at once."""
        self.slept.append(seconds)
        self.clock.advance(seconds)
        await asyncio.sleep(0)

    async def person(self, who: User = ANNA) -> tuple[Person, BotUser]:
        """Somebody who has a chat with the bot."""
        person = self.telegram.user(who.id, who.first_name, language=who.language_code or "en")
        await person.says("/start")
        return person, await self.users.get(who)

    def photo(self, content: bytes | None = None) -> Photo:
        """A photo that Telegram has."""
        return Photo(file_id=self.telegram.photo_sizes(content or jpeg())[-1]["file_id"])

    def redesign(self, content: bytes | None = None) -> Action:
        action = redesign(self.photo(content), room="living-room", style="japandi")
        return titled(action, "Гостиная · Японди")

    def enlarge(self, job: Job) -> Action:
        assert job.task_id is not None
        return titled(enlarge_result(job.task_id, job.action.model, factor=2, hosted=True), "Увеличено 2×")

    async def kill(self) -> None:
        """What is at work dies; the next work knows what is written down alone."""
        await self.work.aclose()
        self.work = self.make_work()


def titled(action: Action, title: str) -> Action:
    """As the conversations have it, with a title in the user's language."""
    return msgspec.structs.replace(action, title=title)


@pytest.fixture
def kie_clock() -> HandClock:
    return HandClock()


@pytest.fixture
def kie(kie_clock: HandClock) -> Iterator[StandIn]:
    with StandIn(clock=kie_clock, seconds=5, extensions=("idempotency-key",), limits=False) as stand_in:
        yield stand_in


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    async with Telegram() as played:
        yield played


@pytest.fixture
async def rig(database: Database, telegram: Telegram, kie: StandIn, kie_clock: HandClock) -> AsyncIterator[Rig]:
    bot = make_bot(TOKEN, telegram.url)
    client = KieApiClient(kie.api_key, kie.base_url, upload_url=kie.upload_url, local_files=False, max_retries=0)
    try:
        async with client:
            rig = Rig(telegram, kie, kie_clock, database, client, bot)
            yield rig
            await rig.work.aclose()
    finally:
        await bot.session.close()


@pytest.fixture
def running(database: Database, telegram: Telegram) -> Running:
    """The bot around a block; it is asked to stop at the end, and has to."""

    @asynccontextmanager
    async def run(**settings: Any) -> AsyncIterator[User]:
        settings = {"bot_token": TOKEN, "bot_api_url": telegram.url, "sandbox": True, **settings}
        stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
        bot = asyncio.create_task(
            run_bot(load_settings(**settings), database, service_url=NOWHERE, stop=stop, on_ready=ready.set_result)
        )
        await asyncio.wait([bot, ready], return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            await bot
        try:
            yield ready.result()
        finally:
            stop.set()
            await asyncio.wait_for(bot, 120)

    return run
