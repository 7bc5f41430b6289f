"""Gets the picture of a task onto this machine, from wherever its input says it is."""

from __future__ import annotations

from pathlib import Path

from enlarger.catalog import Field, Model
from enlarger.engines.formats import SNIFF_BYTES, sniff
from enlarger.errors import FileMissing, SourceUnavailable
from enlarger.infra.fetch import FETCH_MEGABYTES, FETCH_SECONDS, Fetcher
from enlarger.infra.links import Links
from enlarger.infra.storage import Storage
from enlarger.tasks.files import FileStore
from enlarger.tasks.records import StoredFile, Task
from enlarger.tasks.source_task import source_file
from enlarger.tasks.store import TaskStore

_MEGABYTE = 1_000_000


class Sources:
    """Earlier results and our own links are read from the storage; everything else is fetched."""

    def __init__(self, tasks: TaskStore, files: FileStore, storage: Storage, links: Links, fetcher: Fetcher) -> None:
        self._tasks = tasks
        self._files = files
        self._storage = storage
        self._links = links
        self._fetcher = fetcher

    async def get(self, task: Task, model: Model, target: Path) -> None:
        """Put the picture of `task` into the file `target`.

        Raises SourceUnavailable, PictureTooLarge or PictureUnsupported, InvalidInput for an earlier task that has no
        picture any longer, and StorageUnavailable when it is to be tried again later.
        """
        field = model.engine.source if model.engine else model.picture_field()
        assert field is not None, f"the catalogue gives {model.id} no picture"
        value = task.input[field]
        if model.input[field].type == "task":
            earlier = await source_file(
                self._tasks, self._files, account_id=task.account_id, field=field, task_id=value
            )
            await self._copy(earlier, target)
        else:
            await self.get_file(model.input[field], value, target)
        with target.open("rb") as file:
            sniff(file.read(SNIFF_BYTES))

    async def get_result(self, task: Task, name: str, source: str, target: Path) -> None:
        """Put what the earlier task `source`, named in the field `name`, has made into the file `target`.

        Raises InvalidInput when that is no longer kept, and SourceUnavailable.
        """
        made = await source_file(
            self._tasks,
            self._files,
            account_id=task.account_id,
            field=name,
            task_id=source,
            media=("image", "video", "audio"),
        )
        await self._copy(made, target)

    async def get_file(self, field: Field, url: str, target: Path) -> None:
        """Put the file behind a URL in an input into the file `target`.

        Raises SourceUnavailable or PictureTooLarge, and StorageUnavailable when it is to be tried again later.
        """
        if (stored := await self._own(url)) is not None:
            await self._copy(stored, target)
            return
        max_bytes = int(min(field.max_mb or FETCH_MEGABYTES, FETCH_MEGABYTES) * _MEGABYTE)
        await self._fetcher.fetch(url, target, max_bytes=max_bytes, seconds=FETCH_SECONDS)

    def is_own(self, url: str) -> bool:
        """Whether a URL is a link of our own, also one that has expired."""
        try:
            return self._links.check(url) is not None
        except TimeoutError:
            return True

    async def _own(self, url: str) -> StoredFile | None:
        try:
            file_id = self._links.check(url)
        except TimeoutError:
            raise SourceUnavailable("The picture's link has expired: upload the picture again.") from None
        if file_id is None:
            return None
        stored = await self._files.get(file_id)
        if stored is None:
            raise SourceUnavailable("The stored picture is no longer kept: upload it again.")
        return stored

    async def _copy(self, stored: StoredFile, target: Path) -> None:
        try:
            await self._storage.download(stored.key, target)
        except FileMissing as error:
            raise SourceUnavailable(f"The stored picture {stored.name} cannot be read: upload it again.") from error
