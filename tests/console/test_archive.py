"""The results of several tasks as one archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import httpx2
import pytest

from enlarger.console.archive import MOST_TASKS, unique_names
from enlarger.console.zip_stream import ZipEntry, stream_zip
from enlarger.server import Service
from tests.console.steps import api_of, other_account
from tests.server.steps import PNG, create, finish

_ZIP = "/console/results.zip"


async def finished(site: httpx2.AsyncClient, service: Service, count: int) -> list[str]:
    async with api_of(site) as api:
        tasks = [await create(api) for _ in range(count)]
    for task in tasks:
        await finish(service, task)
    return tasks


async def test_results_come_as_one_archive(signed_in: httpx2.AsyncClient, service: Service) -> None:
    tasks = await finished(signed_in, service, 3)
    reply = await signed_in.get(_ZIP, params={"task": [*tasks, tasks[0]]})
    assert reply.headers["content-type"] == "application/zip"
    assert "attachment" in reply.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["result.png", "result-2.png", "result-3.png"]
        assert archive.read("result-3.png") == PNG


async def test_an_archive_holds_nothing_of_other_accounts(signed_in: httpx2.AsyncClient, service: Service) -> None:
    [own] = await finished(signed_in, service, 1)
    async with await other_account(signed_in, service) as api:
        other = await create(api)
    await finish(service, other, account_id="other")
    assert (await signed_in.get(_ZIP, params={"task": [own, other]})).status_code == 404


async def test_an_archive_has_a_limit_and_needs_results(signed_in: httpx2.AsyncClient, service: Service) -> None:
    assert (await signed_in.get(_ZIP)).status_code == 400
    many = [f"{number:032x}" for number in range(MOST_TASKS + 1)]
    assert (await signed_in.get(_ZIP, params={"task": many})).status_code == 400
    async with api_of(signed_in) as api:
        waiting = await create(api)
    assert (await signed_in.get(_ZIP, params={"task": waiting})).status_code == 404


async def test_files_that_are_gone_are_named_in_the_archive(signed_in: httpx2.AsyncClient, service: Service) -> None:
    kept, lost, removed = await finished(signed_in, service, 3)
    for task_id, forget in ((lost, False), (removed, True)):
        task = await service.tasks.get("default", task_id)
        assert task.result is not None
        file = await service.files.get(task.result.files[0].id)
        assert file is not None
        await service.storage.delete(file.key)
        if forget:
            await service.files.forget(file.id)
    reply = await signed_in.get(_ZIP, params={"task": [kept, lost, removed]})
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        assert archive.namelist() == ["result.png", "missing.txt"]
        assert archive.read("missing.txt").decode().splitlines()[1:] == ["result.png", "result.png"]


async def test_an_archive_that_breaks_off_is_not_taken_for_complete(
    signed_in: httpx2.AsyncClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = await finished(signed_in, service, 2)

    async def breaking(key: str, **_: object) -> AsyncGenerator[bytes]:
        yield PNG
        raise OSError("The disk is gone.")

    monkeypatch.setattr(service.storage, "get", breaking)
    with pytest.raises(httpx2.RemoteProtocolError):
        await signed_in.get(_ZIP, params={"task": tasks})


async def test_an_archive_is_sent_while_it_is_written() -> None:
    taken: list[int] = []

    async def pieces() -> AsyncGenerator[bytes]:
        for number in range(50):
            taken.append(number)
            yield bytes(100_000)

    async def entries() -> AsyncGenerator[ZipEntry]:
        yield ZipEntry("a.bin", datetime(2026, 11, 29, 12, tzinfo=UTC), pieces())

    whole = b""
    async for piece in stream_zip(entries()):
        whole += piece
        assert len(whole) >= 100_000 * len(taken) or not piece
        assert len(piece) < 200_000
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.getinfo("a.bin").file_size == 5_000_000
        assert archive.getinfo("a.bin").date_time[:3] == (2026, 11, 29)


def test_names_are_safe_and_unique() -> None:
    given = ["a.png", "A.png", "a-2.png", "../../etc/passwd", "C:\\x.png", "", "missing.txt", "x" * 300 + ".webp"]
    names = list(unique_names(given))
    assert names[:3] == ["a.png", "A-2.png", "a-2-2.png"]
    assert len({name.casefold() for name in names} | {"missing.txt"}) == len(given) + 1
    assert not any(set(name) & set('/\\:"<>|?*') or name.startswith(".") or len(name) > 110 for name in names)
    assert names[-1].endswith(".webp")
