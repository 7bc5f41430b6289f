"""What the layers of an ncnn network mean, for the backends that compute them with other libraries.

Numbers: https://github.com/Tencent/ncnn/wiki/operators. Every function raises NetworkUnsupported for a kind of layer
that is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from enlarger.engines.ncnn.format import Layer, WeightReader, Weights
from enlarger.errors import NetworkUnsupported

Activation = Literal["none", "relu", "leaky relu", "sigmoid"]
_ACTIVATIONS: dict[int, Activation] = {0: "none", 1: "relu", 2: "leaky relu", 4: "sigmoid"}
"""By ncnn's `activation_type`, of layers whose output goes through a function."""
_USUAL_CONVOLUTION = {2: 1, 5: 1, 8: 0, 12: 1, 18: 0}
"""The parameters of a convolution that are known in one value only: dilation, bias, int8, dilation in height, and the
value beyond the border."""
_OUTPUT_PADDING, _OUTPUT_SIZE = 18, 20
"""Parameters of a deconvolution alone."""
_OTHER_INPUT = -233
"""ncnn's value for what is taken from a layer's second input."""
_NEAREST = 1
"""ncnn's `resize_type` for nearest-neighbour interpolation."""
_ROWS_AND_COLUMNS = (-2, -1)
"""The axes of a `Crop`, from the last one."""
_SUM = 1
"""ncnn's `op_type` of an Eltwise that adds."""
_AVERAGE = 1
"""ncnn's `pooling_type` for means."""

Operation = Literal["add", "subtract", "multiply"]
_OPERATIONS: dict[int, Operation] = {0: "add", 1: "subtract", 2: "multiply"}
"""By ncnn's `op_type` of a BinaryOp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Convolution:
    """A convolution by square kernels, or its transpose."""

    kernels: Weights
    """Outputs x inputs x height x width."""
    bias: NDArray[np.float32]
    stride: int = 1
    padding: int = 0
    """Zeros at every side."""
    activation: Activation = "none"
    """What its output goes through."""
    slope: float = 0.0
    """Of a leaky ReLU."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A part of a layer's input, by its row and column."""

    first: tuple[int, int]
    last: tuple[int, int] | None
    """Where it ends, from the end where that is negative; None if it is as large as the layer's second input."""


def unknown(layer: Layer) -> NetworkUnsupported:
    """The error for a layer whose kind is known, and that is of a kind that is not."""
    return NetworkUnsupported(f"The layer {layer.name} is a {layer.kind} of a kind that is not known here.")


def read_convolution(layer: Layer, weights: WeightReader) -> Convolution:
    """A `Convolution` or a `Deconvolution`, with its weights."""
    outputs, kernel = (int(layer.scalars[key]) for key in (0, 1))
    stride, padding = int(layer.scalars.get(3, 1)), int(layer.scalars.get(4, 0))
    square = {11: kernel, 13: stride, 14: padding, 15: padding, 16: padding}
    usual = {**_USUAL_CONVOLUTION, **square}
    if any(layer.scalars.get(key, usual[key]) != usual[key] for key in usual):
        raise unknown(layer)
    if layer.kind == "Deconvolution" and any(layer.scalars.get(key, 0) for key in (_OUTPUT_PADDING, _OUTPUT_SIZE)):
        raise unknown(layer)
    activation, slope = _read_activation(layer)
    return Convolution(
        kernels=weights.weights(int(layer.scalars[6])).reshape(outputs, -1, kernel, kernel),
        bias=weights.floats(outputs),
        stride=stride,
        padding=padding,
        activation=activation,
        slope=slope,
    )


def read_connection(layer: Layer, weights: WeightReader) -> Convolution:
    """An `InnerProduct` of a single pixel's channels, which is a convolution by kernels of 1 x 1."""
    outputs = int(layer.scalars[0])
    if layer.scalars.get(1) != 1 or layer.scalars.get(8, 0):
        raise unknown(layer)
    activation, slope = _read_activation(layer)
    return Convolution(
        kernels=weights.weights(int(layer.scalars[2])).reshape(outputs, -1, 1, 1),
        bias=weights.floats(outputs),
        activation=activation,
        slope=slope,
    )


def read_operation(layer: Layer) -> Operation:
    """What a `BinaryOp` does."""
    operation = _OPERATIONS.get(int(layer.scalars.get(0, 0)))
    if operation is None:
        raise unknown(layer)
    return operation


def read_sum(layer: Layer) -> tuple[float, ...]:
    """What each input of an `Eltwise` is multiplied by before they are added up."""
    if layer.scalars.get(0) != _SUM:
        raise unknown(layer)
    return layer.arrays.get(1) or (1.0,) * len(layer.inputs)


def read_resize(layer: Layer) -> tuple[float, float]:
    """How many times an `Interp` enlarges, in height and in width, by repeating pixels."""
    if int(layer.scalars[0]) != _NEAREST or layer.scalars.get(3, 0) or layer.scalars.get(4, 0):
        raise unknown(layer)  # another filter, or sizes instead of factors
    return float(layer.scalars[1]), float(layer.scalars[2])


def read_shuffle(layer: Layer) -> int:
    """How many times a `PixelShuffle` enlarges."""
    if layer.scalars.get(1, 0):
        raise unknown(layer)  # channels in another order
    return int(layer.scalars[0])


def read_shape(layer: Layer) -> tuple[int, int, int]:
    """The channels, the height and the width of a `MemoryData`."""
    channels, height, width = (int(layer.scalars.get(key, 1)) for key in (2, 1, 0))
    return channels, height, width


def read_crop(layer: Layer) -> Crop:
    """What a `Crop` leaves."""
    if len(layer.inputs) == 2 and not layer.scalars.keys() - {0, 1}:
        return Crop(first=(int(layer.scalars.get(1, 0)), int(layer.scalars.get(0, 0))), last=None)
    if len(layer.inputs) == 1 and not layer.scalars and layer.arrays.get(11) == _ROWS_AND_COLUMNS:
        (top, left), (bottom, right) = (tuple(map(int, layer.arrays[key])) for key in (9, 10))
        return Crop(first=(top, left), last=(bottom, right))
    raise unknown(layer)


def check_concat(layer: Layer) -> None:
    """A `Concat` puts channels after channels, or is not known."""
    if layer.scalars.get(0, 0):
        raise unknown(layer)


def check_pooling(layer: Layer) -> None:
    """A `Pooling` is the mean over the whole picture, or is not known."""
    if layer.scalars.get(0) != _AVERAGE or layer.scalars.get(4) != 1:
        raise unknown(layer)


def check_scale(layer: Layer) -> None:
    """A `Scale` multiplies its first input by its second, or is not known."""
    if layer.scalars.get(0) != _OTHER_INPUT or layer.scalars.get(1, 0):
        raise unknown(layer)


def _read_activation(layer: Layer) -> tuple[Activation, float]:
    activation = _ACTIVATIONS.get(int(layer.scalars.get(9, 0)))
    if activation is None:
        raise unknown(layer)
    return activation, float(layer.arrays[10][0]) if activation == "leaky relu" else 0.0
