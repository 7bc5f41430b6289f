"""The catalogue: every model as data, in the YAML files of `models/`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from enlarger.errors import UnknownModel


class Field(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field of a model's input."""

    type: Literal["picture", "choice", "task"]
    """A picture's URL or its inline bytes; one word out of `options`; the id of a task that has succeeded."""
    required: bool = False
    default: str | None = None
    options: tuple[str, ...] = ()
    max_length: int | None = None
    max_mb: float | None = None


class LocalRoute(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the local engine runs a model."""

    network: str
    source: str
    """The field that the picture comes from."""
    factor: int | None = None
    """A fixed factor, for models that have no field for it."""
    factor_field: str | None = None
    format_field: str | None = None


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model, as its YAML entry has it."""

    id: str
    title: str
    task: Literal["upscale"]
    aliases: tuple[str, ...] = ()
    input: dict[str, Field]
    max_side: int | None = None
    """The most pixels on the longest side of the result."""
    local: LocalRoute | None = None

    def picture_field(self) -> str | None:
        """The name of the field that takes a picture, if there is one."""
        return next((name for name, field in self.input.items() if field.type == "picture"), None)


@cache
def _catalogue() -> Mapping[str, Model]:
    """All models by their ids, in the order of the files."""
    folder = files("enlarger.catalog").joinpath("models")
    pages = sorted((page for page in folder.iterdir() if page.name.endswith(".yaml")), key=lambda page: page.name)
    models = [model for page in pages for model in msgspec.yaml.decode(page.read_bytes(), type=list[Model])]
    return {model.id: model for model in models}


@cache
def _names() -> Mapping[str, Model]:
    return {name.casefold(): model for model in list_models() for name in (*model.aliases, model.id)}


def list_models() -> list[Model]:
    """Every model."""
    return list(_catalogue().values())


def get_model(name: str) -> Model:
    """The model of this id or alias. Raises UnknownModel, which names the nearest ones."""
    try:
        return _names()[name.strip().casefold()]
    except KeyError:
        near = difflib.get_close_matches(name.casefold(), _catalogue(), n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else f"this service has {', '.join(_catalogue())}."
        raise UnknownModel("model", f"The model name you specified is not supported: {name!r}; {hint}") from None
