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
from enlarger.engines.ncnn.layers import (
    Convolution,
    check_concat,
    check_pooling,
    check_scale,
    read_connection,
    read_convolution,
    read_crop,
    read_operation,
    read_resize,
    read_shape,
    read_shuffle,
    read_sum,
)
from enlarger.engines.openvino.quiet import ops, ov
from enlarger.engines.reducing import lanczos_taps
from enlarger.errors import NetworkUnsupported

_OPERATIONS = {"add": ops.add, "subtract": ops.subtract, "multiply": ops.multiply}

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
        check_concat(layer)
        return tuple(part for blob in layer.inputs for part in self._blobs[blob])

    def _convolution(self, layer: Layer) -> _Blob:
        found = read_convolution(layer, self._weights)
        strides, sides = [found.stride] * 2, [found.padding] * 2
        total = _bias(found)
        start = 0
        for part in self._blobs[layer.inputs[0]]:
            stop = start + part.get_partial_shape()[1].get_length()
            data, kernels = self._operands(part, found.kernels[:, start:stop])
            product = ops.convolution(data, kernels, strides, sides, sides, [1, 1])
            total = ops.add(product, total).output(0)
            start = stop
        return (_activated(found, total),)

    def _deconvolution(self, layer: Layer) -> _Blob:
        found = read_convolution(layer, self._weights)
        product = ops.convolution_backprop_data(
            self.single(layer.inputs[0]),
            _constant(found.kernels.swapaxes(0, 1)),
            [found.stride] * 2,
            pads_begin=[found.padding] * 2,
            pads_end=[found.padding] * 2,
            dilations=[1, 1],
        )
        return (_activated(found, ops.add(product, _bias(found)).output(0)),)

    def _innerproduct(self, layer: Layer) -> _Blob:
        found = read_connection(layer, self._weights)
        sides = [0, 0]
        value = self.single(layer.inputs[0])
        product = ops.convolution(value, _constant(found.kernels), [1, 1], sides, sides, [1, 1])
        return (_activated(found, ops.add(product, _bias(found)).output(0)),)

    def _pooling(self, layer: Layer) -> _Blob:
        check_pooling(layer)
        return (ops.reduce_mean(self.single(layer.inputs[0]), _integers(2, 3), keep_dims=True).output(0),)

    def _scale(self, layer: Layer) -> _Blob:
        check_scale(layer)
        value, factors = map(self.single, layer.inputs)
        return (ops.multiply(value, factors).output(0),)

    def _crop(self, layer: Layer) -> _Blob:
        found = read_crop(layer)
        value, *like = map(self.single, layer.inputs)
        first, axes = _integers(*found.first), _integers(2, 3)
        if found.last is None:
            last = ops.add(first, ops.gather(ops.shape_of(like[0], "i64"), axes, ops.constant(np.int64(0))))
        else:
            last = _integers(*found.last)
        return (ops.slice(value, first, last, _integers(1, 1), axes).output(0),)

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
        factors = read_sum(layer)
        first, second = (self._scaled(blob, factor) for blob, factor in zip(layer.inputs, factors, strict=True))
        return (ops.add(first, second).output(0),)

    def _scaled(self, blob: str, factor: float) -> _Node:
        value = self.single(blob)
        return value if factor == 1.0 else ops.multiply(value, _constant(_floats(factor))).output(0)

    def _binaryop(self, layer: Layer) -> _Blob:
        operation = _OPERATIONS[read_operation(layer)]
        second = _constant(_floats(layer.scalars[2])) if layer.scalars.get(1) else self.single(layer.inputs[1])
        return (operation(self.single(layer.inputs[0]), second).output(0),)

    def _memorydata(self, layer: Layer) -> _Blob:
        shape = read_shape(layer)
        return (_constant(self._weights.floats(math.prod(shape)).reshape(1, *shape)),)

    def _sigmoid(self, layer: Layer) -> _Blob:
        return (ops.sigmoid(self.single(layer.inputs[0])).output(0),)

    def _swish(self, layer: Layer) -> _Blob:
        return (ops.swish(self.single(layer.inputs[0])).output(0),)

    def _pixelshuffle(self, layer: Layer) -> _Blob:
        value = self.single(layer.inputs[0])
        return (ops.depth_to_space(value, "depth_first", read_shuffle(layer)).output(0),)

    def _interp(self, layer: Layer) -> _Blob:
        node = ops.interpolate(
            self.single(layer.inputs[0]),
            _constant(_floats(*read_resize(layer))),
            "nearest",
            "scales",
            axes=_integers(2, 3),
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )
        return (node.output(0),)


def _bias(found: Convolution) -> _Node:
    return _constant(found.bias.reshape(1, -1, 1, 1))


def _activated(found: Convolution, node: _Node) -> _Node:
    match found.activation:
        case "none":
            return node
        case "relu":
            return ops.relu(node).output(0)
        case "leaky relu":
            return ops.prelu(node, _constant(_floats(found.slope))).output(0)
        case "sigmoid":
            return ops.sigmoid(node).output(0)


def _round_to(node: _Node, levels: int, low: NDArray[np.float32], high: NDArray[np.float32]) -> _Node:
    ends = (_constant(low), _constant(high))
    return ops.fake_quantize(node, *ends, *ends, levels).output(0)


def _integers(*values: float) -> _Node:
    return ops.constant(np.array(values, np.int64))


def _floats(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def _constant(values: Weights) -> _Node:
    """A 32-bit constant; 16-bit weights stay 16 bits wide in the stored graph."""
    node = ops.constant(np.ascontiguousarray(values))
    return (ops.convert(node, "f32") if values.dtype == np.float16 else node).output(0)
