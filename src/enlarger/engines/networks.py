"""The networks the local engines know, each as a frozen descriptor, and the interface to run one.

The numbers were measured with OpenVINO 2026.4: how far beside a cut the output still changes (`context`), and what one
pixel of a tile costs in memory (`bytes_per_pixel`, over `base_bytes` for the weights and the runtime).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from enlarger.engines.weights.files import WeightsFile
from enlarger.engines.weights.packages import REAL_ESRGAN, SPAN
from enlarger.errors import EngineOutOfMemory, EngineUnavailable

Pixels = NDArray[np.float32]
"""A picture or a tile of one: height x width x 3, RGB, 0 to 1."""

Samples = NDArray[np.unsignedinteger[Any]]
"""Pixels as files have them: 8 or 16 bits a sample."""


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
    tile_limit: int
    """The longest side of a tile, in input pixels: larger ones save little and cost memory."""
    base_bytes: int
    bytes_per_pixel: int
    second_pass: str
    """The network that doubles this one's output when a factor of 8 is asked for."""

    def memory(self, tile: int) -> int:
        """The bytes that a square tile of `tile` input pixels a side needs."""
        return self.base_bytes + self.bytes_per_pixel * tile * tile


class Network(Protocol):
    """A network that is loaded and can run: one interface for every engine."""

    spec: NetworkSpec
    scale: int
    """Output pixels for one input pixel, in each direction."""

    def __call__(self, tile: Pixels) -> Pixels:
        """Enlarge a tile; its output is not clipped to 0..1."""
        ...


def _specs(*specs: NetworkSpec) -> Mapping[str, NetworkSpec]:
    return MappingProxyType({spec.name: spec for spec in specs})


_MIB = 1 << 20

NETWORKS = _specs(
    NetworkSpec(
        name="real-esrgan-x4plus",
        weights=WeightsFile(REAL_ESRGAN, "REALESRGAN_X4PLUS_UP4X", "realesrgan-x4plus"),
        context=32,
        feather=16,
        tile_limit=512,
        base_bytes=400 * _MIB,
        bytes_per_pixel=12_000,
        second_pass="real-esrgan-fast",
    ),
    NetworkSpec(
        name="real-esrgan-x4plus-anime",
        weights=WeightsFile(REAL_ESRGAN, "REALESRGAN_X4PLUSANIME_UP4X", "realesrgan-x4plus-anime"),
        context=24,
        feather=16,
        tile_limit=512,
        base_bytes=300 * _MIB,
        bytes_per_pixel=12_000,
        second_pass="real-esrgan-fast",
    ),
    NetworkSpec(
        name="real-esrgan-fast",
        weights=WeightsFile(REAL_ESRGAN, "REALESRGAN_ANIMAVIDEOV3_UP4X", "realesr-animevideov3-x4"),
        context=12,
        feather=8,
        tile_limit=512,
        base_bytes=250 * _MIB,
        bytes_per_pixel=2_000,
        second_pass="real-esrgan-fast",
    ),
    NetworkSpec(
        name="span-x4",
        # Not SPAN's network for 2 times: its values run away, to 19 dB from Lanczos on a drawing of discs.
        weights=WeightsFile(SPAN, "spanx4_ch48"),
        context=12,
        feather=8,
        tile_limit=512,
        base_bytes=250 * _MIB,
        bytes_per_pixel=4_000,
        second_pass="span-x4",
    ),
)


def network_spec(name: str) -> NetworkSpec:
    """The descriptor of the network `name`; raises EngineUnavailable when there is none."""
    try:
        return NETWORKS[name]
    except KeyError:
        raise EngineUnavailable(f"There is no network {name!r}; this version has {', '.join(NETWORKS)}.") from None


def out_of_memory(tile: Pixels) -> EngineOutOfMemory:
    """The error of an engine that has too little memory for a tile."""
    height, width = tile.shape[:2]
    return EngineOutOfMemory(
        f"The engine ran out of memory on a tile of {width}x{height} pixels: free memory on this machine,"
        " or lower ENLARGER_ENGINE_MEMORY so that it works in smaller tiles."
    )
