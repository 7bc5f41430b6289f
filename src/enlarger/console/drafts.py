"""What the studio's form is filled in with: by hand, from an earlier task, or with one of its results."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from enlarger.catalog import get_model
from enlarger.console.applicable import best_form
from enlarger.console.forms import picture_name
from enlarger.errors import InvalidInput
from enlarger.infra.links import Links
from enlarger.tasks.records import Task

ENLARGER = "auto/upscale"
"""The model that enlarges whatever picture it is given."""
_MAIN = ""


class Pick(msgspec.Struct, frozen=True):
    """A file that the service, or somebody else, has already."""

    name: str
    url: str


class Draft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to fill in; what is not named stays as it is."""

    model: str | None = None
    variant: int | None = None
    """Which of the model's sets of fields."""
    values: dict[str, Any] | None = None
    """By field: texts as they are typed, and booleans."""
    files: dict[str, list[Pick]] | None = None
    """By field; those of the field that receives dropped files have no name."""

    def encode(self) -> str:
        """Return it as JSON, for an attribute that the studio's script reads."""
        return msgspec.json.encode(self).decode()


def draft_of(task: Task, links: Links) -> Draft:
    """Return a draft of a task's input. Files of this service that have expired are left out."""
    try:
        model = get_model(task.model)
    except InvalidInput:
        return Draft(model=task.model)
    variant = best_form(model, task.input)
    form = model.all_forms()[variant]
    picture = picture_name(form)
    files: dict[str, list[Pick]] = {}
    values: dict[str, Any] = {}
    for name, value in task.input.items():
        if name not in form:
            continue
        if form[name].media is None:
            values[name] = _as_typed(value)
        else:
            files[_MAIN if name == picture else name] = list(_picks(value, links))
    return Draft(model=model.id, variant=variant, values=values, files=files)


def draft_with(url: str, name: str, *, model: str | None = None) -> Draft:
    """Return a draft that takes a result as the input, of a model if one is named."""
    return Draft(model=model, files={_MAIN: [Pick(name, url)]})


def _picks(value: Any, links: Links) -> Iterator[Pick]:
    for url in value if isinstance(value, list) else [value]:
        if not isinstance(url, str) or not url.startswith(("http://", "https://", "/")):
            continue
        parts = urlsplit(url)
        own = f"{parts.path}?{parts.query}"
        try:
            shown = own if links.check(own) else url
        except TimeoutError:
            continue
        yield Pick(PurePosixPath(unquote(parts.path)).name, shown)


def _as_typed(value: Any) -> Any:
    match value:
        case bool() | str():
            return value
        case list() | dict():
            return msgspec.json.encode(value).decode()
    return str(value)
