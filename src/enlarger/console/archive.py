"""The results of several tasks as one zip archive."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Annotated

import structlog
from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.response import Stream
from litestar.status_codes import HTTP_400_BAD_REQUEST, HTTP_404_NOT_FOUND

from enlarger.catalog.messages import Translate, translator
from enlarger.console.access import ROOT
from enlarger.console.zip_stream import ZipEntry, stream_zip
from enlarger.errors import FileMissing
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.parameters import Parameters, query, takes
from enlarger.server.requests import locale_of
from enlarger.server.streams import streamed
from enlarger.tasks.accounts import Caller
from enlarger.tasks.records import StoredFile
from enlarger.translatable import sentence

MOST_TASKS = 100
"""Tasks in one archive; the addresses of more would not fit into every proxy's limit."""
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_LONGEST_NAME = 100
_log = structlog.get_logger("enlarger.console")


class Wanted(Parameters, frozen=True):
    """Which tasks' results to send."""

    task: Annotated[tuple[str, ...], query("Their ids.")] = ()


@get(f"{ROOT}/results.zip", **takes(Wanted))
async def download_results(
    request: AnyRequest,
    service: NamedDependency[Service],
    caller: NamedDependency[Caller],
    parameters: NamedDependency[Wanted],
) -> Stream:
    """Send the results of the account's tasks as a zip archive that is built while it is sent.

    Files that are no longer kept are listed in a text inside. If a file breaks off, so does the archive: the
    connection ends without its last part, which browsers report as a failed download. Raises UnknownTask.
    """
    ids = tuple(dict.fromkeys(parameters.task))
    if not 0 < len(ids) <= MOST_TASKS:
        said = sentence("Choose between 1 and {most} tasks to download.", most=MOST_TASKS)
        raise HTTPException(said, status_code=HTTP_400_BAD_REQUEST)
    tasks = [await service.tasks.get(caller.account_id, task_id) for task_id in ids]
    results = [file for task in tasks if task.result for file in task.result.files]
    found = {result.id: await service.files.get(result.id) for result in results}
    kept = [file for file in found.values() if file is not None]
    if not kept:
        said = sentence("These tasks have no results, or they are no longer kept.")
        raise HTTPException(said, status_code=HTTP_404_NOT_FOUND)
    missing = [result.name for result in results if found[result.id] is None]
    entries = _entries(service, kept, missing, translator(locale_of(request, service)))
    now = datetime.now(UTC)
    headers = {
        "Content-Disposition": f'attachment; filename="enlarger-{now:%Y-%m-%d-%H%M}.zip"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return streamed(request, stream_zip(entries), media_type="application/zip", headers=headers)


async def _entries(
    service: Service, files: list[StoredFile], missing: list[str], tr: Translate
) -> AsyncGenerator[ZipEntry]:
    for file, name in zip(files, unique_names([file.name for file in files]), strict=True):
        pieces = service.storage.get(file.key)
        try:
            first = await anext(pieces, b"")
        except FileMissing:
            _log.error("stored_file_missing", file_id=file.id, task_id=file.task_id)
            missing.append(file.name)
            continue
        yield ZipEntry(name, file.created_at, _with_first(first, pieces))
    if missing:
        text = "\n".join((tr("These files are no longer kept:"), *missing, ""))
        yield ZipEntry("missing.txt", datetime.now(UTC), _text(text))


async def _with_first(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    try:
        yield first
        async for piece in rest:
            yield piece
    finally:
        await rest.aclose()


async def _text(text: str) -> AsyncGenerator[bytes]:
    yield text.encode()


def unique_names(names: list[str]) -> Iterator[str]:
    """Yield names that are safe on every system and different from each other, also where case does not count."""
    taken = {"missing.txt"}
    for given in names:
        safe = _UNSAFE.sub("_", given).strip(" .")[-_LONGEST_NAME:] or "result"
        stem, suffix = PurePosixPath(safe).stem, PurePosixPath(safe).suffix
        name, number = safe, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}{suffix}"
        taken.add(name.casefold())
        yield name
