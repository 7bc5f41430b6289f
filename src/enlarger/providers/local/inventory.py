"""What this machine has for its engine: the measured engines, and the weights of each model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from enlarger.catalog import Model
from enlarger.catalog.own import own_models
from enlarger.engines.auto import weights_of
from enlarger.engines.backends import BACKENDS
from enlarger.engines.choosing import Choices
from enlarger.engines.devices import are_known
from enlarger.engines.networks import NETWORKS
from enlarger.engines.record import Measurement
from enlarger.engines.resources import available_memory
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.weights.files import WeightsFile
from enlarger.engines.weights.packages import WeightsPackage
from enlarger.errors import EngineUnavailable
from enlarger.infra.data_directory import DataDirectory
from enlarger.providers.local.settings import LocalSettings
from enlarger.settings import ServiceSettings
from enlarger.translatable import sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRow:
    """An engine and a network; numbers are None until they have been measured."""

    network: str
    engine: str
    device: str | None
    precision: str
    megapixels_per_second: float | None
    """Of the output."""
    decibels: float | None
    chosen: bool
    absent: bool
    """Whether this machine lacks what the engine needs."""
    why_not: str | None
    """Why it is not chosen; None if it is. Translatable unless it is what a driver or a library reported."""


@dataclass(frozen=True, slots=True)
class PackageState:
    """A package of weights that a model may need, and whether this machine has them."""

    package: WeightsPackage
    installed: bool


def measured_engines(settings: ServiceSettings) -> list[EngineRow]:
    """The engines as they were measured on this machine. Only reads: it measures nothing and loads no driver."""
    local = _local(settings)
    choices = choices_of(local)
    networks = networks_here(local, choices)
    if are_known(DataDirectory(local.data_dir).cache, BACKENDS):
        return engine_rows(local, choices, networks)
    unknown = [
        Measurement(backend=name, precision=backend.precision, why_not=sentence("not measured yet"))
        for name, backend in BACKENDS.items()
    ]
    return [_row(spec.name, one, local.engine, 0.0) for spec in networks for one in unknown]


def choices_of(settings: LocalSettings) -> Choices:
    """The measurements that are kept in the data directory."""
    return Choices(DataDirectory(settings.data_dir).cache, settings.weights_folders)


def own_networks(settings: LocalSettings) -> dict[str, NetworkSpec]:
    """The user's own networks by the ids of their models."""
    folder = settings.models_folder
    return {name: one.spec(folder) for name, one in own_models(folder).items()}


def networks_here(settings: LocalSettings, choices: Choices) -> list[NetworkSpec]:
    """The networks whose weights are on this machine; of those with the same layers, one."""
    specs = [*NETWORKS.values(), *own_networks(settings).values()]
    return [spec for spec in specs if spec.measured_as == spec.name and choices.has_weights(spec)]


def engine_rows(settings: LocalSettings, choices: Choices, networks: Sequence[NetworkSpec]) -> list[EngineRow]:
    """A row for each network and engine. Looks for the machine's devices if nobody has yet."""
    memory = settings.engine_bytes(available_memory())
    without_device = [one.backend for one in choices.unmeasured() if not one.device]
    rows: list[EngineRow] = []
    for spec in networks:
        measured = choices.known(spec)
        best = next(iter(choices.order(measured, spec, memory)), None)
        chosen = settings.engine or (best.backend if best else None)
        fastest = (best.megapixels if best else None) or 0.0
        rows += [
            _row(spec.name, one, chosen, fastest, absent=one.backend in without_device)
            for one in measured or choices.unmeasured()
        ]
    return rows


def weights_for(settings: ServiceSettings, model: Model) -> list[PackageState]:
    """The packages of weights that a model may need on this machine; none for networks of the user's own."""
    if model.engine is None or model.id.startswith("own/"):
        return []
    folders = _local(settings).weights_folders
    files: dict[str, list[WeightsFile]] = {}
    for network in dict.fromkeys((model.engine.network, *model.engine.networks.values())):
        for file in weights_of(network):
            files.setdefault(file.package.name, []).append(file)

    def is_here(file: WeightsFile) -> bool:
        try:
            folders.locate(file)
        except EngineUnavailable:
            return False
        return True

    return [PackageState(some[0].package, all(map(is_here, some))) for some in files.values()]


def _local(settings: ServiceSettings) -> LocalSettings:
    assert isinstance(settings, LocalSettings)  # the settings of a process are those of all providers
    return settings


def _row(network: str, one: Measurement, chosen: str | None, fastest: float, *, absent: bool = False) -> EngineRow:
    """Build a row. `fastest` is the speed, in MP/s, of the engine that is fastest on large pictures."""
    if BACKENDS[one.backend].for_drafts:
        not_chosen = sentence("for drafts, when it is asked for")
    elif (one.megapixels or 0.0) > fastest:
        not_chosen = sentence(
            "another one is faster on large pictures, where this one needs smaller tiles to fit in memory"
        )
    else:
        not_chosen = sentence("another one is faster")
    return EngineRow(
        network=network,
        engine=one.backend,
        device=one.device or None,
        precision=one.precision,
        megapixels_per_second=one.megapixels,
        decibels=one.decibels,
        chosen=one.backend == chosen,
        absent=absent,
        why_not=one.why_not or (None if one.backend == chosen else not_chosen),
    )
