"""Answers with pictures, as OpenAI has them: links, or the files as base64, which are sent piece by piece."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import msgspec
from msgspec import UNSET, UnsetType

from enlarger.errors import FileMissing
from enlarger.server.dependencies import Service
from enlarger.tasks.records import ResultFile, StoredFile, Task
from enlarger.translatable import sentence

_NOTHING_COUNTED = {
    "input_tokens": 0,
    "input_tokens_details": {"image_tokens": 0, "text_tokens": 0},
    "output_tokens": 0,
    "total_tokens": 0,
}
"""The usage of an event, which has to be there: no tokens are counted here."""


class Picture(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One image: its link, or the file itself."""

    url: str | UnsetType = UNSET
    """The image's link."""
    b64_json: str | UnsetType = UNSET
    """The image in base64."""


class ImagesReply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The reply to a request for images."""

    created: int
    """When the first task was created, in seconds since 1970."""
    data: list[Picture]
    """The images."""
    size: str | UnsetType = UNSET
    """The first image's width and height, if known."""
    output_format: str | UnsetType = UNSET
    """The images' format."""


class Body(msgspec.Struct, frozen=True):
    """The parts of a body: bytes, and files that are sent as base64 between them."""

    parts: Sequence[bytes | StoredFile]

    @property
    def length(self) -> int:
        """Its bytes."""
        return sum(len(part) if isinstance(part, bytes) else (part.size + 2) // 3 * 4 for part in self.parts)

    async def pieces(self, service: Service) -> AsyncGenerator[bytes]:
        """What is sent. Raises StorageError on the way, so that a broken answer never looks like a whole one."""
        for part in self.parts:
            if isinstance(part, bytes):
                yield part
                continue
            async with aclosing(_encode(service, part)) as pieces:
                async for piece in pieces:
                    yield piece


async def _encode(service: Service, file: StoredFile) -> AsyncGenerator[bytes]:
    rest = b""
    async with aclosing(service.storage.get(file.key)) as chunks:
        async for chunk in chunks:
            rest += chunk
            whole = len(rest) - len(rest) % 3
            yield base64.b64encode(rest[:whole])
            rest = rest[whole:]
    yield base64.b64encode(rest)


async def write_reply(service: Service, tasks: Sequence[Task], *, inline: bool, base_url: str) -> Body:
    """The answer for tasks that have ended, with the pictures of those that have succeeded.

    `inline` is whether the files themselves are in it. Raises FileMissing for one that is no longer kept.
    """
    made = [(task, file) for task in tasks if task.result is not None for file in task.result.files]
    kept: dict[str, StoredFile] = {}
    data = []
    for _, file in made:
        if inline:
            kept[_mark(file)] = await _stored(service, file)
            data.append(Picture(b64_json=_mark(file)))
        else:
            data.append(Picture(url=base_url + service.links.make(file.id, file.name, file.expires_at)))
    first = tasks[0]
    reply = ImagesReply(
        created=min(int(task.created_at.timestamp()) for task in tasks),
        data=data,
        size=_size(next((task for task, _ in made), first)) or UNSET,
        output_format=_format(made[0][1].name) if made else UNSET,
    )
    return _split(msgspec.json.encode(reply), kept)


async def write_event(service: Service, task: Task, file: ResultFile, *, edits: bool, asked: dict[str, str]) -> Body:
    """The last event of a stream for one picture; `asked` are the background and quality that the request named."""
    stored = await _stored(service, file)
    kind = "image_edit.completed" if edits else "image_generation.completed"
    event = {
        "type": kind,
        "b64_json": _mark(file),
        "background": asked.get("background", "auto"),
        "created_at": int(task.created_at.timestamp()),
        "output_format": _format(file.name),
        "quality": asked.get("quality", "auto"),
        "size": _size(task) or "auto",
        "usage": _NOTHING_COUNTED,
    }
    body = _split(msgspec.json.encode(event), {_mark(file): stored})
    return Body((f"event: {kind}\ndata: ".encode(), *body.parts, b"\n\n"))


def _mark(file: ResultFile) -> str:
    """What stands for a file's base64 until it is sent."""
    return f"<{file.id}>"


def _split(encoded: bytes, kept: dict[str, StoredFile]) -> Body:
    parts: list[bytes | StoredFile] = []
    for mark, file in kept.items():  # in the order of the answer
        before, _, encoded = encoded.partition(mark.encode())
        parts += [before, file]
    return Body([*parts, encoded])


async def _stored(service: Service, file: ResultFile) -> StoredFile:
    stored = await service.files.get(file.id)
    if stored is None:
        raise FileMissing(sentence("The picture is no longer kept: results are deleted after a while."))
    return stored


def _size(task: Task) -> str:
    made = task.result.made if task.result else None
    return f"{made.width}x{made.height}" if made and made.width and made.height else ""


def _format(name: str) -> str:
    """OpenAI's word for a file's format, by its name."""
    suffix = name.rpartition(".")[2].lower()
    return "jpeg" if suffix == "jpg" else suffix
