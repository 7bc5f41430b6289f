"""Finds models: the YAML files of `models/`, read once."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from threading import Lock

import msgspec

from enlarger.catalog.model import Kind, Model
from enlarger.catalog.own import own_model, own_name
from enlarger.catalog.preview import hide_urls
from enlarger.errors import UnknownModel
from enlarger.translatable import Sentence, sentence

_turn = Lock()
_MOST_NAMED = 3
_SHORTEST = 3
"""Characters of a name of which others can be said to begin with it."""
_ALIKE = 0.6
"""How alike two names have to be for the one to be meant by the other, between 0 and 1."""
_KIND_WORDS: Mapping[Kind, tuple[str, ...]] = {
    "video": ("video", "i2v", "t2v", "avatar", "veo"),
    "audio": ("speech", "tts", "audio", "music", "voice", "song", "sound"),
    "image": ("image", "i2i", "t2i", "picture", "photo", "banana"),
}
"""Words in names of models, and the kind that they speak of; the first that is found counts."""


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


def list_models(*, kind: Kind | None = None, task: str | None = None, provider: str | None = None) -> list[Model]:
    """The models of the catalogue, filtered by kind (image, video, audio), task (upscale, …) and provider."""
    return [
        model
        for model in _catalogue().values()
        if (kind is None or model.kind == kind)
        and (task is None or task in model.tasks)
        and (provider is None or provider in model.providers())
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
    """The model with this id or alias. Raises UnknownModel, which suggests similar names.

    `own/NAME`, a network of the user's own, is accepted for every valid name: only the service knows its networks.
    """
    if own := own_name(name):
        return own_model(_catalogue(), own)
    try:
        return _names()[name.strip().casefold()]
    except KeyError:
        raise UnknownModel("model", _say_unknown(name)) from None


def _say_unknown(name: str) -> Sentence:
    shown = repr(hide_urls(name)[:100])
    if not (near := _nearest(name)):
        return sentence("The model name you specified is not supported: {name}; see the list of models", name=shown)
    *others, last = near
    models = sentence("{names} or {last}", names=", ".join(others), last=last) if others else last
    return sentence(
        "The model name you specified is not supported: {name}; did you mean {models}?", name=shown, models=models
    )


def _nearest(name: str) -> list[str]:
    """The ids of the models that may be meant: with names alike, and of the kind that the name speaks of."""
    asked = name.casefold()
    kind = next((kind for kind, words in _KIND_WORDS.items() if any(word in asked for word in words)), None)
    names = [known for known, model in _names().items() if kind in (None, model.kind)]
    longer = sorted((known for known in names if len(asked) >= _SHORTEST and known.startswith(asked)), key=len)
    near = longer[:_MOST_NAMED] or difflib.get_close_matches(asked, names, n=_MOST_NAMED, cutoff=_ALIKE)
    return list(dict.fromkeys(_names()[match].id for match in near))
