"""Models made of the user's own networks: `own/NAME`, which take what the template's entry takes.

The catalogue does not know which there are, nor how much they enlarge: a folder does (`engines.own_models`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec.structs import replace

from enlarger.catalog.model import Duration, Model
from enlarger.engines.own_models import NAME, OwnModel, find, read
from enlarger.errors import UnknownModel
from enlarger.translatable import Sentence, sentence

LICENCE = "user's own"
_PREFIX = "own/"
_TEMPLATE = "span/x4"
_FACTOR = "upscale_factor"


def own_name(model: str) -> str | None:
    """The name of the network that a model is made of, if it is one of the user's own."""
    name = model.strip().casefold()
    return name.removeprefix(_PREFIX) if name.startswith(_PREFIX) and NAME.fullmatch(name[len(_PREFIX) :]) else None


def own_model(models: Mapping[str, Model], name: str) -> Model:
    """The model `own/NAME`, made after one of the catalogue's. Without a size it enlarges as much as its network."""
    template = models[_TEMPLATE]
    assert template.engine is not None
    return replace(
        template,
        id=_PREFIX + name,
        title=f"{name}, a network of your own",
        aliases=(),
        input=template.input | {_FACTOR: replace(template.input[_FACTOR], defaults_if=())},
        duration=Duration(usual=20, most=template.duration.most),
        note=None,
        engine=replace(template.engine, network=_PREFIX + name, licence=LICENCE),
    )


def describe_own(model: Model, scale: int) -> Model:
    """The model with what is known where its network is: how much that enlarges."""
    does = "cleans up" if scale == 1 else f"enlarges {scale} times"
    return replace(model, title=f"{model.title}, which {does}")


def own_models(folder: Path) -> dict[str, OwnModel]:
    """The networks in `folder` by the ids of their models."""
    return {_PREFIX + name: own for name, own in read(folder).items()}


def find_own(model: Model, folder: Path) -> OwnModel | None:
    """The network in `folder` that a model is made of; None for a model of the catalogue.

    Raises UnknownModel for a network of the user's own that is not there.
    """
    name = own_name(model.id)
    if name is None:
        return None
    if own := find(name, folder):
        return own
    raise UnknownModel("model", say_missing(model, own_models(folder)))


def say_missing(model: Model, known: Iterable[str]) -> Sentence:
    """What is said of a network of the user's own that is not there; `known` are the models that are."""
    if names := ", ".join(known):
        return sentence("There is no network {model} here: choose one of {names}", model=model.id, names=names)
    return sentence("There is no network {model} here: add it, or choose another model", model=model.id)
