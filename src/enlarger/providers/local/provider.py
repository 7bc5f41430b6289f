"""The engine of this machine, as workers run it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from enlarger.catalog.model import LOCAL, LocalRoute, Model
from enlarger.catalog.own import find_own
from enlarger.engines.extent import Extent
from enlarger.engines.lanes import Lanes
from enlarger.engines.messages import AUTO, AnyOrder, CutOut
from enlarger.engines.messages import Order as EngineOrder
from enlarger.engines.process import EngineProcess
from enlarger.engines.resources import available_memory
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.weights.install import LONGEST, install
from enlarger.engines.weights.packages import WeightsPackage
from enlarger.errors import (
    EngineUnavailable,
    EnlargerError,
    RouteUnfit,
    SubmissionRefused,
    UnknownModel,
    WeightsMissing,
)
from enlarger.protocol.records import Made
from enlarger.providers.base import LocalOrder, LocalOutcome, LocalRunner, OnProgress
from enlarger.providers.local.durations import Durations, read_size
from enlarger.providers.local.settings import LocalSettings

_UNLIMITED_SIDE = 2**31
_SHORT_FETCH = 60.0
"""Seconds for fetching weights that can be done without."""
_FETCH_PAUSE = 600.0
"""Seconds after a fetch that failed."""
_FULL_STRENGTH = 100
_TRANSPARENT = "png"
"""The format of what is cut out where the model has no field for it, as at the hosted service."""
_CONTROLS = ("strength", "denoise", "tile", "engine", "precision")
_LIBRARIES = ("numpy", "openvino", "pyvips")


class LocalEngine(LocalRunner):
    """Runs models that have a local route, in processes of its own: one for short orders, one for long ones."""

    name = LOCAL

    def __init__(self, settings: LocalSettings, cache: Path) -> None:
        self._memory = settings.engine_bytes(available_memory())
        self._max_pixels = settings.max_pixels
        self._weights = settings.weights_folders
        self._models = settings.models_folder
        self._no_fetch_before = 0.0
        """By the monotonic clock: until then, weights that can be done without are not fetched."""
        self._durations = Durations(cache, self._weights, engine=settings.engine, memory=self._memory)

        def start_engine() -> EngineProcess:
            return EngineProcess(
                cache=cache,
                weights=self._weights,
                memory=self._memory,
                engine=settings.engine,
                order_seconds=settings.engine_timeout,
            )

        self._lanes = Lanes(start_engine, self._memory)

    async def run(self, order: LocalOrder, on_progress: OnProgress) -> LocalOutcome:
        """Do with the order's picture what its model's local route says, into the order's workspace.

        Raises RouteUnfit for a model without such a route, else PictureError, InvalidInput or EngineError.
        """
        route = order.model.engine
        if route is None:
            raise RouteUnfit(f"The model {order.model.id} does not run on this machine's own engine.")
        target = order.workspace / "result"
        wanted = self._wanted(order, route, target)
        if isinstance(wanted, CutOut) or (wanted.strength and wanted.own is None):
            await self._bring_weights(route.network_for(order.input))
        outcome = await self._lanes.run(wanted, on_progress, long=order.long)
        self._durations.learn(wanted, outcome)
        made = Made(
            provider=self.name,
            engine=outcome.engine,
            device=outcome.device,
            precision=outcome.precision,
            note=outcome.note or _substitution(order.model, outcome.network),
            network=outcome.network,
            reason=outcome.reason,
            strength=None if outcome.strength == _FULL_STRENGTH else outcome.strength,
            denoise=outcome.denoise or None,
            width=outcome.width,
            height=outcome.height,
            source_width=outcome.source_width,
            source_height=outcome.source_height,
            seconds=round(outcome.seconds, 3),
        )
        return LocalOutcome(path=target, made=made)

    async def expected_seconds(self, order: LocalOrder) -> float:
        """Roughly how long an order will take, by earlier ones of its kind; 0 if `run` will refuse it."""
        route = order.model.engine
        size = await asyncio.to_thread(read_size, order.picture)
        if route is None or size is None:
            return 0.0
        try:
            wanted = self._wanted(order, route, order.workspace / "result")
            return await asyncio.to_thread(self._durations.expect, wanted, size)
        except EnlargerError:
            return 0.0

    def _wanted(self, order: LocalOrder, route: LocalRoute, target: Path) -> AnyOrder:
        return (self._cut_out if route.order == "cut-out" else self._enlarge)(order, route, target)

    def _enlarge(self, order: LocalOrder, route: LocalRoute, target: Path) -> EngineOrder:
        network = route.network_for(order.input)
        own = self._find_own(order.model)
        extent = _extent(route, order.input, own)
        controls = {name: order.input.get(name) for name in _CONTROLS if route.controls}
        strength, denoise = controls.pop("strength", None), controls.pop("denoise", None)
        return EngineOrder(
            source=str(order.picture),
            target=str(target),
            network=network if own is None else own.name,
            own=own,
            **extent,
            **controls,
            strength=_FULL_STRENGTH if strength is None else strength,
            denoise=0 if denoise is None and network != AUTO else denoise,
            format=_value(order, route.format_field),
            quality=_value(order, route.quality_field),
            keep_hidden_colours=_value(order, route.hidden_colours_field) or False,
            memory=self._memory,
            max_pixels=self._max_pixels,
            max_side=order.model.max_side or _UNLIMITED_SIDE,
        )

    def _cut_out(self, order: LocalOrder, route: LocalRoute, target: Path) -> CutOut:
        return CutOut(
            source=str(order.picture),
            target=str(target),
            format=_value(order, route.format_field) or _TRANSPARENT,
            quality=_value(order, route.quality_field),
            memory=self._memory,
            max_pixels=self._max_pixels,
        )

    def _find_own(self, model: Model) -> NetworkSpec | None:
        """What is known of a network of the user's own; None for any other. Raises EngineUnavailable."""
        try:
            own = find_own(model, self._models)
        except UnknownModel:
            raise EngineUnavailable(
                f"The network {model.id} is not on the machine that had the task: it has been removed, or was never"
                " added there. Add it, or set ENLARGER_MODELS_DIR on all machines to one folder that they share."
            ) from None
        return None if own is None else own.spec(self._models)

    async def _bring_weights(self, network: str) -> None:
        """Fetch the network's weights if they are not here yet. Raises EngineUnavailable when they cannot be had.

        Where one is chosen for the picture, those that can be had are enough.
        """
        from enlarger.engines.auto import weights_of  # it needs numpy

        for file in weights_of(network):
            try:
                self._weights.locate(file)
            except WeightsMissing:
                await (self._try_to_fetch if network == AUTO else self._fetch)(file.package)

    async def _fetch(self, package: WeightsPackage, seconds: float = LONGEST, retries: int = 3) -> None:
        assert self._weights.fetched is not None
        await asyncio.to_thread(install, package, Path(self._weights.fetched), seconds=seconds, retries=retries)

    async def _try_to_fetch(self, package: WeightsPackage) -> None:
        """Fetch weights that can be done without: not for long, and after a failure not again for a while."""
        if time.monotonic() < self._no_fetch_before:
            return
        try:
            await self._fetch(package, _SHORT_FETCH, retries=0)
        except EngineUnavailable:  # the engine says what it used instead
            self._no_fetch_before = time.monotonic() + _FETCH_PAUSE

    async def probe(self) -> None:
        """Look whether the engine's libraries and weights are there, without loading them. Raises SubmissionRefused."""
        missing = [name for name in _LIBRARIES if find_spec(name) is None]
        if missing:
            raise SubmissionRefused(
                f"The engine's libraries are not installed ({', '.join(missing)}): `pip install enlarger[local]`.",
                reason="down",
            )
        from enlarger.engines.networks import NETWORKS  # it needs one of the libraries

        try:
            for network in NETWORKS.values():
                if network.weights.package.bundled:
                    self._weights.find(network.weights)
        except EngineUnavailable as error:
            raise SubmissionRefused(str(error), reason="down") from None

    async def close(self) -> None:
        """End the engine's processes."""
        await self._lanes.close()


def _substitution(model: Model, network: str | None) -> str | None:
    """A sentence for the record where what was made is less than the model's own work."""
    if model.engine is None or not model.engine.last_resort:
        return None
    return f"{network} on this machine made this picture, not {model.title}."


def _extent(route: LocalRoute, input: Mapping[str, Any], own: NetworkSpec | None) -> dict[str, Any]:
    """How large the result is to be, as fields of an order."""
    if route.controls:
        extent = Extent.of(input)
        if own is not None and extent == Extent():
            extent = Extent(factor=own.native_scale)
        return msgspec.structs.asdict(extent)
    factor = input[route.factor_field] if route.factor_field else route.factor
    assert factor is not None, "the catalogue gives a factor to every model of this machine"
    return {"factor": float(factor)}


def _value(order: LocalOrder, field: str | None) -> Any:
    """What the order's input says in a field that its model may not have."""
    return order.input.get(field) if field else None
