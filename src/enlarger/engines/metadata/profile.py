"""Builds an ICC profile (version 4.2) from the colour chunks of a PNG, for formats that have no such chunks."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Chromaticities = tuple[float, float, float, float, float, float, float, float]
"""x and y of white, red, green and blue."""

_WHITE = (0.3127, 0.3290)
_PRIMARIES: dict[int, Chromaticities] = {
    1: (*_WHITE, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06),
    9: (*_WHITE, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    12: (*_WHITE, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
"""sRGB's, Rec. 2020's and Display P3's, by their numbers in ITU-T H.273."""
_SRGB_TRANSFER = 13
_SRGB_CURVE = (3, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
"""The kind of a parametric curve, and its parameters."""
_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def is_profile(content: bytes, spaces: tuple[bytes, ...]) -> bool:
    """Whether `content` is an ICC profile for one of the colour `spaces`."""
    whole = content[36:40] == b"acsp" and int.from_bytes(content[:4], "big") == len(content)
    return whole and content[16:20] in spaces


def profile_of(chunks: Mapping[bytes, bytes], *, grey: bool) -> bytes | None:
    """The profile of a picture with `chunks` (gAMA, cHRM, sRGB, cICP).

    None where they mean sRGB, which needs no profile, say nothing that can be used, or describe HDR, which matrices and
    curves cannot.
    """
    primaries = _PRIMARIES[1]
    curve: tuple[int, tuple[float, ...]] = _SRGB_CURVE
    if cicp := chunks.get(b"cICP"):
        if cicp[0] not in _PRIMARIES or cicp[1] != _SRGB_TRANSFER or cicp[0] == 1:
            return None
        primaries = _PRIMARIES[cicp[0]]
    elif b"sRGB" in chunks or b"gAMA" not in chunks:
        return None
    else:
        gamma = int.from_bytes(chunks[b"gAMA"], "big") / 100_000
        if not 0.1 <= gamma <= 10:
            return None
        if chrm := chunks.get(b"cHRM"):
            x, y, *rest = (value / 100_000 for value in struct.unpack(">8I", chrm))
            primaries = (x, y, *rest)
        if abs(gamma - 1 / 2.2) < 0.001 and np.allclose(primaries, _PRIMARIES[1], atol=0.002):
            return None  # what programs write for sRGB
        curve = (0, (1 / gamma,))
    colours = None if grey else _colours(primaries)
    if colours is None and not grey:
        return None
    return _written(colours, curve)


def _colours(primaries: Chromaticities) -> Matrix | None:
    """XYZ of red, green and blue, one a row, as seen under D50; None for primaries that span no colours."""
    points = np.array(primaries).reshape(4, 2)
    if (points[:, 1] < 0.001).any() or (points > 1).any():
        return None
    xyz = np.column_stack([points[:, 0] / points[:, 1], np.ones(4), (1 - points.sum(axis=1)) / points[:, 1]])
    white, rgb = xyz[0], xyz[1:]
    if abs(np.linalg.det(rgb)) < 1e-6:
        return None
    rgb *= np.linalg.solve(rgb.T, white)[:, None]
    scale = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    adapted: Matrix = rgb @ (np.linalg.inv(_BRADFORD) @ np.diag(scale) @ _BRADFORD).T
    return adapted if np.abs(adapted).max() < 100 else None


def _fixed(*values: float) -> bytes:
    return b"".join(round(value * 65_536).to_bytes(4, "big", signed=True) for value in values)


def _text(text: str) -> bytes:
    content = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", len(content), 28) + content


def _written(colours: Matrix | None, curve: tuple[int, tuple[float, ...]]) -> bytes:
    kind, parameters = curve
    transfer = b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + _fixed(*parameters)
    tags = {b"desc": _text("From the chunks of a PNG"), b"cprt": _text("No copyright")}
    tags[b"wtpt"] = b"XYZ \0\0\0\0" + _fixed(*_D50)
    if colours is None:
        tags[b"kTRC"] = transfer
    else:
        for name, xyz in zip((b"r", b"g", b"b"), colours, strict=True):
            tags[name + b"XYZ"] = b"XYZ \0\0\0\0" + _fixed(*xyz)
            tags[name + b"TRC"] = transfer
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    space = b"GRAY" if colours is None else b"RGB "
    head = struct.pack(">I4xI4s4s4s", start + len(body), 0x04200000, b"mntr", space, b"XYZ ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _fixed(*_D50)
    return head.ljust(128, b"\0") + table + body
