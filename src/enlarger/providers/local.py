"""The engine of this machine as a provider."""

from __future__ import annotations

import asyncio
import shutil
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from enlarger.engines.messages import Order as EngineOrder
from enlarger.engines.process import EngineProcess
from enlarger.engines.resources import available_memory
from enlarger.engines.weights import find_weights
from enlarger.errors import EngineUnavailable, ProviderSilent, ResultGone, RouteUnfit, SubmissionRefused
from enlarger.protocol.records import Made
from enlarger.protocol.webhook import Webhook
from enlarger.providers.base import Accepted, OnProgress, Order, Report, Submission, Traits
from enlarger.settings import Settings

_UNLIMITED_SIDE = 2**31
_LIBRARIES = ("numpy", "openvino", "pyvips")


class LocalProvider:
    """Runs models that have a local route; one picture at a time, from `submit` to its end.

    It keeps nothing: what was under way when a worker died is done once more by the next one.
    """

    name = "local"
    traits: Traits = Traits(hosted=False, lists=True)

    def __init__(self, settings: Settings, cache: Path) -> None:
        self._memory = settings.engine_bytes(available_memory())
        self._max_pixels = settings.max_pixels
        self._weights = settings.weights_dir
        self._engine = EngineProcess(
            cache=cache,
            weights=settings.weights_dir,
            memory=self._memory,
            order_seconds=settings.engine_timeout,
        )

    async def upload(self, path: Path, *, name: str, mime_type: str) -> str:
        """Raise ProviderSilent: an order's picture is a file already."""
        raise ProviderSilent("The engine of this machine takes no uploads: it reads the order's picture.")

    async def submit(self, order: Order, on_progress: OnProgress) -> Accepted | Report:
        """Enlarge the order's picture as its model's local route says, into the order's workspace.

        Raises RouteUnfit for a model without such a route, else PictureError, InvalidInput or EngineError.
        """
        route = order.model.routes.local
        if route is None:
            raise RouteUnfit(f"The model {order.model.id} does not run on this machine's own engine.")
        assert order.picture is not None, "an order for this machine has its picture"
        assert order.workspace is not None, "an order for this machine has a workspace"
        factor = int(order.input[route.factor_field]) if route.factor_field else route.factor
        assert factor is not None, f"the catalogue gives {order.model.id} no factor"
        target = str(order.workspace / "result")
        outcome = await self._engine.run(
            EngineOrder(
                source=str(order.picture),
                target=target,
                network=route.network,
                factor=factor,
                format=_value(order, route.format_field),
                quality=_value(order, route.quality_field),
                keep_hidden_colours=_value(order, route.hidden_colours_field) or False,
                memory=self._memory,
                max_pixels=self._max_pixels,
                max_side=order.model.max_side or _UNLIMITED_SIDE,
            ),
            on_progress,
        )
        made = Made(
            provider=self.name,
            engine=outcome.engine,
            network=outcome.network,
            width=outcome.width,
            height=outcome.height,
            source_width=outcome.source_width,
            source_height=outcome.source_height,
            seconds=round(outcome.seconds, 3),
        )
        return Report(
            provider_task_id=order.task_id,
            state="succeeded",
            progress=100,
            outputs=(target,),
            made=made,
            cost=Decimal(0),
            seconds=made.seconds,
        )

    async def look(self, submission: Submission) -> Report:
        """Raise ResultGone: what `submit` did not report is not there."""
        raise ResultGone("The engine of this machine keeps nothing of a task.")

    async def find(self, submission: Submission, *, taken: frozenset[str]) -> Accepted | None:
        """None: a task that `submit` did not report may be done again, at no cost."""
        return None

    async def read_webhook(self, webhook: Webhook, submission: Submission) -> Report | None:
        """None: the engine announces nothing."""
        return None

    def webhook_task_id(self, webhook: Webhook) -> str | None:
        """None: the engine announces nothing."""
        return None

    async def cancel(self, provider_task_id: str) -> None:
        """Do nothing: an error in `on_progress` stops the engine."""

    async def fetch(self, output: str, target: Path) -> None:
        """Copy a result out of its workspace. Raises ResultGone."""
        try:
            await asyncio.to_thread(shutil.copyfile, output, target)
        except FileNotFoundError:
            raise ResultGone("The engine's result is not in its workspace any longer.") from None

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
                find_weights(network.weights, self._weights)
        except EngineUnavailable as error:
            raise SubmissionRefused(str(error), reason="down") from None

    async def close(self) -> None:
        """End the engine's process."""
        await self._engine.close()


def _value(order: Order, field: str | None) -> Any:
    """What the order's input says in a field that its model may not have."""
    return order.input.get(field) if field else None
