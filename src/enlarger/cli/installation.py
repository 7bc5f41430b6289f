"""Backs up, restores and moves a whole installation: its database, its files, and the key in its data directory."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from enlarger.all_settings import Settings
from enlarger.atomic_files import write_once
from enlarger.cli.database import held_database_url, service_database_url
from enlarger.cli.exit_codes import OK
from enlarger.cli.output import Output, format_time
from enlarger.cli.transfer import Transfer
from enlarger.errors import BackupError, DataDirectoryError, InvalidInput
from enlarger.infra.backup.copying import CopiedFiles
from enlarger.infra.backup.fill import Contents, Rows, fill_database, open_for_filling
from enlarger.infra.backup.manifest import Manifest, read_manifest, read_piece
from enlarger.infra.backup.places import Source, open_destination, open_source
from enlarger.infra.backup.read import restore_files, rows_of, verify
from enlarger.infra.backup.write import write_backup
from enlarger.infra.closed import Closed
from enlarger.infra.data_directory import DataDirectory
from enlarger.infra.database import Connection
from enlarger.infra.storage import Storage
from enlarger.tasks.restored import UNSUBMITTED, Resumed, Waiting, read_figures, resume

_SHOWN = 5
"""How many of the files that could not be copied are named."""


async def back_up(settings: Settings, output: Output, *, destination: str) -> int:
    """`enlarger backup`."""
    data = DataDirectory(settings.data_dir)
    async with service_database_url(settings) as url, open_destination(destination) as place:
        with Transfer(output.hints) as progress:
            manifest, copied = await write_backup(
                url,
                storage_of(settings, data),
                place,
                figures=read_figures,
                extras=_extras(data),
                progress=progress,
            )
    _print_backup(output, str(place), manifest, copied)
    return OK


async def restore(settings: Settings, output: Output, *, source: str, waiting: Waiting | None) -> int:
    """`enlarger restore`."""
    data = DataDirectory(settings.data_dir)
    async with open_source(source) as place:
        manifest = await read_manifest(place)
        _require_choice(manifest, waiting)
        with Transfer(output.hints) as progress:
            await verify(place, manifest, progress)
            async with held_database_url(settings) as url, open_for_filling(url, _being_restored(manifest)) as database:
                storage = storage_of(settings, data)
                await _restore_key(place, manifest, data)
                files = await restore_files(place, manifest, storage, progress)
                resumed = Resuming(waiting or "run", manifest.taken_at)
                await fill_database(
                    database,
                    _contents(place, manifest),
                    figures=read_figures,
                    prepare=resumed,
                    progress=progress,
                )
    _print_restored(output, manifest, files, resumed.done)
    return OK


def storage_of(settings: Settings, data: DataDirectory) -> Storage:
    """The storage of the settings."""
    return Storage(settings.storage_url or str(data.files))


class Resuming:
    """Lets tasks go on, as the last part of filling a database, and keeps what was done."""

    def __init__(self, waiting: Waiting, taken_at: datetime) -> None:
        self._waiting: Waiting = waiting
        self._taken_at = taken_at
        self.done: Resumed

    async def __call__(self, connection: Connection) -> None:
        """Do it, in the transaction of `connection`."""
        self.done = await resume(connection, waiting=self._waiting, taken_at=self._taken_at)


def _extras(data: DataDirectory) -> dict[str, bytes]:
    """What is kept of the data directory beside the database and the files."""
    try:
        return {data.key_file.name: data.key_file.read_bytes()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise DataDirectoryError(f"The key in {data.key_file} cannot be read ({error.strerror}).") from error


async def _restore_key(place: Source, manifest: Manifest, data: DataDirectory) -> None:
    """Put the default account's key back. Raises BackupError when another one is there."""
    for piece in manifest.extras:
        if piece.name.endswith(f"/{data.key_file.name}"):
            key = await read_piece(place, piece)
            if write_once(data.key_file, key, mode=0o600) != key:
                raise BackupError(
                    f"{data.key_file} is the key of another service: choose another data directory with --data-dir,"
                    " or move that file away."
                )


def _require_choice(manifest: Manifest, waiting: Waiting | None) -> None:
    """Raises InvalidInput when there are waiting tasks, and nobody has said what becomes of them."""
    count = int(manifest.figures.get(UNSUBMITTED, "0"))
    if count and waiting is None:
        tasks = "1 task was" if count == 1 else f"{count:,} tasks were"
        raise InvalidInput(
            "--waiting",
            f"When the backup was made, {tasks} waiting. If the old service ran on after that, it may have"
            " submitted and paid for them. Give --waiting run to carry them out, if it certainly did not; or --waiting"
            " fail to end them and release their credits, if it may have.",
        )


def _being_restored(manifest: Manifest) -> Closed:
    return Closed(
        f"restore {manifest.id}",
        f"The database is being restored from the backup {manifest.id}, or that was interrupted: run `enlarger restore`"
        " of that backup again, or use another, empty database.",
    )


def _contents(place: Source, manifest: Manifest) -> Contents:
    return Contents(
        revision=manifest.revision,
        tables=[
            Rows(table.name, table.columns, partial(rows_of, place, table), partial(int, table.rows))
            for table in manifest.tables
        ],
        sequences=manifest.sequences,
        figures=manifest.figures,
    )


def _print_backup(output: Output, place: str, manifest: Manifest, copied: CopiedFiles) -> None:
    warn_of_left_out(output, copied, "not in the backup")
    facts = [
        ("backup", f"{place}, {manifest.id}"),
        ("database", f"{manifest.rows:,} rows in {len(manifest.tables)} tables, schema {manifest.revision}"),
        ("files", f"{manifest.files.count:,} with {manifest.files.bytes / 1e6:,.1f} MB"),
    ]
    data = {
        "place": place,
        "id": manifest.id,
        "takenAt": manifest.taken_at,
        "revision": manifest.revision,
        "rows": manifest.rows,
        "files": manifest.files.count,
        "bytes": manifest.files.bytes,
        "figures": manifest.figures,
        "missing": copied.missing,
        "damaged": copied.damaged,
    }
    output.facts(facts, [manifest.id], data)
    output.hint(
        "It contains secrets and pictures: keep it as you keep the service. [bold]enlarger restore[/] reads it."
    )


def warn_of_left_out(output: Output, copied: CopiedFiles, where: str) -> None:
    """Say which files could not be copied, and are `not in the backup`, for example."""
    for what, keys in (("no longer there", copied.missing), ("damaged", copied.damaged)):
        if keys:
            names = ", ".join(keys[:_SHOWN]) + (", …" if len(keys) > _SHOWN else "")
            output.caution(f"Files in the storage that are {what}, and so {where}: {len(keys):,} ({names}).")


def _print_restored(output: Output, manifest: Manifest, files: CopiedFiles, resumed: Resumed) -> None:
    facts = [
        ("backup", f"{manifest.id}, of {format_time(manifest.taken_at)}"),
        ("database", f"{manifest.rows:,} rows; counts and sums are those of the backup"),
        ("files", f"{files.count:,} with {files.bytes / 1e6:,.1f} MB"),
        *describe_resumed(resumed),
    ]
    data = {
        "id": manifest.id,
        "takenAt": manifest.taken_at,
        "rows": manifest.rows,
        "files": files.count,
        "bytes": files.bytes,
        "figures": manifest.figures,
        "resumed": resumed,
    }
    output.facts(facts, [manifest.id], data)
    output.hint("Settings are not in a backup: set them as before, and start the service.")


def describe_resumed(resumed: Resumed) -> list[tuple[str, str]]:
    """What was done about open tasks, as far as there were any."""
    said = []
    if resumed.unknown:
        said.append(("unknown", f"{resumed.unknown:,} submissions, which are looked for and not sent again"))
    if resumed.failed:
        said.append(("failed", f"{resumed.failed:,} waiting tasks, whose credits were released"))
    if resumed.woken:
        said.append(("queue", f"{resumed.woken:,} tasks, results and callbacks"))
    return said
