"""`enlarger bot`: the Telegram bot, with a whole service beside it or at one that runs already."""

from __future__ import annotations

import asyncio
import os

from aiogram.types import User

from enlarger._version import __version__
from enlarger.all_settings import Settings
from enlarger.bot.app import run_bot
from enlarger.cli.greeting import describe_providers, provider_status
from enlarger.cli.output import Output, Style
from enlarger.cli.service_parts import whole_service
from enlarger.cli.service_process import StoppedEarly, make_ready, run
from enlarger.client.options import HOSTED_URL
from enlarger.errors import ConfigurationError
from enlarger.infra.database import Database, open_database


def bot(settings: Settings, output: Output) -> None:
    """Run the bot until it is asked to stop. Raises ConfigurationError."""
    if settings.bot_token is None or not settings.bot_token.get_secret_value().strip():
        raise ConfigurationError(
            "BOT_TOKEN is not set: create a bot with @BotFather in Telegram, and set BOT_TOKEN to its token."
        )
    run(settings, output, _bot)


async def _bot(settings: Settings, stop: asyncio.Event, output: Output) -> None:
    if settings.database_url is None:
        async with whole_service(settings) as running:
            database, url = running.service.database, running.url
            await _run(settings, database, output, stop, url=url, own=True)
        return
    url = _service_url(settings)
    database_url = settings.database_url.get_secret_value()
    await make_ready(settings, stop, output, database_url)
    async with open_database(database_url) as database:
        await _run(settings, database, output, stop, url=url, own=False)


async def _run(
    settings: Settings, database: Database, output: Output, stop: asyncio.Event, *, url: str, own: bool
) -> None:
    """Run the bot until it is asked to stop. Raises StoppedEarly when that was before it was ready."""
    ready = asyncio.Event()

    def greet(me: User) -> None:
        ready.set()
        _greet(output, settings, me, url=url, own=own)

    await run_bot(settings, database, service_url=url, stop=stop, on_ready=greet)
    if not ready.is_set():
        raise StoppedEarly


def _service_url(settings: Settings) -> str:
    """Where the service with this database answers."""
    named = settings.public_url or os.environ.get("KIE_BASE_URL", "").strip() or f"http://127.0.0.1:{settings.port}"
    if named.rstrip("/") == HOSTED_URL:
        raise ConfigurationError(
            "KIE_BASE_URL is KIE's own address, and the bot needs an Enlarger service: set ENLARGER_PUBLIC_URL."
        )
    return named


def _greet(output: Output, settings: Settings, me: User, *, url: str, own: bool) -> None:
    link = f"https://t.me/{me.username}"
    updates = "webhook" if settings.bot_public_url else "long polling"
    output.say(f"Enlarger {__version__}: @{me.username} listens. Open {link}. Stop it with Ctrl-C.")
    output.say("")
    output.say(f"  service  {url}{' (in this process)' if own else ''}")
    if own:
        output.say(f"  data     {settings.data_dir}")
    output.say(f"  updates  by {updates}")
    for line in describe_providers(settings):
        output.say(line)
    if not own:
        output.say("  These are this process's settings: give the service the same keys.")
    output.say("")
    if output.style is not Style.HUMAN:
        facts = {"bot": me.username, "link": link, "service": url, "ownService": own, "updates": updates}
        output.lines([link], facts | {"sandbox": provider_status(settings).sandbox})
