"""Installations to back up and restore: a database and a storage each, and tasks of all kinds in them."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from enlarger.all_settings import Settings, load_settings
from enlarger.cli import installation, moving
from enlarger.cli.options import make_output
from enlarger.infra.data_directory import DataDirectory
from enlarger.infra.database import open_database
from enlarger.infra.migrations import migrate
from enlarger.infra.storage import Storage
from enlarger.server import Service
from enlarger.settings import Limits
from enlarger.tasks.accounts import DEFAULT, Caller, Caps
from enlarger.tasks.records import NewFile
from tests.conftest import KEY, MakePhoto
from tests.databases import Databases
from tests.new_task import new_task
from tests.worker.conftest import Stand
from tests.worker.hosted import ELSEWHERE, Floor, succeeded

SHOP = "shop"
BIG = 5 << 20
"""Bytes of a file that is stored in parts."""


@dataclass
class Installation:
    """A place where a service is, or will be."""

    database_url: str
    storage_url: str
    folder: Path

    @property
    def settings(self) -> Settings:
        return load_settings(
            database_url=self.database_url, storage_url=self.storage_url, data_dir=self.folder / "data"
        )

    @property
    def data(self) -> DataDirectory:
        return DataDirectory(self.folder / "data")

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Floor]:
        """The stores, and the duties of a worker over them."""
        await migrate(self.database_url)
        async with open_database(self.database_url, connections=4) as database:
            service = await Service.open(self.settings, database, Storage(self.storage_url))
            work = self.folder / secrets.token_hex(4)
            work.mkdir(parents=True)
            yield Floor(service, Stand(), work)

    async def fetch(self, sql: str) -> list[Any]:
        connection = await asyncpg.connect(self.database_url)
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()


@dataclass
class Furnished:
    """What was put into an installation: the tasks by what they are."""

    shop_key: str
    tasks: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    """Contents by keys."""


Captured = pytest.CaptureFixture[str]
Run = Callable[..., Awaitable[Any]]


@pytest.fixture
def run(capsys: Captured) -> Run:
    """Runs `back_up`, `restore` or `move` on an installation; returns its document."""

    async def command(name: str, place: Installation, **arguments: Any) -> Any:
        capsys.readouterr()
        work = getattr(moving if name == "move" else installation, name)
        defaults = {"restore": {"waiting": None}, "move": {"to_database": None, "to_storage": None}}.get(name, {})
        assert await work(place.settings, make_output(json=True, quiet=False), **{**defaults, **arguments}) == 0
        return json.loads(capsys.readouterr().out)

    return command


@pytest.fixture
def old(database_url: str, tmp_path: Path) -> Installation:
    """An installation with an empty database."""
    (tmp_path / "old").mkdir()
    return Installation(database_url, str(tmp_path / "old" / "files"), tmp_path / "old")


@pytest.fixture
async def new(databases: Databases, tmp_path: Path) -> AsyncIterator[Installation]:
    """A place with nothing in it."""
    (tmp_path / "new").mkdir()
    async with databases.blank("restored") as url:
        yield Installation(url, str(tmp_path / "new" / "files"), tmp_path / "new")


@pytest.fixture
async def furnished(old: Installation, make_photo: MakePhoto) -> Furnished:
    """The old installation with tasks in all states, money and files in it."""
    old.data.prepare()
    old.data.key_file.write_text("enl_of-the-default-account\n")
    async with old.opened() as floor:
        return await furnish(floor, make_photo("made.png").read_bytes())


async def furnish(floor: Floor, picture: bytes) -> Furnished:
    service = floor.service
    await service.accounts.register_key(KEY, account_id=DEFAULT, source="tests")
    await service.accounts.add(SHOP, credits=Decimal(100), create_limit=None, query_limit=None)
    key, _ = await service.accounts.make_key(SHOP, name="till", caps=Caps(total=Decimal(50)))
    found = Furnished(key)
    shop = await service.accounts.authenticate(key)

    async def make(name: str, caller: Caller | None = shop, **changes: Any) -> str:
        values = {"account_id": SHOP, "credits_reserved": Decimal(3), "callback_url": "https://shop.example/done"}
        task, _ = await service.tasks.create(new_task(**{**values, "param": name, **changes}), caller)
        found.tasks[name] = task.id
        return task.id

    async def submit(name: str, provider: Any, answer: Any = None) -> Any:
        task_id = await make(name)
        await floor.dispatcher()(task_id)
        return (await service.attempts.of_task(task_id))[-1]

    done = await submit("done", floor.kie)
    floor.kie.says = succeeded(done.provider_task_id, ELSEWHERE)
    floor.kie.files[ELSEWHERE] = [picture]
    await floor.poll(done)
    await floor.collector()(str(done.id))
    floor.kie.says = None
    await service.tasks.cancel(SHOP, await make("cancelled"), refund="all")
    await submit("accepted", floor.kie)
    claim = await service.attempts.claim_for_dispatch(await make("being sent"))
    assert claim is not None
    await begin(floor, claim.task)
    await make("waiting", callback_url=None)
    for size in (100, BIG):
        await store(floor, secrets.token_bytes(size))
    rows = await floor.database.pool.fetch("SELECT key FROM files")
    for row in rows:
        found.files[row["key"]] = b"".join([chunk async for chunk in service.storage.get(row["key"])])
    await floor.drain()
    return found


async def begin(floor: Floor, claim: Any) -> Any:
    """An attempt whose worker died while it was sending."""
    return await floor.attempts.begin(
        claim,
        "kie",
        reference=secrets.token_hex(16),
        request={"model": "a/b", "input": {}},
        dollars=Decimal("0.02"),
        deadline=600.0,
        limits=Limits(100),
    )


async def store(floor: Floor, content: bytes, *, days: float = 1.0) -> str:
    """An uploaded file; its key."""
    file_id = secrets.token_hex(16)
    file = NewFile(
        id=file_id,
        account_id=SHOP,
        key=f"uploads/{file_id}.bin",
        name="a.bin",
        mime_type="application/octet-stream",
        size=len(content),
        sha256=hashlib.sha256(content).digest(),
        expires_at=datetime.now(UTC) + timedelta(days=days),
    )
    await floor.service.storage.put(file.key, content)
    await floor.service.files.add(file)
    return file.key
