"""Puts the bot together and runs it: by long polling, or behind a webhook when it has a public address."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.fsm.storage.memory import SimpleEventIsolation
from aiogram.types import User
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from enlarger.all_settings import Settings
from enlarger.bot import error_handler
from enlarger.bot.handlers import make_router
from enlarger.bot.jobs import JobStore
from enlarger.bot.keyboards import job_buttons
from enlarger.bot.limits import Floods
from enlarger.bot.middleware import Answers, AtWork, People
from enlarger.bot.storage import PostgresStorage
from enlarger.bot.telegram import make_bot, patiently, quietly
from enlarger.bot.texts.beginning import commands
from enlarger.bot.updates import Once, UpdateReceiver
from enlarger.bot.users import BOT_KEYS, LANGUAGES, UserStore
from enlarger.bot.work import Work
from enlarger.catalog.messages import translator
from enlarger.client import KieApiClient
from enlarger.errors import ConfigurationError
from enlarger.infra.database import Database
from enlarger.tasks.accounts import AccountStore

PATH = "/telegram"
"""Where Telegram brings updates to, behind ENLARGER_BOT_PUBLIC_URL."""

_POLL_SECONDS = 25
_STOP_SECONDS = 10.0
_UNUSED_KEY = "enl_every-user-has-their-own"

_log = structlog.get_logger("enlarger.bot")


async def run_bot(
    settings: Settings, database: Database, *, service_url: str, stop: asyncio.Event, on_ready: Callable[[User], object]
) -> None:
    """Run the bot beside the service at `service_url`, which has the same database, until `stop` is set.

    `on_ready` is called with the bot's own name once it listens. Raises ConfigurationError when Telegram does not
    know the token, or cannot be reached.
    """
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""
    secret = await AccountStore(database).shared_secret(BOT_KEYS)
    async with AsyncExitStack() as stack:
        bot = make_bot(token, settings.bot_api_url)
        stack.push_async_callback(bot.session.close)
        me = await _introduce(bot)
        client = await stack.enter_async_context(
            KieApiClient(_UNUSED_KEY, service_url, upload_url=service_url, local_files=False)
        )
        users = UserStore(database, client, credits=credits_of(settings), secret=secret)
        jobs = JobStore(database)
        work = Work(
            bot,
            users,
            jobs,
            buttons=job_buttons,
            at_once=settings.bot_tasks_at_once,
            refund=settings.refund_on_cancel,
        )
        stack.push_async_callback(work.aclose, _STOP_SECONDS)
        storage = PostgresStorage(database)
        await storage.trim()
        at_work = AtWork()
        stack.push_async_callback(at_work.finish, _STOP_SECONDS)
        dispatcher = make_dispatcher(
            storage, at_work=at_work, settings=settings, users=users, jobs=jobs, work=work, database=database
        )
        for language in LANGUAGES:
            code = None if language == LANGUAGES[0] else language
            await quietly(bot.set_my_commands(commands(translator(language)), language_code=code))
        taken_up = await work.resume()
        _log.info("bot_started", jobs_taken_up=taken_up, webhook=settings.bot_public_url is not None)
        run = _polling if settings.bot_public_url is None else _webhook
        async with run(dispatcher, bot, settings, hmac_of(secret, "webhook")):
            on_ready(me)
            await stop.wait()


def make_dispatcher(
    storage: PostgresStorage,
    *,
    at_work: AtWork,
    settings: Settings,
    users: UserStore,
    jobs: JobStore,
    work: Work,
    database: Database,
) -> Dispatcher:
    """The dispatcher with everything that an update passes through on its way to a handler."""
    dispatcher = Dispatcher(
        storage=storage,
        events_isolation=SimpleEventIsolation(),
        settings=settings,
        users=users,
        jobs=jobs,
        work=work,
        database=database,
    )
    dispatcher.update.outer_middleware(Once())
    dispatcher.update.outer_middleware(at_work)
    dispatcher.update.outer_middleware(Floods())
    dispatcher.update.outer_middleware(People(users))
    dispatcher.callback_query.middleware(Answers())
    dispatcher.errors.register(error_handler.tell)
    dispatcher.include_router(make_router())
    return dispatcher


def credits_of(settings: Settings) -> Decimal | None:
    """What a new user gets; None is without limit."""
    return None if settings.bot_credits == "none" else settings.bot_credits


def hmac_of(secret: bytes, what: str) -> str:
    """A secret that follows from the shared one, in letters that Telegram takes."""
    return base64.urlsafe_b64encode(hmac.digest(secret, what.encode(), hashlib.sha256)).decode().rstrip("=")


async def _introduce(bot: Bot) -> User:
    """Who the bot is. Raises ConfigurationError."""
    try:
        return await patiently(bot.me)
    except TelegramUnauthorizedError:
        raise ConfigurationError(
            "Telegram does not know this BOT_TOKEN (401): copy it once more from @BotFather, or have a new one made."
        ) from None
    except (TelegramNetworkError, TelegramServerError):
        raise ConfigurationError(
            f"The Bot API at {bot.session.api.api_url('', '').split('/bot')[0]} cannot be reached:"
            " check the network, or ENLARGER_BOT_API_URL."
        ) from None
    except TelegramAPIError as error:
        raise ConfigurationError(f"Telegram does not let the bot in ({type(error).__name__}).") from None


@asynccontextmanager
async def _polling(dispatcher: Dispatcher, bot: Bot, settings: Settings, secret: str) -> AsyncIterator[None]:  # noqa: ARG001
    """Ask Telegram for updates around a block."""
    await patiently(bot.delete_webhook)
    polling = asyncio.create_task(
        dispatcher.start_polling(
            bot,
            polling_timeout=_POLL_SECONDS,
            handle_signals=False,
            close_bot_session=False,
            allowed_updates=_updates(dispatcher),
        )
    )
    try:
        yield
    finally:
        polling.cancel()
        await asyncio.wait([polling], timeout=_STOP_SECONDS)


@asynccontextmanager
async def _webhook(dispatcher: Dispatcher, bot: Bot, settings: Settings, secret: str) -> AsyncIterator[None]:
    """Have Telegram bring updates around a block; afterwards it keeps them for the next start.

    An update is answered once it has been handled: of one that was cut off Telegram tells again.
    """
    app = web.Application()
    handler = SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token=secret)
    app.router.add_post(PATH, UpdateReceiver(handler, bot).take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, settings.bot_host, settings.bot_port).start()
        except OSError as error:
            raise ConfigurationError(
                f"The bot cannot listen on {settings.bot_host}:{settings.bot_port} ({error.strerror}):"
                " set ENLARGER_BOT_PORT to a free port."
            ) from None
        url = f"{settings.bot_public_url}{PATH}"
        try:
            await patiently(lambda: bot.set_webhook(url, secret_token=secret, allowed_updates=_updates(dispatcher)))
        except TelegramBadRequest as error:
            raise ConfigurationError(
                f"Telegram does not take {url} as the bot's address ({error.message}): ENLARGER_BOT_PUBLIC_URL must be"
                " https, public, and at port 443, 80, 88 or 8443."
            ) from None
        yield
    finally:
        await runner.cleanup()


def _updates(dispatcher: Dispatcher) -> list[str]:
    return dispatcher.resolve_used_update_types()
