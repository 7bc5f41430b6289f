"""Accounts and their keys. So far there is one account, `default`; keys are stored as hashes only."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from enlarger.errors import NotAuthenticated
from enlarger.infra.database import Connection, Database
from enlarger.tasks.sql import sql

DEFAULT = "default"
_KEY_PREFIX = "enl_"
_SECRET_BYTES = 32


def make_key() -> str:
    """A new API key."""
    return _KEY_PREFIX + secrets.token_urlsafe(30)


def hash_key(key: str) -> bytes:
    """The form in which a key is stored."""
    return hashlib.sha256(key.encode()).digest()


class AccountStore:
    """Accounts, keys, and the secrets that all processes of a service share."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def authenticate(self, key: str) -> str:
        """The id of the account whose key this is. Raises NotAuthenticated."""

        async def work(connection: Connection) -> Any:
            return await sql.find_account_by_key(connection, sha256=hash_key(key))

        account_id = await self._database.read(work)
        if account_id is None:
            raise NotAuthenticated("You do not have access permissions: the API key is not known here.")
        return str(account_id)

    async def let_in(self, key: str, *, account_id: str = DEFAULT, source: str, only: bool = False) -> None:
        """Make `key` valid for an account, which is made if need be; `only` revokes the source's other keys for it."""

        async def work(connection: Connection) -> None:
            digest = hash_key(key)
            await sql.insert_account(connection, id=account_id)
            await sql.insert_key(connection, sha256=digest, last4=key[-4:], account_id=account_id, source=source)
            if only:
                await sql.revoke_other_keys(connection, account_id=account_id, source=source, sha256=digest)

        await self._database.run(work)

    async def shared_secret(self, name: str) -> bytes:
        """The secret of this name, made by whoever asks first."""

        async def work(connection: Connection) -> Any:
            await sql.make_secret(connection, name=name, value=secrets.token_bytes(_SECRET_BYTES))
            return await sql.find_secret(connection, name=name)

        return bytes(await self._database.run(work))
