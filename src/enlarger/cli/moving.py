"""Moves an installation's database, its files, or both, to another place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial

import asyncpg

from enlarger.all_settings import Settings
from enlarger.cli.database import held_database_url
from enlarger.cli.exit_codes import OK
from enlarger.cli.installation import Resuming, describe_resumed, storage_of, warn_of_left_out
from enlarger.cli.output import Output
from enlarger.cli.transfer import Transfer
from enlarger.errors import BackupError, ConfigurationError, InvalidInput
from enlarger.infra.backup.copying import CopiedFiles, Progress, copy_files
from enlarger.infra.backup.fill import Contents, Rows, fill_database, open_for_filling
from enlarger.infra.backup.read import require_empty
from enlarger.infra.backup.snapshot import Snapshot, connect, open_snapshot
from enlarger.infra.closed import Closed, close_database, find_closed, reopen_database
from enlarger.infra.data_directory import DataDirectory
from enlarger.infra.database import CANNOT_CONNECT, Connection, hide_password
from enlarger.infra.postgres import EmbeddedPostgres
from enlarger.infra.storage import Storage
from enlarger.tasks.restored import Resumed, read_figures

EMBEDDED = "embedded"
_PURPOSE = "move"
_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
  AND (application_name = '' OR starts_with(application_name, 'enlarger'))
"""
"""The connections of services and bots; people's own programs have names."""
_MOVING = (
    "The database is being moved to {target}, or that was interrupted: run `enlarger move` again; if it says that the"
    " new one is not empty, change DATABASE_URL."
)
_MOVED = "The database was moved to {target} on {now:%Y-%m-%d}: change DATABASE_URL."
_INTO = (
    "A database is being moved into this one, or that was interrupted: run `enlarger move` again with the settings of"
    " the old one."
)


async def move(settings: Settings, output: Output, *, to_database: str | None, to_storage: str | None) -> int:
    """`enlarger move`."""
    if to_database is None and to_storage is None:
        raise InvalidInput("--to-database", "Nothing is to be moved: give --to-database, --to-storage, or both.")
    if to_database == EMBEDDED and settings.database_url is None:
        raise InvalidInput("--to-database", "The database is the embedded one already: name another one.")
    data = DataDirectory(settings.data_dir)
    if settings.database_url is None:
        data.require()
    storage = Storage(to_storage, setting="--to-storage") if to_storage is not None else None
    files, resumed = None, None
    async with (
        held_database_url(settings) as url,
        _handing_over(url, to_database) as handover,
        open_snapshot(url, read_figures, closed_for=_PURPOSE) as snapshot,
    ):
        with Transfer(output.hints) as progress:
            if storage is not None:
                files = await _move_files(snapshot, storage_of(settings, data), storage, progress)
            if to_database is not None:
                resumed = await _move_database(snapshot, to_database, data, handover, progress)
    _print_moved(output, to_database, storage, to_storage, files, resumed)
    return OK


class _Handover:
    """Whether the new database may have been filled."""

    begun: bool = False


@asynccontextmanager
async def _handing_over(url: str, to_database: str | None) -> AsyncIterator[_Handover]:
    """Make sure that no service uses the database at `url` around a block, and none afterwards once it has been moved.

    Raises BackupError when one does, and ConfigurationError when it has been moved already.
    """
    handover = _Handover()
    connection = await connect(url)
    try:
        if others := await connection.fetchval(_OTHERS):
            raise BackupError(
                f"The service is running: the database has {others} other connections. Stop everything that uses it,"
                " on all machines, and try again."
            )
        if to_database is None:
            yield handover
            return
        target = "the embedded one" if to_database == EMBEDDED else hide_password(to_database)
        again = (found := await find_closed(connection)) is not None
        if found is not None and found.purpose != _PURPOSE:
            raise ConfigurationError(found.reason)
        await _close(connection, Closed(_PURPOSE, _MOVING.format(target=target)))
        try:
            yield handover
        except BaseException:
            if not (again or handover.begun):
                with suppress(*CANNOT_CONNECT):
                    await reopen_database(connection)
            raise
        await _close(connection, Closed("moved", _MOVED.format(target=target, now=datetime.now(UTC))))
    finally:
        connection.terminate()


async def _close(connection: asyncpg.Connection, closed: Closed) -> None:
    async with connection.transaction():
        await close_database(connection, closed)


async def _move_files(snapshot: Snapshot, source: Storage, target: Storage, progress: Progress) -> CopiedFiles:
    await require_empty({key async for key, _ in target.list()}, snapshot.files())
    progress.begin("files", await snapshot.count_bytes())
    return await copy_files(snapshot.files(), source, target, progress)


async def _move_database(
    snapshot: Snapshot, to_database: str, data: DataDirectory, handover: _Handover, progress: Progress
) -> Resumed:
    resuming = Resuming("run", snapshot.taken_at)
    contents = Contents(
        revision=snapshot.revision,
        tables=[
            Rows(table.name, table.columns, partial(snapshot.rows, table), partial(snapshot.count, table))
            for table in snapshot.tables
        ],
        sequences=snapshot.sequences,
        figures=snapshot.figures,
    )

    async def prepare(connection: Connection) -> None:
        await resuming(connection)
        handover.begun = True

    async with AsyncExitStack() as stack:
        if to_database == EMBEDDED:
            to_database = await stack.enter_async_context(EmbeddedPostgres(data.postgres).running())
        filled = await stack.enter_async_context(open_for_filling(to_database, Closed(_PURPOSE, _INTO)))
        await fill_database(filled, contents, figures=read_figures, prepare=prepare, progress=progress)
    return resuming.done


def _print_moved(
    output: Output,
    to_database: str | None,
    storage: Storage | None,
    to_storage: str | None,
    files: CopiedFiles | None,
    resumed: Resumed | None,
) -> None:
    settings: dict[str, str | None] = {}
    if to_database is not None:
        settings["DATABASE_URL"] = None if to_database == EMBEDDED else hide_password(to_database)
    if storage is not None:
        settings["ENLARGER_STORAGE_URL"] = str(storage.folder.absolute()) if storage.folder else to_storage
    facts = [("set", f"{name} to {value}") if value else ("remove", name) for name, value in settings.items()]
    if files is not None:
        facts.append(("files", f"{files.count:,} with {files.bytes / 1e6:,.1f} MB"))
        warn_of_left_out(output, files, "not moved")
    if resumed is not None:
        facts += describe_resumed(resumed)
    lines = [f"{name}={value or ''}" for name, value in settings.items()]
    output.facts(facts, lines, {"settings": settings, "files": files, "resumed": resumed})
    if to_database is not None:
        output.hint("Change these settings before the service is started again. It does not start on the old database.")
    if storage is not None:
        output.hint("The old files are still there: remove them once the service works with the new ones.")
