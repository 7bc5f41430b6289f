"""Networks whose convolutions do not pad: their output is smaller than the tile, and the tile's sides must fit.

The tile is continued beyond its sides by its mirror image, so that the output covers all of it.
"""

from __future__ import annotations

import numpy as np

from enlarger.engines.networks import Network, Pixels
from enlarger.engines.reducing import reduce
from enlarger.engines.spec import NetworkSpec


def padded(network: Network) -> Network:
    """The network with an output for every pixel of a tile of any size; as it is, if it has that."""
    spec = network.spec
    return PaddedNetwork(network) if spec.margin or spec.multiple > 1 or spec.residual else network


class PaddedNetwork:
    """A network that is given more than the tile, and of whose output the tile's part is kept."""

    def __init__(self, network: Network) -> None:
        """`network` is told by its spec what it is to be given."""
        self.spec: NetworkSpec = network.spec
        self.scale: int = network.scale
        self._network = network

    def __call__(self, tile: Pixels) -> Pixels:
        """Enlarge a tile."""
        height, width = tile.shape[:2]
        output = self._network(np.pad(tile, (self._beyond(height), self._beyond(width), (0, 0)), mode="reflect"))
        pixels = output[: height * self.scale, : width * self.scale]
        return pixels + self._repeat(tile) if self.spec.residual else pixels

    def _repeat(self, tile: Pixels) -> Pixels:
        native = self.spec.native_scale
        pixels: Pixels = tile.repeat(native, axis=0).repeat(native, axis=1)
        return pixels if self.scale == native else reduce(pixels, native // self.scale)

    def _beyond(self, side: int) -> tuple[int, int]:
        """The pixels to be added before and after a side."""
        margin = self.spec.margin
        return margin, margin + -(side + 2 * margin) % self.spec.multiple
