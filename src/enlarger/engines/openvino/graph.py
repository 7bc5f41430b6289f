"""Turns an ncnn network into an OpenVINO graph that computes the same numbers, faster.

One thing differs from a literal translation: a convolution over a concatenation is written as a sum of convolutions
over its parts, which spares the dense blocks of Real-ESRGAN their copies (measured: 1.1 times faster).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from enlarger.engines.ncnn.format import Layer, WeightReader, Weights
from enlarger.engines.openvino.quiet import ops, ov
from enlarger.engines.reducing import lanczos_taps
from enlarger.errors import NetworkUnsupported

_LEAKY_RELU = 2
"""ncnn's `activation_type` of a convolution whose output goes through a leaky ReLU."""
_USUAL_CONVOLUTION = {2: 1, 3: 1, 5: 1, 8: 0, 12: 1, 13: 1, 18: 0}
"""The parameters of a convolution that are known in one value only: dilation, stride, bias, int8, dilation and stride
in height, and the value beyond the border."""
_NEAREST = 1
"""ncnn's `resize_type` for nearest-neighbour interpolation."""
_SUM = 1
"""ncnn's `op_type` of an Eltwise that adds."""
_BINARY_OPERATIONS = {0: ops.add, 1: ops.subtract, 2: ops.multiply}
"""By ncnn's `op_type` of a BinaryOp."""

_Node: TypeAlias = Any
"""An `ov.Output`; OpenVINO's Python names carry no types."""
_Blob = tuple[_Node, ...]
"""A blob as the parts of which it is the concatenation, along its channels; mostly one part."""


Ranges = Mapping[str, tuple[float, float]]
"""The least and the greatest value that a layer's output has, by the layer's name."""
_NO_RANGES: Ranges = MappingProxyType({})


def build_graph(layers: Sequence[Layer], weights: WeightReader, *, name: str, ranges: Ranges = _NO_RANGES) -> ov.Model:
    """The OpenVINO model of `layers`: NHWC float32 in, NHWC float32 out, any height and width.

    Convolutions whose inputs have `ranges` compute in 8-bit integers.
    Raises NetworkUnsupported when the network has a layer that is not known here.
    """
    builder = _Builder(weights, ranges)
    for layer in layers:
        builder.add(layer)
    weights.finish()
    return _channels_last(ov.Model([builder.single(layers[-1].outputs[0])], [builder.image], name))


def build_reducer(factor: int) -> ov.Model:
    """A model that divides a picture's size by `factor` with a Lanczos filter: NHWC float32 in and out."""
    image = ops.parameter([1, 3, -1, -1], np.float32, "image")
    taps = lanczos_taps(factor)
    before = (len(taps) - factor) // 2
    pads = ops.constant(np.array([0, 0, before, before], np.int64))
    node = ops.pad(image, pads, pads, "edge")
    for shape, strides in (((1, -1), [1, factor]), ((-1, 1), [factor, 1])):
        kernel = taps.reshape(shape)
        kernels = np.broadcast_to(kernel, (3, 1, 1, *kernel.shape))
        node = ops.group_convolution(node, _constant(kernels), strides, [0, 0], [0, 0], [1, 1])
    return _channels_last(ov.Model([node.output(0)], [image], f"lanczos-{factor}"))


def _channels_last(model: ov.Model) -> ov.Model:
    layouts = ov.preprocess.PrePostProcessor(model)
    layouts.input().tensor().set_layout(ov.Layout("NHWC"))
    layouts.input().model().set_layout(ov.Layout("NCHW"))
    layouts.output().model().set_layout(ov.Layout("NCHW"))
    layouts.output().tensor().set_layout(ov.Layout("NHWC"))
    return layouts.build()


class _Builder:
    def __init__(self, weights: WeightReader, ranges: Ranges) -> None:
        self.image = ops.parameter([1, 3, -1, -1], np.float32, "image")
        self._weights = weights
        self._ranges = ranges
        self._blobs: dict[str, _Blob] = {}
        self._quantized: dict[str, _Node] = {}

    def add(self, layer: Layer) -> None:
        try:
            make = getattr(self, f"_{layer.kind.lower()}")
        except AttributeError:
            raise NetworkUnsupported(f"The layer {layer.name} is a {layer.kind}, which is not known here.") from None
        blob: _Blob = make(layer)
        if layer.kind not in ("Split", "Concat"):
            blob[0].get_node().set_friendly_name(layer.name)
        for output in layer.outputs:
            self._blobs[output] = blob

    def single(self, blob: str) -> _Node:
        parts = self._blobs[blob]
        return parts[0] if len(parts) == 1 else ops.concat(list(parts), 1).output(0)

    def _input(self, _: Layer) -> _Blob:
        return (self.image.output(0),)

    def _split(self, layer: Layer) -> _Blob:
        return self._blobs[layer.inputs[0]]

    def _concat(self, layer: Layer) -> _Blob:
        _require(layer, {0: 0})
        return tuple(part for blob in layer.inputs for part in self._blobs[blob])

    def _convolution(self, layer: Layer) -> _Blob:
        outputs, kernel = (int(layer.scalars[key]) for key in (0, 1))
        padding = int(layer.scalars.get(4, 0))
        activation = layer.scalars.get(9, 0)
        usual = {**_USUAL_CONVOLUTION, 11: kernel, 14: padding, 15: padding, 16: padding}
        if activation not in (0, _LEAKY_RELU) or any(layer.scalars.get(key, usual[key]) != usual[key] for key in usual):
            raise NetworkUnsupported(f"The layer {layer.name} is a Convolution of a kind that is not known here.")
        weights = self._weights.weights(int(layer.scalars[6])).reshape(outputs, -1, kernel, kernel)
        bias = self._weights.floats(outputs).reshape(1, -1, 1, 1)
        total: _Node = _constant(bias)
        start = 0
        for part in self._blobs[layer.inputs[0]]:
            stop = start + part.get_partial_shape()[1].get_length()
            sides = [padding, padding]
            data, kernels = self._operands(part, weights[:, start:stop])
            product = ops.convolution(data, kernels, [1, 1], sides, sides, [1, 1])
            total = ops.add(product, total).output(0)
            start = stop
        if activation == _LEAKY_RELU:
            total = ops.prelu(total, _constant(_floats(*layer.arrays[10][:1]))).output(0)
        return (total,)

    def _operands(self, part: _Node, kernels: Weights) -> tuple[_Node, _Node]:
        """What a convolution multiplies: floats, or values of 256 levels and weights of 255, which fit into 8 bits."""
        name = part.get_node().get_friendly_name()
        if name not in self._ranges:
            return part, _constant(kernels)
        if name not in self._quantized:
            self._quantized[name] = _round_to(part, 256, *map(_floats, self._ranges[name]))
        largest = np.abs(kernels.astype(np.float32)).max(axis=(1, 2, 3), keepdims=True)
        return self._quantized[name], _round_to(_constant(kernels), 255, -largest, largest)

    def _prelu(self, layer: Layer) -> _Blob:
        slopes = self._weights.floats(int(layer.scalars[0]))
        return (ops.prelu(self.single(layer.inputs[0]), _constant(slopes)).output(0),)

    def _eltwise(self, layer: Layer) -> _Blob:
        _require(layer, {0: _SUM})
        factors = layer.arrays.get(1) or (1.0, 1.0)
        first, second = (self._scaled(blob, factor) for blob, factor in zip(layer.inputs, factors, strict=True))
        return (ops.add(first, second).output(0),)

    def _scaled(self, blob: str, factor: float) -> _Node:
        value = self.single(blob)
        return value if factor == 1.0 else ops.multiply(value, _constant(_floats(factor))).output(0)

    def _binaryop(self, layer: Layer) -> _Blob:
        operation = _BINARY_OPERATIONS.get(int(layer.scalars.get(0, 0)))
        if operation is None:
            raise NetworkUnsupported(f"The layer {layer.name} is a BinaryOp that is not known here.")
        second = _constant(_floats(layer.scalars[2])) if layer.scalars.get(1) else self.single(layer.inputs[1])
        return (operation(self.single(layer.inputs[0]), second).output(0),)

    def _memorydata(self, layer: Layer) -> _Blob:
        shape = [int(layer.scalars.get(key, 1)) for key in (2, 1, 0)]  # channels, height, width
        return (_constant(self._weights.floats(math.prod(shape)).reshape(1, *shape)),)

    def _sigmoid(self, layer: Layer) -> _Blob:
        return (ops.sigmoid(self.single(layer.inputs[0])).output(0),)

    def _swish(self, layer: Layer) -> _Blob:
        return (ops.swish(self.single(layer.inputs[0])).output(0),)

    def _pixelshuffle(self, layer: Layer) -> _Blob:
        _require(layer, {1: 0})
        value = self.single(layer.inputs[0])
        return (ops.depth_to_space(value, "depth_first", int(layer.scalars[0])).output(0),)

    def _interp(self, layer: Layer) -> _Blob:
        if int(layer.scalars[0]) != _NEAREST:
            raise NetworkUnsupported(
                f"The layer {layer.name} is not a nearest-neighbour resize, the only one known here."
            )
        _require(layer, {3: 0, 4: 0})  # sizes instead of factors
        node = ops.interpolate(
            self.single(layer.inputs[0]),
            _constant(_floats(layer.scalars[2], layer.scalars[1])),
            "nearest",
            "scales",
            axes=ops.constant(np.array([2, 3], np.int64)),
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )
        return (node.output(0),)


def _require(layer: Layer, wanted: Mapping[int, int]) -> None:
    """Raise NetworkUnsupported for a layer with other parameters than these; ncnn's default of each is 0."""
    if any(layer.scalars.get(key, 0) != value for key, value in wanted.items()):
        raise NetworkUnsupported(f"The layer {layer.name} is a {layer.kind} of a kind that is not known here.")


def _round_to(node: _Node, levels: int, low: NDArray[np.float32], high: NDArray[np.float32]) -> _Node:
    ends = (_constant(low), _constant(high))
    return ops.fake_quantize(node, *ends, *ends, levels).output(0)


def _floats(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def _constant(values: Weights) -> _Node:
    """A 32-bit constant; 16-bit weights stay 16 bits wide in the stored graph."""
    node = ops.constant(np.ascontiguousarray(values))
    return (ops.convert(node, "f32") if values.dtype == np.float16 else node).output(0)
