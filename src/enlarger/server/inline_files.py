"""Files inside a request: looked at first, and kept only when the task they are for may be made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Self

from enlarger.catalog import Field
from enlarger.catalog.file_faults import unreadable
from enlarger.engines.formats import SNIFF_BYTES
from enlarger.errors import BalanceTooLow, InvalidInput, KeyCapReached, PictureError, RetryLater
from enlarger.protocol.inline import decode_pieces
from enlarger.server.dependencies import Service
from enlarger.server.spool import Spool, spooling
from enlarger.server.upload_files import new_picture, new_upload, remove, store
from enlarger.tasks.accounts import Caller
from enlarger.tasks.records import NewFile, NewTask, Task

_REFUSALS = (InvalidInput, KeyCapReached, BalanceTooLow, RetryLater)


class InlineFiles:
    """The files inside one request, on disk around a block."""

    def __init__(self, service: Service, account_id: str) -> None:
        self._service, self._account_id = service, account_id
        self._stack = ExitStack()
        self._files: list[tuple[NewFile, Spool]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    async def decode(self, name: str, field: Field, value: str) -> NewFile:
        """The file in the field `name`, not kept yet. Raises InvalidInput."""
        spool = self._stack.enter_context(spooling())
        await asyncio.to_thread(spool.write, decode_pieces(name, value))
        look = new_picture if field.media == "image" else new_upload
        try:
            file = look(self._service, self._account_id, spool, name="inline")
        except PictureError:
            raise unreadable(name, spool.head[:SNIFF_BYTES], field) from None
        self._files.append((file, spool))
        return file

    def head(self, link: str) -> bytes | None:
        """The first bytes of the file that has this link of ours."""
        return next((spool.head for file, spool in self._files if f"/files/{file.id}/" in link), None)

    async def create(self, new: NewTask, caller: Caller, on_begin: Callable[[], None]) -> tuple[Task, bool]:
        """Make the task, as `TaskStore.create` does, after its files have been kept, and them only if it may be made.

        `on_begin` is called before the task itself is written: whatever went wrong until then, there is none. Whoever
        dies in between leaves files that expire as uploads do.
        """
        (made,) = await self.create_all((new,), caller, on_begin)
        return made

    async def create_all(
        self, new: Sequence[NewTask], caller: Caller, on_begin: Callable[[], None]
    ) -> list[tuple[Task, bool]]:
        """The same for several tasks that share the files, of which all are made or none."""
        tasks = self._service.tasks
        if not self._files:
            on_begin()
            return await tasks.create_all(new, caller)
        await tasks.admit(new, caller)
        for file, spool in self._files:
            await store(self._service, file, spool)
        on_begin()
        try:
            made = await tasks.create_all(new, caller)
        except _REFUSALS:
            await self._remove()
            raise
        if all(replayed for _, replayed in made):
            await self._remove()
        return made

    async def _remove(self) -> None:
        for file, _ in self._files:
            await remove(self._service, file)
