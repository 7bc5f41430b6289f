"""The engine of this machine as a provider."""

from __future__ import annotations

from pathlib import Path

from enlarger.engines.formats import FORMATS
from enlarger.engines.messages import Order
from enlarger.engines.process import EngineProcess
from enlarger.engines.resources import available_memory
from enlarger.errors import EngineUnavailable
from enlarger.protocol.records import Made
from enlarger.providers.base import OnProgress, Product, Submission
from enlarger.settings import Settings

_UNLIMITED_SIDE = 2**31


class LocalProvider:
    """Runs models that have a local route; one picture at a time."""

    name = "local"

    def __init__(self, settings: Settings, cache: Path) -> None:
        self._memory = settings.engine_bytes(available_memory())
        self._max_pixels = settings.max_pixels
        self._engine = EngineProcess(
            cache=cache,
            weights=settings.weights_dir,
            memory=self._memory,
            order_seconds=settings.engine_timeout,
        )

    async def run(self, submission: Submission, on_progress: OnProgress) -> Product:
        """Enlarge the submission's picture as its model's local route says."""
        route = submission.model.routes.local
        if route is None:
            raise EngineUnavailable(f"The model {submission.model.id} does not run on this machine's own engine.")
        factor = int(submission.input[route.factor_field]) if route.factor_field else route.factor
        assert factor is not None, f"the catalogue gives {submission.model.id} no factor"
        order = Order(
            source=str(submission.picture),
            target=str(submission.workspace / "result"),
            network=route.network,
            factor=factor,
            format=submission.input.get(route.format_field) if route.format_field else None,
            memory=self._memory,
            max_pixels=self._max_pixels,
            max_side=submission.model.max_side or _UNLIMITED_SIDE,
        )
        outcome = await self._engine.run(order, on_progress)
        return Product(
            path=Path(order.target),
            mime_type=FORMATS[outcome.format].mime_type,
            made=Made(
                provider=self.name,
                engine=outcome.engine,
                network=outcome.network,
                width=outcome.width,
                height=outcome.height,
                source_width=outcome.source_width,
                source_height=outcome.source_height,
                seconds=round(outcome.seconds, 3),
            ),
        )

    async def close(self) -> None:
        """End the engine's process."""
        await self._engine.close()
