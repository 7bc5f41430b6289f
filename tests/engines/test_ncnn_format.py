from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from enlarger.engines.ncnn.format import WeightReader, read_layers
from enlarger.engines.openvino.graph import build_graph
from enlarger.errors import EngineUnavailable, NetworkUnsupported

_PARAM = """7767517
3 3
Input            data   0 1 data
Convolution      first  1 1 data hidden 0=2 1=3 4=1 5=1 6=54 9=2 -23310=1,2.000000e-01
Eltwise          sum    2 1 hidden data out 0=1 -23301=2,2.0e-01,1.0
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_layers_are_read_with_their_blobs_and_parameters(tmp_path: Path) -> None:
    layers = read_layers(write(tmp_path / "a.param", _PARAM))
    assert [layer.kind for layer in layers] == ["Input", "Convolution", "Eltwise"]
    assert layers[1].inputs == ("data",)
    assert layers[1].outputs == ("hidden",)
    assert layers[1].scalars == {0: 2, 1: 3, 4: 1, 5: 1, 6: 54, 9: 2}
    assert layers[1].arrays == {10: (0.2,)}
    assert layers[2].arrays == {1: (0.2, 1.0)}


@pytest.mark.parametrize(
    "text", ["", "not a number\n1 1\n", "7767517\n", _PARAM.replace("3 3", "9 9"), _PARAM.replace("1 1 data", "x")]
)
def test_a_file_that_is_no_param_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(EngineUnavailable, match=r"a\.param is not a usable ncnn \.param file"):
        read_layers(write(tmp_path / "a.param", text))


def test_weights_are_read_in_both_widths(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    half = np.array([1, 2, 3], "<f2")  # three halves are padded to eight bytes
    path.write_bytes(
        bytes.fromhex("476b3001") + half.tobytes() + b"\0\0"
        + np.array([0.5], "<f4").tobytes()
        + bytes(4) + np.array([7], "<f4").tobytes()
    )  # fmt: skip
    reader = WeightReader(path)
    assert reader.weights(3).tolist() == [1, 2, 3]
    assert reader.floats(1).tolist() == [0.5]
    assert reader.weights(1).tolist() == [7]
    reader.finish()


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(6))
    with pytest.raises(EngineUnavailable, match="ends 2 bytes too early"):
        WeightReader(path).floats(2)
    with pytest.raises(EngineUnavailable, match="6 bytes are left over"):
        WeightReader(path).finish()
    path.write_bytes(bytes.fromhex("deadbeef"))
    with pytest.raises(EngineUnavailable, match="not known here"):
        WeightReader(path).weights(1)


@pytest.mark.parametrize(
    "layer",
    [
        "Eltwise it 2 1 a b out",  # a product, which is ncnn's default
        "Eltwise it 2 1 a b out 0=2",
        "Concat it 2 1 a b out 0=1",
        "PixelShuffle it 1 1 a out 0=1 1=1",
        "Interp it 1 1 a out 0=1 1=2.0 2=2.0 3=64 4=64",
        "Interp it 1 1 a out 0=2 1=2.0 2=2.0",
        "BinaryOp it 2 1 a b out 0=3",
    ],
)
def test_a_layer_of_a_kind_that_is_not_known_is_refused_and_not_misread(layer: str, tmp_path: Path) -> None:
    lines = ["7767517", "3 4", "Input data 0 1 data", "Split both 1 2 data a b", layer, ""]
    param = write(tmp_path / "a.param", "\n".join(lines))
    (tmp_path / "a.bin").touch()
    with pytest.raises(NetworkUnsupported, match=r"The layer it is (a|not)"):
        build_graph(read_layers(param), WeightReader(tmp_path / "a.bin"), name="x")


def test_an_unknown_layer_is_refused_by_name(tmp_path: Path) -> None:
    param = write(tmp_path / "a.param", "7767517\n2 2\nInput data 0 1 data\nSoftmax act 1 1 data out\n")
    (tmp_path / "a.bin").touch()
    with pytest.raises(EngineUnavailable, match="act is a Softmax"):
        build_graph(read_layers(param), WeightReader(tmp_path / "a.bin"), name="x")
