"""`enlarger bot`: the Telegram bot, with a whole service beside it or at one that runs already."""

from __future__ import annotations

import asyncio
import os

from aiogram.types import User

from enlarger import __version__
from enlarger.bot.app import run_bot
from enlarger.cli.greeting import describe_providers
from enlarger.cli.service import make_ready, run, say, whole_service
from enlarger.client.options import HOSTED_URL
from enlarger.errors import ConfigurationError
from enlarger.infra.database import open_database
from enlarger.settings import Settings


def bot(settings: Settings) -> None:
    """Run the bot until it is asked to stop. Raises ConfigurationError."""
    if settings.bot_token is None or not settings.bot_token.get_secret_value().strip():
        raise ConfigurationError(
            "There is no BOT_TOKEN: have a bot made by @BotFather in Telegram, and set BOT_TOKEN to the token it gives."
        )
    run(settings, _bot)


async def _bot(settings: Settings, stop: asyncio.Event) -> None:
    if settings.database_url is None:
        async with whole_service(settings) as running:
            database, url = running.service.database, running.url
            await run_bot(
                settings, database, service_url=url, stop=stop, on_ready=lambda me: _greet(settings, me, url, own=True)
            )
        return
    url = _service_url(settings)
    database_url = settings.database_url.get_secret_value()
    await make_ready(settings, stop, database_url)
    async with open_database(database_url) as database:
        await run_bot(
            settings, database, service_url=url, stop=stop, on_ready=lambda me: _greet(settings, me, url, own=False)
        )


def _service_url(settings: Settings) -> str:
    """Where the service with this database answers."""
    named = settings.public_url or os.environ.get("KIE_BASE_URL", "").strip() or f"http://127.0.0.1:{settings.port}"
    if named.rstrip("/") == HOSTED_URL:
        raise ConfigurationError(
            "KIE_BASE_URL is KIE's own address, and the bot needs an Enlarger service: set ENLARGER_PUBLIC_URL."
        )
    return named


def _greet(settings: Settings, me: User, url: str, *, own: bool) -> None:
    say(f"Enlarger {__version__}: @{me.username} listens. Open https://t.me/{me.username}. Stop it with Ctrl-C.")
    say("")
    say(f"  service  {url}{' (in this process)' if own else ''}")
    if own:
        say(f"  data     {settings.data_dir}")
    say(f"  updates  {'by webhook' if settings.bot_public_url else 'by long polling'}")
    for line in describe_providers(settings):
        say(line)
    if not own:
        say("  These are this process's settings: give the service the same keys.")
    say("")
