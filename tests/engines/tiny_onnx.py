"""A small ONNX network, written by hand in protobuf's encoding, so that no test needs the `onnx` package."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def write_repeating_onnx(file: Path, times: int, *, channels: int = 3) -> None:
    """Write a network with one transposed convolution that repeats each pixel `times` times in both directions."""
    kernels = np.eye(3, channels, dtype="<f4")[:, :, None, None].repeat(times, 2).repeat(times, 3)
    strides = _text(1, "strides") + _number(8, times) * 2 + _number(20, 7)
    node = _text(1, "x") + _text(1, "w") + _text(2, "y") + _text(4, "ConvTranspose") + _part(5, strides)
    shape = b"".join(_number(1, size) for size in kernels.shape)
    weights = shape + _number(2, 1) + _text(8, "w") + _part(9, kernels.tobytes())
    graph = _part(1, node) + _text(2, "tiny") + _part(5, weights)
    graph += _part(11, _picture("x", 3)) + _part(12, _picture("y", channels))
    file.write_bytes(_number(1, 8) + _part(7, graph) + _part(8, _number(2, 13)))


def _picture(name: str, channels: int) -> bytes:
    sizes = (_number(1, 1), _number(1, channels), _text(2, "h" + name), _text(2, "w" + name))
    shape = b"".join(_part(1, size) for size in sizes)
    return _text(1, name) + _part(2, _part(1, _number(1, 1) + _part(2, shape)))


def _part(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text(field: int, content: str) -> bytes:
    return _part(field, content.encode())


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    head = b""
    while value > 0x7F:
        head += bytes([value & 0x7F | 0x80])
        value >>= 7
    return head + bytes([value])
