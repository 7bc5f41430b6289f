"""Reads networks in ONNX's format, which OpenVINO knows by itself."""

from __future__ import annotations

from pathlib import Path

from enlarger.engines.openvino.quiet import ov
from enlarger.errors import EngineUnavailable

_PICTURES = [1, 3, -1, -1]
"""The shape of the input: one picture of three channels, of any height and width."""


def read_onnx(file: Path) -> ov.Model:
    """The OpenVINO model of an ONNX file: NHWC float32 in, NHWC float32 out, any height and width.

    Raises EngineUnavailable, in words that go on after "it", when the file is damaged or the network takes something
    else than a picture.
    """
    try:
        model = ov.Core().read_model(file)
    except RuntimeError:
        raise EngineUnavailable("its file is damaged, or no ONNX file, or parts of it are in other files") from None
    for word, ends in (("input", model.inputs), ("output", model.outputs)):
        if len(ends) != 1:
            raise EngineUnavailable(f"it has {len(ends)} {word}s, and one is needed")
        if ends[0].get_partial_shape().rank.is_static and len(ends[0].get_partial_shape()) != 4:
            raise EngineUnavailable(f"its {word} is no picture")
    shape = model.input().get_partial_shape()
    if shape.rank.is_static and shape[1].is_static and shape[1].get_length() != 3:
        raise EngineUnavailable(f"its input has {shape[1].get_length()} channels, and three are needed")
    try:
        model.reshape(_PICTURES)
    except RuntimeError:
        raise EngineUnavailable(
            "it takes pictures of one size only: export it with a dynamic height and width"
        ) from None
    ends = ov.preprocess.PrePostProcessor(model)
    for end in (ends.input(), ends.output()):
        end.tensor().set_element_type(ov.Type.f32).set_layout(ov.Layout("NHWC"))
        end.model().set_layout(ov.Layout("NCHW"))
    return ends.build()
