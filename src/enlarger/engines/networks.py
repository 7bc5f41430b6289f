"""The networks the local engines know, each as a frozen descriptor, and the interface to run one.

The numbers were measured with OpenVINO 2026.4: how far beside a cut the output still changes (`context`), and what one
pixel of a tile costs in memory (`bytes_per_pixel`, over `base_bytes` for the weights and the runtime).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from enlarger.engines.spec import NetworkSpec
from enlarger.engines.weights.files import WeightsFile
from enlarger.engines.weights.packages import REAL_CUGAN, REAL_ESRGAN, SPAN, WAIFU2X
from enlarger.errors import EngineOutOfMemory, EngineUnavailable

Pixels = NDArray[np.float32]
"""A picture or a tile of one: height x width x 3, RGB, 0 to 1."""

Samples = NDArray[np.unsignedinteger[Any]]
"""Pixels as files have them: 8 or 16 bits a sample."""


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


def _real_cugan(
    scale: int, *, margin: int, multiple: int, levels: tuple[str, ...], bytes_per_pixel: int
) -> Iterator[NetworkSpec]:
    """Real-CUGAN for drawings, once for each level of denoising; its convolutions do not pad."""
    files = {"conservative": "_CONSERVATIVE", "0": "", **{level: f"_DENOISE{level}X" for level in "123"}}
    for level in levels:
        yield NetworkSpec(
            name=f"real-cugan-x{scale}-{level}",
            weights=WeightsFile(REAL_CUGAN, f"REALCUGAN_SE_UP{scale}X{files[level]}"),
            native_scale=scale,
            context=28,
            feather=16,
            margin=margin,
            multiple=multiple,
            residual=scale == 4,
            tile_limit=512,
            base_bytes=250 * _MIB,
            bytes_per_pixel=bytes_per_pixel,
            second_pass="real-cugan-x2-0",
            layers_of=f"real-cugan-x{scale}-{levels[0]}",
        )


def _waifu2x_photo() -> Iterator[NetworkSpec]:
    """waifu2x's small network for photos (UPCONV_7), once for each level of denoising."""
    for level in ("none", "0", "1", "2", "3"):
        suffix = "" if level == "none" else f"_DENOISE{level}X"
        yield NetworkSpec(
            name=f"waifu2x-photo-{level}",
            weights=WeightsFile(WAIFU2X, f"WAIFU2X_PHOTO_UP2X{suffix}"),
            native_scale=2,
            context=12,
            feather=8,
            margin=7,
            tile_limit=512,
            base_bytes=250 * _MIB,
            bytes_per_pixel=2_000,
            second_pass="waifu2x-photo-none",
            layers_of="waifu2x-photo-none",
        )


def _waifu2x_denoise() -> Iterator[NetworkSpec]:
    """waifu2x's network that only removes noise (CUNET), once for each level."""
    for level in "0123":
        yield NetworkSpec(
            name=f"waifu2x-denoise-{level}",
            weights=WeightsFile(WAIFU2X, f"WAIFU2X_CUNET_UP1X_DENOISE{level}X"),
            native_scale=1,
            context=36,
            feather=16,
            margin=28,
            multiple=4,
            tile_limit=512,
            base_bytes=250 * _MIB,
            bytes_per_pixel=2_000,
            second_pass="real-cugan-x2-0",
            layers_of="waifu2x-denoise-0",
        )


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
        fourfold_by="real-esrgan-fast",
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
        fourfold_by="real-esrgan-fast",
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
        fourfold_by="real-esrgan-fast",
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
        fourfold_by="span-x4",
    ),
    *_real_cugan(2, margin=18, multiple=2, levels=("conservative", "0", "1", "2", "3"), bytes_per_pixel=4_000),
    *_real_cugan(3, margin=14, multiple=4, levels=("conservative", "0", "3"), bytes_per_pixel=8_000),
    *_real_cugan(4, margin=19, multiple=2, levels=("conservative", "0", "3"), bytes_per_pixel=5_000),
    *_waifu2x_photo(),
    *_waifu2x_denoise(),
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
