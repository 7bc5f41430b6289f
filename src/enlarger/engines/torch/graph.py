"""Runs an ncnn network's layers with PyTorch, one after the other; what no later layer reads is let go at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from operator import add, mul, sub

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from enlarger.engines.ncnn.format import Layer, WeightReader, Weights
from enlarger.engines.ncnn.layers import (
    Activation,
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
from enlarger.errors import NetworkUnsupported

_OPERATIONS = {"add": add, "subtract": sub, "multiply": mul}

ToDevice = Callable[[np.ndarray], Tensor]
_Run = Callable[..., Tensor]


class Graph:
    """A network as a list of steps: called with NCHW planes, it returns NCHW planes."""

    def __init__(
        self,
        layers: Sequence[Layer],
        weights: WeightReader,
        *,
        to_device: ToDevice,
        layout: torch.memory_format = torch.contiguous_format,
    ) -> None:
        """Raises NetworkUnsupported when the network has a layer that is not known here."""
        self._to_device = to_device
        self._layout = layout
        self._weights = weights
        self._input, self._output = layers[0].outputs[0], layers[-1].outputs[0]
        self._steps = [(layer, self._build(layer)) for layer in layers if layer.kind != "Input"]
        weights.finish()
        last = {blob: layer.name for layer in layers for blob in layer.inputs}
        self._unused_after = {
            layer.name: [blob for blob in {*layer.inputs} if last[blob] == layer.name] for layer in layers
        }

    def __call__(self, planes: Tensor) -> Tensor:
        """Run all layers."""
        blobs = {self._input: planes}
        for layer, run in self._steps:
            made = run(*(blobs[blob] for blob in layer.inputs))
            for blob in self._unused_after[layer.name]:
                del blobs[blob]
            blobs.update(dict.fromkeys(layer.outputs, made))
            del made
        return blobs[self._output]

    def _build(self, layer: Layer) -> _Run:
        try:
            build: Callable[[Layer], _Run] = getattr(self, f"_{layer.kind.lower()}")
        except AttributeError:
            raise NetworkUnsupported(f"The layer {layer.name} is a {layer.kind}, which is not known here.") from None
        return build(layer)

    def _split(self, _: Layer) -> _Run:
        return lambda blob: blob

    def _concat(self, layer: Layer) -> _Run:
        check_concat(layer)
        return lambda *blobs: torch.cat(blobs, 1)

    def _convolution(self, layer: Layer) -> _Run:
        found = read_convolution(layer, self._weights)
        return self._convolved(found, functional.conv2d, found.kernels)

    def _deconvolution(self, layer: Layer) -> _Run:
        found = read_convolution(layer, self._weights)
        return self._convolved(found, functional.conv_transpose2d, found.kernels.swapaxes(0, 1))

    def _innerproduct(self, layer: Layer) -> _Run:
        found = read_connection(layer, self._weights)
        return self._convolved(found, functional.conv2d, found.kernels)

    def _convolved(self, found: Convolution, convolve: _Run, kernels: Weights) -> _Run:
        operand = self._to_device(kernels.copy()).contiguous(memory_format=self._layout)
        bias = self._to_device(found.bias.copy())
        stride, padding = found.stride, found.padding
        activate = _activation(found)
        return lambda blob: activate(convolve(blob, operand, bias, stride=stride, padding=padding))

    def _pooling(self, layer: Layer) -> _Run:
        check_pooling(layer)
        return lambda blob: blob.mean((2, 3), keepdim=True)

    def _scale(self, layer: Layer) -> _Run:
        check_scale(layer)
        return mul

    def _crop(self, layer: Layer) -> _Run:
        found = read_crop(layer)
        top, left = found.first
        if found.last is None:
            return lambda blob, like: blob[..., top : top + like.shape[2], left : left + like.shape[3]]
        bottom, right = found.last
        return lambda blob: blob[..., top:bottom, left:right]

    def _prelu(self, layer: Layer) -> _Run:
        slopes = self._to_device(self._weights.floats(int(layer.scalars[0])).copy())
        return lambda blob: functional.prelu(blob, slopes)

    def _eltwise(self, layer: Layer) -> _Run:
        first, second = read_sum(layer)
        return lambda one, other: torch.add(one * first if first != 1 else one, other, alpha=second)

    def _binaryop(self, layer: Layer) -> _Run:
        operation = _OPERATIONS[read_operation(layer)]
        if layer.scalars.get(1):
            number = float(layer.scalars[2])
            return lambda blob: operation(blob, number)
        return operation

    def _memorydata(self, layer: Layer) -> _Run:
        shape = read_shape(layer)
        values = self._to_device(self._weights.floats(math.prod(shape)).reshape(1, *shape).copy())
        return lambda: values

    def _sigmoid(self, _: Layer) -> _Run:
        run: _Run = torch.sigmoid
        return run

    def _swish(self, _: Layer) -> _Run:
        run: _Run = functional.silu
        return run

    def _pixelshuffle(self, layer: Layer) -> _Run:
        times = read_shuffle(layer)
        return lambda blob: functional.pixel_shuffle(blob, times)

    def _interp(self, layer: Layer) -> _Run:
        times = read_resize(layer)
        return lambda blob: functional.interpolate(blob, scale_factor=times, mode="nearest")


def _activation(found: Convolution) -> _Run:
    """What is done to a convolution's output, in place."""
    slope = found.slope
    activations: dict[Activation, _Run] = {
        "none": lambda blob: blob,
        "relu": functional.relu_,
        "leaky relu": lambda blob: functional.leaky_relu_(blob, slope),
        "sigmoid": torch.sigmoid_,
    }
    return activations[found.activation]
