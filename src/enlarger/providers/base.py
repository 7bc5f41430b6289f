"""The door to a provider."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import msgspec

from enlarger.catalog import Model
from enlarger.protocol.records import Made

OnProgress = Callable[[float], Awaitable[None]]
"""Awaited with 0..1; an error that it raises calls the work off."""


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider is asked to do."""

    task_id: str
    model: Model
    input: dict[str, Any]
    picture: Path
    """The input's picture, already on this machine."""
    workspace: Path
    """A folder for what is made; the caller removes it."""


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider made."""

    path: Path
    mime_type: str
    made: Made


class Provider(Protocol):
    """One way to have a task carried out."""

    name: str

    async def run(self, submission: Submission, on_progress: OnProgress) -> Product:
        """Carry the submission out.

        Raises PictureError, InvalidInput or EngineError, whose words go to the task's app.
        """
        ...

    async def close(self) -> None:
        """Give back what the provider holds."""
        ...
