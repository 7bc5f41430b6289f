"""Who writes to the bot: each has an account of the service with a key of its own, a language and a quality."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from aiogram.types import User

from enlarger.bot.sql import sql
from enlarger.client import KieApiClient
from enlarger.errors import InvalidInput
from enlarger.infra.database import Connection, Database
from enlarger.settings import KEY_PREFIX
from enlarger.tasks.accounts import CREATE_LIMIT, QUERY_LIMIT, AccountStore
from enlarger.tasks.ledger import Ledger

BOT_KEYS = "bot keys"
"""The shared secret that the keys of the bot's users are derived from."""
LANGUAGES = ("en", "ru", "zh")

_SOURCE = "bot"
_PAGE = 500


def language_of(who: User) -> str:
    """The language of somebody's Telegram, if it is one of ours; else English."""
    language = (who.language_code or "").partition("-")[0].lower()
    return language if language in LANGUAGES else LANGUAGES[0]


class BotUser(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who writes to the bot."""

    user_id: int
    """Telegram's."""
    account_id: str
    language: str
    """One of LANGUAGES; at first the one of their Telegram."""
    quality: str
    """`standard`, or whatever the conversations have set."""
    subscribed: bool
    """Whether they want to be written to unasked (broadcasts); not at first."""
    blocked: bool
    """Whether they have blocked the bot; a message of theirs ends it."""
    created_at: datetime


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """What the bot has done, for those who run it."""

    users: int
    users_today: int
    """New in the last 24 hours."""
    active_today: int
    """Those with a job in the last 24 hours."""
    subscribed: int
    blocked: int
    jobs: int
    jobs_today: int
    jobs_open: int
    jobs_failed_today: int
    credits_today: Decimal
    """Spent in the last 24 hours by jobs that are done."""


class UserStore:
    """The `bot_users` table, the accounts behind it, and a client for each."""

    def __init__(self, database: Database, client: KieApiClient, *, credits: Decimal | None, secret: bytes) -> None:
        """`client` is of the service, with whatever key; `credits` are what a new account gets, None is no limit.

        `secret` is the shared secret BOT_KEYS.
        """
        self._database = database
        self._client = client
        self._credits = credits
        self._secret = secret
        self._accounts = AccountStore(database)
        self._ledger = Ledger(database)

    async def get(self, who: User) -> BotUser:
        """The user behind an update; at first contact an account, its credits and its key are made."""
        return await self._find(who.id, back=True) or await self._make(who)

    async def find(self, user_id: int) -> BotUser | None:
        """The user of this id; None for somebody who has never written."""
        return await self._find(user_id, back=False)

    async def set_language(self, user: BotUser, language: str) -> BotUser:
        """Returns the user as they are then."""
        return await self._change(user.user_id, language=language)

    async def set_quality(self, user: BotUser, quality: str) -> BotUser:
        """Returns the user as they are then."""
        return await self._change(user.user_id, quality=quality)

    async def set_subscribed(self, user: BotUser, subscribed: bool) -> BotUser:
        """Returns the user as they are then."""
        return await self._change(user.user_id, subscribed=subscribed)

    async def set_blocked(self, user_id: int) -> None:
        """They have blocked the bot: they are written to no longer, until they write."""
        await self._change(user_id, blocked=True)

    def client(self, user: BotUser) -> KieApiClient:
        """A client with the user's own key, over connections that all users share; nothing to be closed."""
        return self._client.with_options(api_key=self._key(user.user_id))

    async def balance(self, user: BotUser) -> Decimal | None:
        """Credits; None is without limit."""
        return await self._ledger.balance(user.account_id)

    async def top_up(self, user_id: int, credits: Decimal) -> Decimal:
        """Give a user credits, or take some away; returns the balance.

        Raises InvalidInput for somebody who has never written, or whose account is without limit.
        """
        user = await self.find(user_id)
        if user is None:
            raise InvalidInput("user", f"Nobody with the id {user_id} has written to the bot yet.")
        return await self._ledger.top_up(user.account_id, credits, note="by the bot's admin")

    async def subscribers(self) -> AsyncIterator[BotUser]:
        """Everybody who wants to be written to and has not blocked the bot, oldest first; read in parts."""
        after = 0
        while users := await self._subscribers(after):
            for user in users:
                yield user
            after = users[-1].user_id

    async def stats(self) -> Stats:
        """What the bot has done so far."""

        async def work(connection: Connection) -> Any:
            return await sql.bot_stats(connection)

        return msgspec.convert(dict(await self._database.read(work)), Stats)

    def _key(self, user_id: int) -> str:
        digest = hmac.digest(self._secret, str(user_id).encode(), hashlib.sha256)
        return KEY_PREFIX + base64.urlsafe_b64encode(digest).decode().rstrip("=")

    async def _find(self, user_id: int, *, back: bool) -> BotUser | None:
        async def work(connection: Connection) -> Any:
            return await sql.find_bot_user(connection, user_id=user_id)

        row = await self._database.read(work)
        if row is None:
            return None
        user = _read(row)
        return await self._change(user_id, blocked=False) if back and user.blocked else user

    async def _make(self, who: User) -> BotUser:
        """The row comes last: whoever has one has everything else."""
        account_id = f"telegram-{who.id}"
        with suppress(InvalidInput):  # made a moment ago, by another message or before a crash
            await self._accounts.add(
                account_id, credits=self._credits, create_limit=CREATE_LIMIT, query_limit=QUERY_LIMIT
            )
        await self._accounts.register_key(self._key(who.id), account_id=account_id, source=_SOURCE)

        async def work(connection: Connection) -> None:
            await sql.insert_bot_user(connection, user_id=who.id, account_id=account_id, language=language_of(who))

        await self._database.run(work)
        made = await self._find(who.id, back=False)
        assert made is not None
        return made

    async def _change(
        self,
        user_id: int,
        *,
        language: str | None = None,
        quality: str | None = None,
        subscribed: bool | None = None,
        blocked: bool | None = None,
    ) -> BotUser:
        async def work(connection: Connection) -> Any:
            return await sql.change_bot_user(
                connection,
                user_id=user_id,
                language=language,
                quality=quality,
                subscribed=subscribed,
                blocked=blocked,
            )

        row = await self._database.run(work)
        if row is None:
            raise InvalidInput("user", f"Nobody with the id {user_id} has written to the bot yet.")
        return _read(row)

    async def _subscribers(self, after: int) -> list[BotUser]:
        async def work(connection: Connection) -> list[BotUser]:
            return [_read(row) async for row in sql.list_subscribers(connection, after=after, most=_PAGE)]

        return await self._database.read(work)


def _read(row: Any) -> BotUser:
    return msgspec.convert(dict(row), BotUser)
