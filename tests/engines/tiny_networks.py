"""Small networks in ncnn's format, made for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enlarger.engines.weights.files import Weights

Array = NDArray[np.float32]
Layer = tuple[str, Sequence[Array]]
"""Its kind with its parameters, and its weights and bias."""
_FLOAT32 = np.uint32(0).tobytes()


def write_network(folder: Path, layers: Sequence[Layer], name: str = "tiny") -> Weights:
    """Write a chain of layers, each its kind with its parameters, and its weights and bias."""
    lines = ["7767517", f"{len(layers) + 1} {len(layers) + 1}", "Input in 0 1 blob0"]
    data = b""
    for index, (layer, arrays) in enumerate(layers):
        kind, _, parameters = layer.partition(" ")
        lines.append(f"{kind} layer{index} 1 1 blob{index} blob{index + 1} {parameters}".rstrip())
        for place, array in enumerate(arrays):
            data += (b"" if place else _FLOAT32) + array.astype("<f4").tobytes()
    weights = Weights(folder / f"{name}.param", folder / f"{name}.bin")
    weights.param.write_text("\n".join(lines) + "\n")
    weights.bin.write_bytes(data)
    return weights


def convolution(kernels: Array, *, stride: int = 1, pad: int = 0) -> Layer:
    """A convolution by kernels of output x input x height x width, without a bias."""
    outputs, _, side, _ = kernels.shape
    return f"Convolution 0={outputs} 1={side} 3={stride} 4={pad} 5=1 6={kernels.size}", [kernels, _zeros(outputs)]


def deconvolution(kernels: Array, *, stride: int) -> Layer:
    """Its opposite, by kernels in the same order."""
    outputs, _, side, _ = kernels.shape
    return f"Deconvolution 0={outputs} 1={side} 3={stride} 5=1 6={kernels.size}", [kernels, _zeros(outputs)]


def keeping(side: int) -> Array:
    """Kernels of `side` x `side` that keep the three colours of the pixel in their middle."""
    kernels = np.zeros((3, 3, side, side), np.float32)
    kernels[range(3), range(3), side // 2, side // 2] = 1
    return kernels


def repeating(times: int) -> Array:
    """Kernels that repeat each pixel."""
    return np.ones((1, 1, times, times), np.float32) * np.eye(3, dtype=np.float32)[:, :, None, None]


def halving() -> tuple[Array, Array]:
    """Kernels that sort each 2 x 2 pixels into 12 channels, and those that put them back."""
    there = np.zeros((12, 3, 2, 2), np.float32)
    for channel in range(12):
        there[channel, channel // 4, channel % 4 // 2, channel % 2] = 1
    return there, np.ascontiguousarray(there.transpose(1, 0, 2, 3))


def _zeros(count: int) -> Array:
    return np.zeros(count, np.float32)
