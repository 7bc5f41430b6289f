"""The service that browser tests look at: processes of its own, with a worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from enlarger.infra.data_directory import DataDirectory
from enlarger.infra.database import open_database
from enlarger.infra.postgres import EmbeddedPostgres
from enlarger.tasks.accounts import AccountStore, Caps
from tests.acceptance.services import Served, service_folder, serving
from tests.conftest import LOOPBACK
from tests.loopback_server import loopback_server
from tests.pictures import photo, save
from tests.server import steps

MODEL = "real-esrgan/fast"


@dataclass
class Console:
    """A running `enlarger up` that can be started again at the same address."""

    stack: ExitStack
    folder: Path
    served: Served

    @property
    def url(self) -> str:
        return self.served.url

    @property
    def sign_in_link(self) -> str:
        """The link that the service printed; it works once."""
        return next(line.split("open  ", 1)[1].strip() for line in self.served.out if "open  " in line)

    def restart(self) -> None:
        """Stop the service and start it again."""
        port = urlsplit(self.url).port
        self.stack.close()
        self.served = self.stack.enter_context(_serving(self.folder, str(port)))

    async def make_account(self, name: str) -> str:
        """Add an account without limits, and return a key of it."""
        postgres = EmbeddedPostgres(DataDirectory(self.folder / "data").postgres)
        async with open_database(postgres.url, connections=1) as database:
            accounts = AccountStore(database)
            await accounts.add(name, credits=None, create_limit=None, query_limit=None)
            key, _ = await accounts.make_key(name, name=None, caps=Caps())
        return key

    def client(self) -> httpx2.AsyncClient:
        """A client of the API."""
        headers = {"Authorization": f"Bearer {self.served.key}"}
        return httpx2.AsyncClient(base_url=self.url, headers=headers, timeout=120)


@contextmanager
def console_service(used: Path) -> Iterator[Console]:
    """A service with a copy of the data directory `used`, around a block."""
    with service_folder("console", used) as folder, ExitStack() as stack:
        yield Console(stack, folder, stack.enter_context(_serving(folder, "0")))


@contextmanager
def _serving(folder: Path, port: str) -> Iterator[Served]:
    """This machine runs the models that it can and the sandbox the others, so that pages can show all models."""
    settings = {"ENLARGER_SANDBOX": "1", "ENLARGER_ROUTES": "local,sandbox", "ENLARGER_ALLOW_PRIVATE": LOOPBACK}
    with serving(folder, "--port", port, **settings) as served:
        yield served


@dataclass
class HeldPicture:
    """A picture elsewhere that is not sent before `release`: a task stays open until then, or for 30 seconds."""

    url: str
    _released: asyncio.Event

    def release(self) -> None:
        self._released.set()


@asynccontextmanager
async def held_picture(path: Path) -> AsyncIterator[HeldPicture]:
    """Serve the picture at `path` around a block."""
    released = asyncio.Event()
    answering: list[asyncio.Task[None] | None] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering.append(asyncio.current_task())
        await reader.readuntil(b"\r\n\r\n")
        await released.wait()
        picture = path.read_bytes()
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {len(picture)}\r\nConnection: close\r\n\r\n"
        )
        writer.write(head.encode() + picture)
        await writer.drain()

    async with loopback_server(answer) as port:
        yield HeldPicture(f"http://127.0.0.1:{port}/held.png", released)
        released.set()
        await asyncio.gather(*filter(None, answering), return_exceptions=True)


async def create(client: httpx2.AsyncClient, picture: str, *, model: str = MODEL) -> str:
    """Create a task that enlarges the picture at a URL, and return its id."""
    return await steps.create(client, {"model": model, "input": {"image_url": picture}})


async def create_endless(client: httpx2.AsyncClient) -> str:
    """Create a task that runs longer than any test, and return its id."""
    prompt = "A quiet room with a view of the sea [sandbox slow 3600]"
    return await steps.create(client, {"model": "google/nano-banana", "input": {"prompt": prompt}})


def broken_picture(folder: Path) -> Path:
    """A PNG that ends too early, which the engine notices."""
    whole = save(photo(48, 36), folder / "broken.png")
    whole.write_bytes(whole.read_bytes()[:1000])
    return whole
