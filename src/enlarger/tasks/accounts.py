"""Accounts and their keys. Keys are stored as hashes only, and shown once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import asyncpg
import msgspec

from enlarger.errors import ApiKeyRejected, InvalidInput
from enlarger.infra.addresses import Address, Network
from enlarger.infra.database import Connection
from enlarger.settings import KEY_PREFIX
from enlarger.tasks.limits import AccountLimits, OwnLimits, change_limits
from enlarger.tasks.once import is_first
from enlarger.tasks.shared_secrets import SharedSecrets
from enlarger.tasks.sql import sql
from enlarger.translatable import sentence

DEFAULT = "default"
CREATE_LIMIT = 20
QUERY_LIMIT = 10
"""The hosted service's: createTask in 10 seconds for an account, recordInfo in a second for a key."""

MADE = "made"
"""The source of keys that were made by a command."""

LINKS = "links"
"""The shared secret in the links of files."""
WEBHOOK_URLS = "webhook urls"
"""The shared secret in the addresses where providers announce the ends of tasks."""

FORMS = "forms"
"""The shared secret from which the keys that forms ask for are derived."""

_KEY_BYTES = 30
_ID_LENGTH = 12


class Caller(msgspec.Struct, frozen=True):
    """Whose key a request carries, and what the account may do."""

    account_id: str
    key_sha256: bytes
    has_balance: bool = False
    has_caps: bool = False
    create_limit: int | None = None
    query_limit: int | None = None
    weight: float = 1.0
    """How many turns the account gets for one turn of an account with the weight 1."""
    open_limit: int | None = None
    megapixel_limit: int | None = None
    engine_limit: int | None = None
    admin: bool = False
    """Whether it may see what concerns the whole service."""

    @property
    def limits(self) -> AccountLimits:
        """The account's own limits; None means the service's default, 0 means no limit."""
        return AccountLimits(
            open_tasks=self.open_limit, open_megapixels=self.megapixel_limit, engine_seconds=self.engine_limit
        )

    @property
    def pays(self) -> bool:
        """Whether tasks are paid for with credits."""
        return self.has_balance or self.has_caps


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account, for those who run the service."""

    id: str
    balance: Decimal | None
    """Credits; None is without limit."""
    create_limit: int | None
    query_limit: int | None
    weight: float
    open_limit: int | None
    megapixel_limit: int | None
    engine_limit: int | None
    """For these three, None means the service's default and 0 means no limit."""
    engine_used: float
    """Engine seconds used today (UTC)."""
    created_at: datetime
    keys: int
    open_tasks: int


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key, without the key itself."""

    id: str
    last4: str
    account_id: str
    name: str | None
    source: str
    """`made` by an operator, or where else it comes from."""
    hour_cap: Decimal | None
    day_cap: Decimal | None
    total_cap: Decimal | None
    total_spent: Decimal
    allow: list[str]
    admin: bool
    """Whether its sessions in the console may administer the service."""
    created_at: datetime
    revoked_at: datetime | None


class Caps(msgspec.Struct, frozen=True, kw_only=True):
    """The most credits that a key may spend in an hour, a day and in all; None is without limit."""

    hour: Decimal | None = None
    day: Decimal | None = None
    total: Decimal | None = None


def make_key() -> str:
    """A new API key."""
    return KEY_PREFIX + secrets.token_urlsafe(_KEY_BYTES)


def hash_key(key: str) -> bytes:
    """The form in which a key is stored."""
    return hashlib.sha256(key.encode()).digest()


def may_come_from(address: Address | None, allow: Sequence[Network] | None) -> bool:
    """Whether a key may be used from `address`: `allow` are the networks it is restricted to, None if it is not."""
    return allow is None or (address is not None and any(address in network for network in allow))


class AccountStore(SharedSecrets):
    """Accounts, keys, and the secrets that all processes of a service share."""

    async def authenticate(self, key: str, address: Address | None = None) -> Caller:
        """Whose key this is. Raises ApiKeyRejected, also when it may not be used from this address."""

        async def work(connection: Connection) -> Any:
            return await sql.find_caller(connection, sha256=hash_key(key))

        row = await self._database.read(work)
        if row is None:
            raise ApiKeyRejected(sentence("You do not have access permissions: the API key is not known here."))
        if not may_come_from(address, row["allow"]):
            raise ApiKeyRejected(
                sentence("You do not have access permissions: this API key may not be used from this address.")
            )
        return msgspec.convert(dict(row), Caller)

    async def register_key(self, key: str, *, account_id: str = DEFAULT, source: str, only: bool = False) -> None:
        """Make `key` valid for an account, which is made if need be; `only` revokes the source's other keys for it."""

        async def work(connection: Connection) -> None:
            digest = hash_key(key)
            await sql.insert_account(connection, id=account_id)
            await sql.insert_key(
                connection, sha256=digest, id=_short(digest), last4=key[-4:], account_id=account_id, source=source
            )
            await sql.restore_key(connection, sha256=digest)
            if only:
                await sql.revoke_other_keys(connection, account_id=account_id, source=source, sha256=digest)

        await self._database.run(work)

    async def add(
        self,
        account_id: str,
        *,
        credits: Decimal | None,
        create_limit: int | None,
        query_limit: int | None,
        own: OwnLimits | None = None,
        token: str | None = None,
    ) -> None:
        """Make an account with so many credits, None for one without a balance. Raises InvalidInput when it exists.

        It is done once for each `token`, however often it is asked for.
        """

        async def work(connection: Connection) -> Any:
            if not await is_first(connection, token):
                return account_id
            made = await sql.add_account(
                connection, id=account_id, balance=credits, create_limit=create_limit, query_limit=query_limit
            )
            if made is not None and own is not None:
                await change_limits(connection, account_id, own)
            if made is not None and credits:
                await sql.note_opening(connection, account_id=account_id, credits=credits)
            return made

        if await self._database.run(work) is None:
            message = sentence("There is an account {name!r} already: choose another name.", name=account_id)
            raise InvalidInput("account", message)

    async def set_limits(self, account_id: str, own: OwnLimits) -> None:
        """Change an account's limits, from its next request on. Raises InvalidInput."""

        async def work(connection: Connection) -> bool:
            return await change_limits(connection, account_id, own)

        if not await self._database.run(work):
            raise _no_account(account_id)

    async def all(self) -> list[Account]:
        """Every account, oldest first."""

        async def work(connection: Connection) -> list[Account]:
            return [msgspec.convert(dict(row), Account) async for row in sql.list_accounts(connection)]

        return await self._database.read(work)

    async def page(self, *, prefix: str, after: str, most: int) -> list[Account]:
        """Accounts whose names begin with `prefix`, by name, from the one that follows the name `after` on."""

        async def work(connection: Connection) -> list[Account]:
            rows = sql.page_accounts(connection, prefix=prefix, after=after, most=most)
            return [msgspec.convert(dict(row), Account) async for row in rows]

        return await self._database.read(work)

    async def find(self, account_id: str) -> Account | None:
        """The account of this name."""

        async def work(connection: Connection) -> Any:
            return await sql.find_account(connection, id=account_id)

        row = await self._database.read(work)
        return None if row is None else msgspec.convert(dict(row), Account)

    async def derive_key(self, purpose: str, token: str) -> str:
        """The key that a request with this token makes: the same one each time, so that it is made once.

        Nobody can compute it from the token without the service's secret.
        """
        secret = await self.shared_secret(FORMS)
        digest = hmac.new(secret, f"{purpose}\0{token}".encode(), hashlib.sha256).digest()
        return KEY_PREFIX + base64.urlsafe_b64encode(digest[:_KEY_BYTES]).decode()

    async def make_key(
        self,
        account_id: str,
        *,
        name: str | None,
        caps: Caps,
        allow: Sequence[Network] = (),
        admin: bool = False,
        key: str | None = None,
    ) -> tuple[str, str]:
        """Make a key of an account, and return it and the id by which people name it.

        With `admin`, its sessions in the console may administer the service.

        `key` is one of `derive_key`; without it a random one is made. Raises InvalidInput for an unknown account.
        """
        key = key or make_key()
        digest = hash_key(key)

        async def work(connection: Connection) -> None:
            await sql.add_key(
                connection,
                sha256=digest,
                id=_short(digest),
                last4=key[-4:],
                account_id=account_id,
                source=MADE,
                name=name,
                hour_cap=caps.hour,
                day_cap=caps.day,
                total_cap=caps.total,
                allow=list(allow) or None,
                admin=admin,
            )

        try:
            await self._database.run(work)
        except asyncpg.ForeignKeyViolationError:
            raise _no_account(account_id) from None
        return key, _short(digest)

    async def keys(self, account_id: str | None = None) -> list[Key]:
        """The keys of an account, or of all, oldest first."""

        async def work(connection: Connection) -> list[Key]:
            return [_to_key(row) async for row in sql.list_keys(connection, account_id=account_id)]

        return await self._database.read(work)

    async def page_keys(self, account_id: str, *, before: str | None, most: int) -> list[Key]:
        """An account's keys, the newest first, from the one that follows the key of the id `before` on."""

        async def work(connection: Connection) -> list[Key]:
            rows = sql.page_keys(connection, account_id=account_id, before=before, most=most)
            return [_to_key(row) async for row in rows]

        return await self._database.read(work)

    async def find_key(self, key_id: str) -> Key | None:
        """The key of this id."""

        async def work(connection: Connection) -> Any:
            return await sql.find_key_by_id(connection, id=key_id)

        row = await self._database.read(work)
        return None if row is None else _to_key(row)

    async def set_caps(self, key_id: str, caps: Caps) -> None:
        """Set what a key may spend. Raises InvalidInput for one that is revoked or that there is not."""

        async def work(connection: Connection) -> Any:
            return await sql.set_caps(connection, id=key_id, hour_cap=caps.hour, day_cap=caps.day, total_cap=caps.total)

        if await self._database.run(work) is None:
            raise InvalidInput("key", sentence("There is no valid key {key!r}: choose another one.", key=key_id))

    async def revoke(self, key_id: str) -> None:
        """Let a key in no longer. Raises InvalidInput for one that there is not."""

        async def work(connection: Connection) -> Any:
            return await sql.revoke_key(connection, id=key_id)

        if await self._database.run(work) is None:
            raise InvalidInput("key", f"There is no key {key_id!r}: `enlarger keys list` shows their ids.")

    async def rotate(self, key_id: str, *, keep_old: bool, key: str | None = None) -> tuple[str, str]:
        """A new key with everything that the key of this id may do and has spent, and the new one's id.

        The old one is revoked in the same moment unless it is kept. `key` is as for `make_key`. Raises InvalidInput for
        one that there is not, that is revoked, or that comes from a setting or a file, where it has to be changed.
        """
        key = key or make_key()
        digest = hash_key(key)

        async def work(connection: Connection) -> Any:
            if await sql.find_key(connection, sha256=digest) is not None:
                return None  # done already: the commit went through, and its answer did not
            old = await sql.find_key_to_rotate(connection, id=key_id)
            if old is not None and old["source"] == MADE and old["revoked_at"] is None:
                await sql.copy_key(connection, id=key_id, sha256=digest, new_id=_short(digest), last4=key[-4:])
                if not keep_old:
                    await sql.revoke_key(connection, id=key_id)
                return None
            if old is None:
                return f"There is no key {key_id!r}: `enlarger keys list` shows their ids."
            if old["revoked_at"] is not None:
                return f"The key {key_id!r} is revoked: `enlarger keys create {old['account_id']}` makes another one."
            return (
                f"The key {key_id!r} was not made by `enlarger keys create`: change it where it comes from,"
                " ENLARGER_API_KEY or the file `api-key` in the data directory, and start the service again."
            )

        if (problem := await self._database.run(work)) is not None:
            raise InvalidInput("key", problem)
        return key, _short(digest)


def _no_account(account_id: str) -> InvalidInput:
    return InvalidInput(
        "account", f"There is no account {account_id!r}: `enlarger accounts list` shows those that there are."
    )


def _to_key(row: Any) -> Key:
    return msgspec.convert({**row, "allow": [str(network) for network in row["allow"] or ()]}, Key)


def _short(digest: bytes) -> str:
    """What people call a key by; nothing of the key is in it."""
    return digest.hex()[:_ID_LENGTH]
