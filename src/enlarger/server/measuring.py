"""What a new task counts against the credits and limits of its account and key."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from enlarger.catalog import Model, measure, quote
from enlarger.catalog.model import LOCAL
from enlarger.server.dependencies import Service
from enlarger.server.inline_files import InlineFiles
from enlarger.server.upload_files import picture_size
from enlarger.tasks.accounts import Caller
from enlarger.tasks.ledger import to_credits


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """What a new task counts against the credits and limits of its account and key."""

    credits: Decimal = Decimal(0)
    """The most that it may cost, where its account or key pays with credits."""
    for_engine: bool = False
    pixels: int | None = None
    """Both as in `NewTask`."""


async def measure_task(
    service: Service, caller: Caller, files: InlineFiles, model: Model, built: Mapping[str, Any]
) -> Measures:
    """Measure a task; the picture is only read if its size matters."""
    limits = service.tasks.limits.overridden_by(caller.limits)
    for_engine = limits.concern_engine and _first_provider(service, model, built) == LOCAL
    counts_pixels = for_engine and limits.open_megapixels is not None
    size = await _size(service, files, model, built) if caller.pays or counts_pixels else None
    return Measures(
        credits=to_credits(quote(model, built, size=size).amount) if caller.pays else Decimal(0),
        for_engine=for_engine,
        pixels=_pixels(service, size) if counts_pixels else None,
    )


def _pixels(service: Service, size: tuple[int, int] | None) -> int:
    """The pixels of a picture; of one whose size is not known, the most that the engine takes."""
    return service.settings.max_pixels if size is None else size[0] * size[1]


def _first_provider(service: Service, model: Model, built: Mapping[str, Any]) -> str | None:
    """The first provider in the order for a model that can run it."""
    return next((choice.provider for choice in service.routing.choices(model, built) if choice.possible), None)


async def _size(service: Service, files: InlineFiles, model: Model, built: Mapping[str, Any]) -> tuple[int, int] | None:
    """The size in pixels of the picture in an input, where it is inside the request or stored here."""
    name = model.picture_field()
    value = built.get(name) if name else None
    head = files.head(value) if isinstance(value, str) else None
    return await picture_size(service, model, built) if head is None else measure(head)
