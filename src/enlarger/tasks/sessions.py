"""Console sessions, opened with an API key or a one-time link. Only hashes of their tokens are stored."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import msgspec

from enlarger.errors import ApiKeyRejected
from enlarger.infra.addresses import Address
from enlarger.infra.database import Connection, Database
from enlarger.tasks.accounts import AccountStore, Caller, hash_key, may_come_from
from enlarger.tasks.sql import sql
from enlarger.translatable import sentence

SESSION_SECONDS = 14 * 86_400
LINK_SECONDS = 3600.0
_TOKEN_BYTES = 32


class Visitor(msgspec.Struct, frozen=True):
    """Who is signed in to the console, and whether they may administer the service."""

    caller: Caller
    admin: bool


class SessionStore:
    """The tables `sessions` and `sign_in_links`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._accounts = AccountStore(database)

    async def open(self, key: str, address: Address | None) -> str:
        """Open a session with a key; returns its token. Raises ApiKeyRejected."""
        caller = await self._accounts.authenticate(key, address)
        token = _make_token()

        async def work(connection: Connection) -> Any:
            return await _insert(connection, token, caller.key_sha256, admin=False)

        if await self._database.run(work) is None:
            raise _signed_out()
        return token

    async def open_by_link(self, link: str) -> str:
        """Open a session with the token of a one-time link, which is then spent. Raises ApiKeyRejected."""
        token = _make_token()

        async def work(connection: Connection) -> bool:
            row = await sql.use_sign_in_link(connection, token_sha256=_hash(link))
            if row is None:  # or the commit went through, and its answer did not
                return await sql.find_session(connection, token_sha256=_hash(token)) is not None
            return bool(await _insert(connection, token, row["key_sha256"], admin=row["admin"]))

        if not await self._database.run(work):
            raise ApiKeyRejected(
                sentence("This link has been used, or has expired: sign in with an API key, or get a new link.")
            )
        return token

    async def make_link(self, key: str) -> str:
        """Create a one-time link that opens an administrator's session for the key's account; returns its token."""
        token = _make_token()

        async def work(connection: Connection) -> None:
            await sql.insert_sign_in_link(
                connection, token_sha256=_hash(token), key_sha256=hash_key(key), seconds=LINK_SECONDS
            )

        await self._database.run(work)
        return token

    async def find(self, token: str, address: Address | None) -> Visitor:
        """Return whose session it is. Raises ApiKeyRejected if it has ended, or its key may not be used from here."""

        async def work(connection: Connection) -> Any:
            return await sql.find_session(connection, token_sha256=_hash(token))

        row = await self._database.read(work)
        if row is None or not may_come_from(address, row["allow"]):
            raise _signed_out()
        return Visitor(msgspec.convert(dict(row), Caller), row["admin"])

    async def close(self, token: str) -> None:
        """End a session."""

        async def work(connection: Connection) -> None:
            await sql.close_session(connection, token_sha256=_hash(token))

        await self._database.run(work)

    async def trim(self) -> None:
        """Remove expired sessions and links."""

        async def work(connection: Connection) -> None:
            await sql.forget_sessions(connection)

        await self._database.run(work)


async def _insert(connection: Connection, token: str, key_sha256: bytes, *, admin: bool) -> Any:
    return await sql.insert_session(
        connection, token_sha256=_hash(token), key_sha256=key_sha256, admin=admin, seconds=SESSION_SECONDS
    )


def _signed_out() -> ApiKeyRejected:
    return ApiKeyRejected(sentence("You are not signed in: sign in with an API key."))


def _make_token() -> str:
    return secrets.token_urlsafe(_TOKEN_BYTES)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
