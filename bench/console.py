"""How long the console's pages take on the server with many tasks in the database.

    uv run python -m bench.console
    uv run python -m bench.console --tasks 1000000 --times 50

A whole application over a Postgres of its own, in this process, asked over HTTP on loopback as an administrator, one
page after the other. The first request of each page, which compiles its template, is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path
from statistics import median

import httpx2
from tests.tasks.many import fill

from enlarger.all_settings import load_settings
from enlarger.console import console_pages
from enlarger.infra.database import open_database
from enlarger.infra.migrations import migrate
from enlarger.infra.postgres import EmbeddedPostgres
from enlarger.infra.storage import Storage
from enlarger.server import Service, create_app, serve
from enlarger.tasks.accounts import Caps

_LIST = "/console/tasks"
_PAGES = {
    "studio": "/console/",
    "tasks": _LIST,
    "tasks, two states": f"{_LIST}?state=fail&state=waiting",
    "tasks, of one account": f"{_LIST}?account=other",
    "tasks, a state that none is in": f"{_LIST}?state=generating",
    "tasks, a rare model": f"{_LIST}?model=topaz%2Fimage-upscale",
    "tasks, a prompt that none has": f"{_LIST}?q=nowhere",
    "tasks, the beginning of an id": f"{_LIST}?q=c4ca4238",
    "tasks, of a month": f"{_LIST}?since=2020-01-01&until=2020-02-01",
    "tasks, far down": f"{_LIST}?after=1600000000000000-",
    "cancel all": f"{_LIST}/bulk?action=cancel&all=1",
    "a task": f"{_LIST}/c4ca4238a0b923820dcc509a6f75849b",
    "sign-in": "/console/sign-in",
}


async def main(tasks: int, times: int) -> None:
    with tempfile.TemporaryDirectory(prefix="enlarger-bench-") as folder:
        os.environ["ENLARGER_DATA_DIR"] = str(Path(folder) / "data")
        server = EmbeddedPostgres(Path(folder) / "postgres")
        await server.start()
        try:
            await migrate(server.url)
            async with open_database(server.url) as database:
                async with database.pool.acquire() as connection:
                    await fill(connection, tasks)
                service = await Service.open(load_settings(), database, Storage(str(Path(folder) / "files")))
                key, _ = await service.accounts.make_key("default", name=None, caps=Caps(), admin=True)
                async with serve(create_app(service, pages=console_pages()), host="127.0.0.1", port=0) as url:
                    await _measure(url, key, tasks, times)
        finally:
            await server.stop()


async def _measure(url: str, key: str, tasks: int, times: int) -> None:
    async with httpx2.AsyncClient(base_url=url, headers={"Accept": "text/html"}, timeout=60) as browser:
        await browser.post("/console/sign-in", data={"key": key})
        print(f"{tasks} tasks; milliseconds on the server: median and slowest of {times}, and the page's size")
        for name, path in _PAGES.items():
            taken = []
            for _ in range(times + 1):
                started = time.perf_counter()
                response = await browser.get(path)
                taken.append(1000 * (time.perf_counter() - started))
                assert response.status_code == 200, (name, response.status_code)
            print(f"{name:32} {median(taken[1:]):7.1f} {max(taken[1:]):7.1f} {len(response.content) / 1000:7.1f} kB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=20)
    given = parser.parse_args()
    asyncio.run(main(given.tasks, given.times))
