"""Networks of the user's own: `enlarger models add` and `remove`, and which there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from enlarger.catalog import Model, get_model
from enlarger.catalog.own import describe_own, own_models, own_name, say_missing
from enlarger.cli.output import Output
from enlarger.cli.packages import needed_for
from enlarger.errors import UnknownModel

if TYPE_CHECKING:
    from enlarger.cli.session import Where
    from enlarger.client.records import ModelInfo


class OwnNetwork(msgspec.Struct, frozen=True):
    """What is told of a network of the user's own."""

    scale: int
    digest: str
    """Of its files: with another one it is another network."""


def add_network(output: Output, file: Path, name: str | None, data_dir: Path | None) -> None:
    """Try the network in `file` and keep it. Raises InvalidInput and EngineUnavailable for what cannot be kept."""
    with needed_for("The engine of this machine", extra="local"):
        from enlarger.engines.adding import add
    folder = _folder(data_dir, prepare=True)
    with output.hints.status(f"trying the network {file.name} on small pictures"):
        own = add(file, folder, name)
    model = describe_own(get_model(f"own/{own.name}"), own.native_scale)
    row = {"model": model.id, "scale": own.native_scale, "digest": own.digest, "folder": str(folder / own.name)}
    output.lines([f"{model.id}: {model.title}"], row)
    output.hint(f"`enlarger upscale photo.jpg -m {model.id}` uses it. A service that is running has it at once.")


def remove_network(output: Output, name: str, data_dir: Path | None) -> None:
    """Remove a network. Raises InvalidInput when there is none of this name."""
    with needed_for("The engine of this machine", extra="local"):
        from enlarger.engines.adding import remove
    name = own_name(name) or name
    remove(name, _folder(data_dir))
    output.lines([f"own/{name} is removed"], {"model": f"own/{name}"})


def networks_here(data_dir: Path | None) -> dict[str, OwnNetwork]:
    """The networks in the folder of this machine, by the ids of their models."""
    try:
        folder = _folder(data_dir)
    except ModuleNotFoundError:  # those of a service are not installed, and so there are no networks either
        return {}
    return {model: OwnNetwork(own.native_scale, own.digest) for model, own in own_models(folder).items()}


def networks_among(models: Iterable[ModelInfo]) -> dict[str, OwnNetwork]:
    """The networks among those that a service lists."""
    listed = {model.id: model.raw for model in models if own_name(model.id)}
    return {
        name: OwnNetwork(raw["scale"], raw["digest"])
        for name, raw in listed.items()
        if isinstance(raw.get("scale"), int) and isinstance(raw.get("digest"), str)
    }


async def find_network(model: Model, where: Where) -> OwnNetwork | None:
    """The network that a model is made of, at the service that is named or runs here, else in the folder.

    None for a model of the catalogue. Raises UnknownModel when it is not there.
    """
    if own_name(model.id) is None:
        return None
    from enlarger.cli.session import find_client

    async with find_client(where) as client:
        known: Mapping[str, OwnNetwork] = (
            networks_here(where.data_dir) if client is None else networks_among(await client.models())
        )
    if model.id not in known:
        raise UnknownModel("model", f"{say_missing(model, known)}.")
    return known[model.id]


def _folder(data_dir: Path | None, *, prepare: bool = False) -> Path:
    """The folder of the networks; where it is in the data directory, that is made."""
    from enlarger.infra.data_directory import DataDirectory
    from enlarger.settings import ServiceSettings, read_settings

    settings = read_settings(ServiceSettings, data_dir=data_dir)
    if prepare and settings.models_dir is None:
        DataDirectory(settings.data_dir).prepare()
    return settings.models_folder
