"""Finds models: the YAML files of `models/`, read once."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from threading import Lock

import msgspec

from enlarger.catalog.model import Kind, Model, Provider
from enlarger.catalog.preview import hide_urls
from enlarger.errors import UnknownModel
from enlarger.sentences import sentence

_turn = Lock()


def _catalogue() -> Mapping[str, Model]:
    """All models by their ids, in the order of the files."""
    with _turn:  # threads that all ask first would each read
        return _read()


@cache
def _read() -> Mapping[str, Model]:
    return {model.id: model for models in _pages().values() for model in models}


@cache
def _pages() -> Mapping[str, list[Model]]:
    """The models of each file, by the file's name without its ending."""
    folder = files("enlarger.catalog").joinpath("models")
    pages = sorted((page for page in folder.iterdir() if page.name.endswith(".yaml")), key=lambda page: page.name)
    return {page.name.removesuffix(".yaml"): msgspec.yaml.decode(page.read_bytes(), type=list[Model]) for page in pages}


@cache
def _names() -> Mapping[str, Model]:
    models = _catalogue().values()
    aliases = {alias.casefold(): model for model in models for alias in model.aliases}
    return aliases | {model.id.casefold(): model for model in models}


def list_models(*, kind: Kind | None = None, task: str | None = None, provider: Provider | None = None) -> list[Model]:
    """Every model, or those of a kind (image, video, audio), for a task (upscale, …), that a provider can run."""
    return [
        model
        for model in _catalogue().values()
        if (kind is None or model.kind == kind)
        and (task is None or task in model.tasks)
        and (provider is None or provider in model.routes.providers())
    ]


def checked() -> Mapping[str, str]:
    """The month in which each file of models was last compared with the hosted service's documents and price list."""
    return msgspec.json.decode(
        files("enlarger.catalog").joinpath("models", "checked.json").read_bytes(), type=dict[str, str]
    )


def families() -> Mapping[str, tuple[str, ...]]:
    """The files of models by their names, and the ids of the models in each."""
    _catalogue()
    return {name: tuple(model.id for model in models) for name, models in _pages().items()}


def get_model(name: str) -> Model:
    """The model of this id or alias. Raises UnknownModel, which names the nearest ones."""
    try:
        return _names()[name.strip().casefold()]
    except KeyError:
        near = difflib.get_close_matches(name.casefold(), _names(), n=3, cutoff=0.4)
        ids = list(dict.fromkeys(_names()[match].id for match in near))
        shown = repr(hide_urls(name)[:100])
        if ids:
            message = sentence(
                "The model name you specified is not supported: {name}; did you mean {near}?",
                name=shown, near=", ".join(ids),
            )  # fmt: skip
        else:
            message = sentence(
                "The model name you specified is not supported: {name}; see the list of models", name=shown
            )
        raise UnknownModel("model", message) from None
