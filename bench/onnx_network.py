"""A network of ncnn's as an ONNX model, as a converter would write it, for ONNX Runtime to run beside ours."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import count

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from enlarger.engines.ncnn.format import Layer, WeightReader, read_layers
from enlarger.engines.ncnn.layers import (
    check_concat,
    read_convolution,
    read_operation,
    read_resize,
    read_shape,
    read_shuffle,
    read_sum,
)
from enlarger.engines.networks import Pixels
from enlarger.engines.weights.files import Weights
from enlarger.errors import NetworkUnsupported

_OPSET = 17
_OPERATIONS = {"add": "Add", "subtract": "Sub", "multiply": "Mul"}


def onnx_runtime(weights: Weights, threads: int) -> Callable[[Pixels], object]:
    """ONNX Runtime on the CPU with all of its graph optimisations, as they are by default.

    Raises NetworkUnsupported for a network with a layer that is not converted here.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    model = _Converter(WeightReader(weights.bin)).convert(read_layers(weights.param))
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def run(tile: Pixels) -> object:
        planes = np.ascontiguousarray(tile.transpose(2, 0, 1))[np.newaxis]
        return session.run(None, {"image": planes})[0]

    return run


class _Converter:
    def __init__(self, weights: WeightReader) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._numbers = count()

    def convert(self, layers: list[Layer]) -> onnx.ModelProto:
        for layer in layers:
            convert = getattr(self, f"_{layer.kind.lower()}", None)
            if convert is None:
                raise NetworkUnsupported(f"the benchmark converts no {layer.kind}")
            convert(layer)
        sides = ["n", 3, "height", "width"]
        image = helper.make_tensor_value_info("image", TensorProto.FLOAT, sides)
        output = helper.make_tensor_value_info(layers[-1].outputs[0], TensorProto.FLOAT, ["n", 3, "h", "w"])
        graph = helper.make_graph(self._nodes, "network", [image], [output], self._constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8)

    def _add(self, kind: str, inputs: list[str], output: str, **attributes: object) -> None:
        self._nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def _constant(self, values: object) -> str:
        name = f"constant{next(self._numbers)}"
        self._constants.append(numpy_helper.from_array(np.asarray(values, np.float32), name))
        return name

    def _input(self, layer: Layer) -> None:
        self._add("Identity", ["image"], layer.outputs[0])

    def _split(self, layer: Layer) -> None:
        for output in layer.outputs:
            self._add("Identity", [layer.inputs[0]], output)

    def _concat(self, layer: Layer) -> None:
        check_concat(layer)
        self._add("Concat", list(layer.inputs), layer.outputs[0], axis=1)

    def _convolution(self, layer: Layer) -> None:
        found = read_convolution(layer, self._weights)
        output = layer.outputs[0] if found.activation == "none" else f"{layer.name}-before"
        inputs = [layer.inputs[0], self._constant(found.kernels), self._constant(found.bias)]
        self._add("Conv", inputs, output, pads=[found.padding] * 4, strides=[found.stride] * 2)
        match found.activation:
            case "leaky relu":
                self._add("LeakyRelu", [output], layer.outputs[0], alpha=found.slope)
            case "relu":
                self._add("Relu", [output], layer.outputs[0])
            case "sigmoid":
                self._add("Sigmoid", [output], layer.outputs[0])

    def _prelu(self, layer: Layer) -> None:
        slopes = self._weights.floats(int(layer.scalars[0])).reshape(-1, 1, 1)
        self._add("PRelu", [layer.inputs[0], self._constant(slopes)], layer.outputs[0])

    def _eltwise(self, layer: Layer) -> None:
        scaled: list[str] = []
        for blob, factor in zip(layer.inputs, read_sum(layer), strict=True):
            scaled.append(blob if factor == 1.0 else f"{layer.name}-{len(scaled)}")
            if factor != 1.0:
                self._add("Mul", [blob, self._constant(factor)], scaled[-1])
        self._add("Add", scaled, layer.outputs[0])

    def _binaryop(self, layer: Layer) -> None:
        second = self._constant(layer.scalars[2]) if layer.scalars.get(1) else layer.inputs[1]
        self._add(_OPERATIONS[read_operation(layer)], [layer.inputs[0], second], layer.outputs[0])

    def _memorydata(self, layer: Layer) -> None:
        shape = read_shape(layer)
        values = self._weights.floats(math.prod(shape)).reshape(1, *shape)
        self._add("Identity", [self._constant(values)], layer.outputs[0])

    def _sigmoid(self, layer: Layer) -> None:
        self._add("Sigmoid", [layer.inputs[0]], layer.outputs[0])

    def _swish(self, layer: Layer) -> None:
        self._add("Sigmoid", [layer.inputs[0]], f"{layer.name}-gate")
        self._add("Mul", [layer.inputs[0], f"{layer.name}-gate"], layer.outputs[0])

    def _pixelshuffle(self, layer: Layer) -> None:
        times = read_shuffle(layer)
        self._add("DepthToSpace", [layer.inputs[0]], layer.outputs[0], blocksize=times, mode="CRD")

    def _interp(self, layer: Layer) -> None:
        scales = self._constant([1, 1, *read_resize(layer)])
        self._add(
            "Resize",
            [layer.inputs[0], "", scales],
            layer.outputs[0],
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )
