"""What all tests share: a real Postgres, fresh databases in it, and pictures of our own making."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import ssl
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpcore2
import hypothesis
import pytest
import structlog
from filelock import FileLock
from structlog.stdlib import ProcessorFormatter

from enlarger.all_settings import Settings, load_settings
from enlarger.infra.database import Database, open_database
from enlarger.infra.migrations import migrate
from enlarger.infra.postgres import EmbeddedPostgres
from enlarger.infra.storage import Storage
from enlarger.server import Service
from enlarger.tasks.accounts import DEFAULT
from tests import data_directories
from tests.databases import Databases
from tests.environment import ENGINE, USER_FOLDERS, heed_signals, is_setting
from tests.layers import pytest_collection_modifyitems
from tests.pictures import photo, save
from tests.s3 import bucket, bucket_names, s3_server
from tests.sessions import pytest_addoption, pytest_configure, pytest_configure_node, pytest_terminal_summary

__all__ = [
    "bucket",  # fixtures
    "bucket_names",
    "pytest_addoption",  # hooks
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_configure_node",
    "pytest_terminal_summary",
    "s3_server",
]

LOOPBACK = "127.0.0.0/8,::1"

KEY = "enl_key-of-the-tests"

heed_signals()

_read_certificates = httpcore2.default_ssl_context


@functools.cache
def _certificates(trust_env: bool, *_: str | None) -> ssl.SSLContext:
    return _read_certificates(_trust_env=trust_env)


def _certificates_read_once(*, _trust_env: bool = True) -> ssl.SSLContext:
    """The certificates of the world: to read them takes 20 ms a client, and nearly every test has one."""
    return _certificates(_trust_env, *map(os.environ.get, ("SSL_CERT_FILE", "SSL_CERT_DIR")))


httpcore2.default_ssl_context = _certificates_read_once

# The same examples in every run, and no verdict on how fast a busy machine draws them.
hypothesis.settings.register_profile(
    "tests", derandomize=True, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], database=None
)
hypothesis.settings.load_profile("tests")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the developer's, and no service of theirs, has a say in a test; nor does it write to their home."""
    for name in list(os.environ):
        if is_setting(name):
            monkeypatch.delenv(name)
    for kind in USER_FOLDERS:
        monkeypatch.setenv(f"XDG_{kind.upper()}_HOME", str(tmp_path / "home" / kind))
    monkeypatch.setenv("ENLARGER_CONFIG", str(tmp_path / "config.env"))
    monkeypatch.setenv("ENLARGER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ENLARGER_ENGINE", ENGINE)
    monkeypatch.setenv("ENLARGER_ALLOW_PRIVATE", LOOPBACK)  # where the tests play the world outside


@pytest.fixture(autouse=True)
def _quiet_logs() -> Iterator[None]:
    """What a test sets up of logs ends with it."""
    root = logging.getLogger()
    loggers = [root, *(one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger))]
    levels = [one.level for one in loggers]
    yield
    root.handlers[:] = [one for one in root.handlers if not isinstance(one.formatter, ProcessorFormatter)]
    for logger, level in zip(loggers, levels, strict=True):
        if logger.level != level:  # setting it is slow
            logger.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server that lives as long as the test process."""
    with tempfile.TemporaryDirectory(prefix="enlarger-tests-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        asyncio.run(server.start())
        try:
            asyncio.run(_forgo_safety(server.url))
            yield server.url
        finally:
            asyncio.run(server.stop())


async def _forgo_safety(url: str) -> None:
    """Do not wait for the disk: no test of this server asks what outlives a crash of the machine."""
    connection = await asyncpg.connect(url)
    try:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            await connection.execute(f"ALTER SYSTEM SET {setting} = off")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def template_database(postgres: str) -> str:
    """The name of a migrated database to copy."""
    asyncio.run(migrate(postgres))
    return urlsplit(postgres).path.lstrip("/")


@pytest.fixture(scope="session")
def databases(postgres: str, template_database: str) -> Databases:
    return Databases(postgres, template_database)


@pytest.fixture
async def database_url(databases: Databases) -> AsyncIterator[str]:
    """The URL of an empty database with the current schema."""
    name = await databases.take()
    yield databases.url(name)
    await databases.give_back(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url, connections=4) as opened:
        yield opened


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "storage"))


@pytest.fixture
def settings() -> Settings:
    return load_settings()


@pytest.fixture
async def service(settings: Settings, database: Database, storage: Storage) -> Service:
    """The stores behind the API, with one key on the default account."""
    opened = await Service.open(settings, database, storage)
    await opened.accounts.register_key(KEY, account_id=DEFAULT, source="tests")
    return opened


@pytest.fixture(scope="session")
def cache() -> Iterator[Path]:
    """Compiled graphs, made once a test process."""
    with tempfile.TemporaryDirectory(prefix="enlarger-cache-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def used_before(pytestconfig: pytest.Config) -> Path:
    """A data directory to copy, made by the first process that needs it."""
    folder = Path(pytestconfig.option.shared_folder)
    with FileLock(folder / "used.lock"):
        if not (folder / "used").exists():
            draft = Path(tempfile.mkdtemp(dir=folder))
            draft.chmod(0o755)  # Postgres may run as another user
            data_directories.use(draft / "data", draft / "photo.png")
            draft.rename(folder / "used")
    return folder / "used" / "data"


@pytest.fixture
def used(used_before: Path, tmp_path: Path) -> None:
    """The data directory of this test has been used before, which saves ten seconds."""
    data_directories.copy(used_before, tmp_path / "data")


@pytest.fixture
def small_photo(tmp_path: Path) -> Path:
    """A JPEG of 48x36 pixels."""
    return save(photo(48, 36), tmp_path / "photo.jpg")


MakePhoto = Callable[..., Path]


@pytest.fixture
def make_photo(tmp_path: Path) -> MakePhoto:
    """Makes picture files: `make_photo("a.png", 64, 48)`."""

    def make(name: str, width: int = 48, height: int = 36, *, seed: int = 1) -> Path:
        return save(photo(width, height, seed=seed), tmp_path / name)

    return make
