"""What the layers of an ncnn network mean, for the backends that compute them with other libraries.

Numbers: https://github.com/Tencent/ncnn/wiki/operators.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from enlarger.engines.ncnn.format import Layer, WeightReader, Weights
from enlarger.errors import NetworkUnsupported

_LEAKY_RELU = 2
"""ncnn's `activation_type` of a convolution whose output goes through a leaky ReLU."""
_USUAL_CONVOLUTION = {2: 1, 3: 1, 5: 1, 8: 0, 12: 1, 13: 1, 18: 0}
"""The parameters of a convolution that are known in one value only: dilation, stride, bias, int8, dilation and stride
in height, and the value beyond the border."""
_NEAREST = 1
"""ncnn's `resize_type` for nearest-neighbour interpolation."""

Operation = Literal["add", "subtract", "multiply"]
_OPERATIONS: dict[int, Operation] = {0: "add", 1: "subtract", 2: "multiply"}
"""By ncnn's `op_type` of a BinaryOp."""


@dataclass(frozen=True, slots=True)
class Convolution:
    """A convolution with a stride of one."""

    kernels: Weights
    """Outputs x inputs x height x width."""
    bias: NDArray[np.float32]
    padding: int
    """Zeros at every side."""
    slope: float | None
    """Of the leaky ReLU that its output goes through, if it does."""


def read_convolution(layer: Layer, weights: WeightReader) -> Convolution:
    """A `Convolution` layer, with its weights. Raises NetworkUnsupported for a kind that is not known here."""
    outputs, kernel = (int(layer.scalars[key]) for key in (0, 1))
    padding = int(layer.scalars.get(4, 0))
    activation = layer.scalars.get(9, 0)
    usual = {**_USUAL_CONVOLUTION, 11: kernel, 14: padding, 15: padding, 16: padding}
    if activation not in (0, _LEAKY_RELU) or any(layer.scalars.get(key, usual[key]) != usual[key] for key in usual):
        raise NetworkUnsupported(f"The layer {layer.name} is a Convolution of a kind that is not known here.")
    return Convolution(
        kernels=weights.weights(int(layer.scalars[6])).reshape(outputs, -1, kernel, kernel),
        bias=weights.floats(outputs),
        padding=padding,
        slope=layer.arrays[10][0] if activation == _LEAKY_RELU else None,
    )


def read_operation(layer: Layer) -> Operation:
    """What a `BinaryOp` layer does. Raises NetworkUnsupported when that is not known here."""
    operation = _OPERATIONS.get(int(layer.scalars.get(0, 0)))
    if operation is None:
        raise NetworkUnsupported(f"The layer {layer.name} is a BinaryOp that is not known here.")
    return operation


def read_resize(layer: Layer) -> tuple[float, float]:
    """How many times an `Interp` layer enlarges, in height and in width, by repeating pixels.

    Raises NetworkUnsupported for any other filter.
    """
    if int(layer.scalars[0]) != _NEAREST:
        raise NetworkUnsupported(f"The layer {layer.name} is not a nearest-neighbour resize, the only one known here.")
    return float(layer.scalars[1]), float(layer.scalars[2])


def read_shape(layer: Layer) -> tuple[int, int, int]:
    """The channels, the height and the width of a `MemoryData` layer."""
    channels, height, width = (int(layer.scalars.get(key, 1)) for key in (2, 1, 0))
    return channels, height, width
