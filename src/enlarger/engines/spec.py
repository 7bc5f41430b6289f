"""What is known of a network, as a frozen descriptor. It can be told to another process, and needs no library."""

from __future__ import annotations

from dataclasses import dataclass

from enlarger.engines.weights.files import WeightsFile


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpec:
    """What a caller must know of a network to cut a picture into tiles for it."""

    name: str
    weights: WeightsFile
    native_scale: int = 4
    """How much it enlarges; smaller scales are reduced from that."""
    context: int
    """Input pixels beside a cut whose output is not to be trusted."""
    feather: int
    """Input pixels over which two tiles are blended."""
    margin: int = 0
    """Input pixels at every side that its convolutions use up: its output is that much smaller."""
    multiple: int = 1
    """What the sides of its input, margins included, and the place of a tile in the picture must be a multiple of."""
    residual: bool = False
    """Whether its output is what is to be added to the picture's pixels, repeated."""
    tile_limit: int
    """The longest side of a tile, in input pixels: larger ones save little and cost memory."""
    base_bytes: int
    bytes_per_pixel: int
    second_pass: str
    """The network that doubles this one's output when a factor beyond 4 is asked for."""
    fourfold_by: str = "real-esrgan-fast"
    """The network that enlarges this one's output 4 times when a factor beyond 8 is asked for.

    Doubling it twice would take five times as many pixels through a network.
    """

    layers_of: str | None = None
    """Another network with the same layers: what is measured of engines with one of them holds for both."""
    own: bool = False
    """Whether it is the user's own, of which nothing is known but what a trial found."""

    @property
    def measured_as(self) -> str:
        """The name under which measurements of engines are kept."""
        return self.layers_of or self.name

    def memory(self, tile: int) -> int:
        """The bytes that a square tile of `tile` input pixels a side needs."""
        return self.base_bytes + self.bytes_per_pixel * (tile + 2 * self.margin) ** 2
