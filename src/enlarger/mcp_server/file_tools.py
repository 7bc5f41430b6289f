"""The tools that read and write files of the agent's own machine."""

from __future__ import annotations

import asyncio
import mimetypes
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from mcp.server import MCPServer
from mcp_types import CallToolResult
from pydantic import Field

from enlarger.client import TaskStatus
from enlarger.client.calls import UPSCALE_MODEL, upscale_input
from enlarger.errors import EnlargerError, NotSupported, TaskError, ToolRefusal
from enlarger.mcp_server.access import Access, AnyContext
from enlarger.mcp_server.creating import DEFAULT_WAIT, create, new_key
from enlarger.mcp_server.records import SavedAnswer, TaskAnswer
from enlarger.mcp_server.refusals import explain, seconds_left
from enlarger.mcp_server.task_tools import ConfirmCredits, IdempotencyKey, TaskId, WaitSeconds
from enlarger.mcp_server.tool_kit import CREATES, WRITES, Call, ToolKit
from enlarger.mcp_server.waiting import FOR_RESULTS, answer, follow, show, status_of, wait_and_answer

_AUTO = "auto/upscale"
"""The model of Enlarger's own that enlarges any picture, on the service's machine."""
_ENDINGS = ("image/", "video/", "audio/")
_NEXT = "The result is not saved yet: when wait_task says that the task has ended, call save_result."
OutputPath = Annotated[str, Field(description="Where the result is written: a file.", min_length=1)]
Overwrite = Annotated[bool, Field(description="Whether a file at that place may be replaced.")]


class FileTools:
    """`upscale_file` and `save_result`."""

    def __init__(self, kit: ToolKit) -> None:
        self._kit = kit

    def add_to(self, server: MCPServer[Any]) -> None:
        """Offer them."""
        self._kit.add(server, self.upscale_file, "Enlarge a picture file", CREATES)
        self._kit.add(server, self.save_result, "Save a result", WRITES)

    async def upscale_file(
        self,
        ctx: AnyContext,
        path: Annotated[str, Field(description="The picture on this machine.", min_length=1)],
        factor: Annotated[Literal[1, 2, 4, 8], Field(description="How many times as wide and high.")] = 2,
        output_path: Annotated[
            str | None, Field(description="Where the result is written; by default beside the picture.")
        ] = None,
        model: Annotated[
            str | None,
            Field(
                description=f"The model; by default {_AUTO}, which runs on the service's machine, or {UPSCALE_MODEL}"
                " where the service does not have that."
            ),
        ] = None,
        overwrite: Overwrite = False,
        idempotency_key: IdempotencyKey = None,
        confirm_credits: ConfirmCredits = None,
        wait_seconds: WaitSeconds = DEFAULT_WAIT,
    ) -> Annotated[CallToolResult, TaskAnswer]:
        """Enlarge a picture file of this machine, and write the result beside it. It may cost credits.

        If the task has not ended in time, call wait_task, then save_result. A retry of this call must use the same
        idempotency_key, or a second task is created and charged.
        """
        source = _file(path)
        target = _target(output_path) if output_path else None
        if not source.is_file():
            raise ToolRefusal(f"There is no file at path {path!r}: give the path of a picture on this machine.")
        place = target or _beside(source, factor, source.suffix)
        _require_writable(place)
        if idempotency_key is None:  # with a key the file may be this call's own, whose answer was lost
            _require_free(place, overwrite=overwrite)
        key = idempotency_key or new_key()
        async with self._kit.call(ctx) as call:
            handle = await create(
                call.access,
                self._kit.terms,
                model or await _usual_model(call.access),
                upscale_input(source, factor),
                deadline=call.deadline,
                idempotency_key=key,
                confirm_credits=confirm_credits,
            )
            until = min(asyncio.get_running_loop().time() + wait_seconds, call.deadline - FOR_RESULTS)
            status = await follow(call.access, ctx, handle.id, until=until)
            notes = [warning.message for warning in handle.warnings]
            if status is None or not status.ended:
                return await _unfinished(call, handle.id, key, [*notes, _NEXT])
            saved: list[str] = []
            if not status.failed:
                place = target or _beside(source, factor, _suffix(status))
                try:
                    saved = await _save(call.access, status, place, deadline=call.deadline, overwrite=overwrite)
                except EnlargerError as error:
                    notes.append(f"The result could not be saved: {explain(error)} Call save_result.")
            return await show(
                call.access, status, deadline=call.deadline, idempotency_key=key, notes=notes, saved_to=saved
            )

    async def save_result(
        self, ctx: AnyContext, task_id: TaskId, output_path: OutputPath, overwrite: Overwrite = False
    ) -> Annotated[CallToolResult, SavedAnswer]:
        """Write a task's result to a file of this machine. Several files are numbered. Nothing is charged."""
        target = _target(output_path)
        _require_writable(target)
        async with self._kit.call(ctx) as call:
            status = await status_of(call.access, task_id)
            if not status.ended:
                raise ToolRefusal(f"Task {task_id} has not ended yet ({status.state}): call wait_task first.")
            status.raise_failure()
            if not status.urls:
                raise TaskError(f"Task {task_id} made no file: task_status shows its result.", task_id=task_id)
            saved = await _save(call.access, status, target, deadline=call.deadline, overwrite=overwrite)
        return answer(SavedAnswer(task_id=task_id, saved_to=saved))


def _file(path: str) -> Path:
    return Path(path).expanduser().absolute()


def _target(path: str) -> Path:
    """Where a result is to be written. Raises ToolRefusal for what is no picture's, video's or sound's name."""
    place = Path(path).expanduser().absolute()
    if path.endswith(("/", "\\")):
        raise ToolRefusal(f"{path!r} is a folder: give the path of a file as output_path.")
    if not (mimetypes.guess_type(place.name)[0] or "").startswith(_ENDINGS):
        raise ToolRefusal(f"{place.name!r} is not the name of a picture: give output_path an ending such as .png.")
    return place


async def _usual_model(access: Access) -> str:
    """The model that enlarges pictures, unless the agent names one."""
    try:
        models = await access.caller.call(lambda client: client.models())
    except NotSupported:
        return UPSCALE_MODEL
    return _AUTO if any(model.id == _AUTO for model in models) else UPSCALE_MODEL


def _beside(source: Path, factor: int, suffix: str) -> Path:
    """Where the result of a picture goes by default: photo.jpg becomes photo@2x.jpg."""
    return source.with_name(f"{source.stem}@{factor}x{suffix}")


def _suffix(status: TaskStatus) -> str:
    """The ending of a task's first file."""
    ending = Path(urlsplit(status.urls[0]).path).suffix if status.urls else ""
    return ending if mimetypes.guess_type(f"result{ending}")[0] else ".png"


def _require_writable(place: Path) -> None:
    """Raise ToolRefusal for a place where no file can be written, before anything is paid for."""
    if place.is_dir():
        raise ToolRefusal(f"{str(place)!r} is a folder: give the path of a file as output_path.")
    if not place.parent.is_dir():
        raise ToolRefusal(f"The folder {str(place.parent)!r} does not exist: create it, or give another output_path.")
    try:
        tempfile.TemporaryFile(dir=place.parent).close()
    except OSError as error:
        raise ToolRefusal(
            f"Nothing can be written to {str(place.parent)!r} ({error.strerror}): give another output_path."
        ) from error


def _require_free(place: Path, *, overwrite: bool) -> None:
    """Raise ToolRefusal for a place where something would be lost."""
    if (place.exists() or place.is_symlink()) and not overwrite:
        raise ToolRefusal(f"{str(place)!r} exists already: give another output_path, or overwrite=true.")


async def _save(access: Access, status: TaskStatus, place: Path, *, deadline: float, overwrite: bool) -> list[str]:
    """Download a task's files; returns where they are. Raises ToolRefusal, StorageError or ServiceError."""
    _require_free(place, overwrite=overwrite)
    left = max(seconds_left(deadline) - 2, 1)
    files = await access.caller.call(lambda client: client.download(status, place, deadline=left))
    return [str(file) for file in files]


async def _unfinished(call: Call, task_id: str, key: str, notes: list[str]) -> CallToolResult:
    """The answer about a task that goes on."""
    return await wait_and_answer(
        call.access,
        call.context,
        task_id,
        deadline=call.deadline,
        wait_seconds=0,
        idempotency_key=key,
        notes=notes,
    )
