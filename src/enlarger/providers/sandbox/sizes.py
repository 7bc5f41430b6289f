"""How large a picture an input asks for, by whatever name its model has for that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from enlarger.catalog import Model
from enlarger.engines.extent import Extent
from enlarger.errors import InvalidInput
from enlarger.providers.sandbox.pictures import Copy

_SIDE = 1024
"""The longest side where nothing says it."""
_RATIO = re.compile(r"(\d{1,2}):(\d{1,2})")
_NAMED = re.compile(r"(square|portrait|landscape)(?:_hd)?(?:_(\d{1,2})_(\d{1,2}))?")
_EXACT = re.compile(r"(\d{2,5})[xX*](\d{2,5})")
_CLASS = re.compile(r"(\d(?:\.\d)?)[kK]")
_KEEPING = frozenset({"upscale", "remove-background"})
"""What models do whose results are as large as their pictures, or a multiple of that."""
_SHAPES = {"square": (1, 1), "portrait": (9, 16), "landscape": (16, 9)}
_SHAPE_FIELDS = ("aspect_ratio", "aspectRatio", "ratio", "image_size", "size")
_CLASS_FIELDS = ("resolution", "image_resolution", "size", "quality")


def size_of(model: Model, input: Mapping[str, Any], picture: Copy | None) -> tuple[int, int]:
    """The width and height of a result.

    A model that enlarges makes its picture as much larger as is asked for, and one that removes the background leaves
    it as large as it is; else the shape is the one that the input asks for, or its picture's.
    """
    if picture is not None and _KEEPING.intersection(model.tasks):
        return _enlarged(model, input, picture)
    if exact := _match(input, _SHAPE_FIELDS, _EXACT):
        return int(exact[1]), int(exact[2])
    side = round(_SIDE * float(found[1])) if (found := _match(input, _CLASS_FIELDS, _CLASS)) else _SIDE
    across, down = _shape(input) or ((picture.width, picture.height) if picture else (1, 1))
    longest = max(across, down)
    return max(1, round(side * across / longest)), max(1, round(side * down / longest))


def _enlarged(model: Model, input: Mapping[str, Any], picture: Copy) -> tuple[int, int]:
    extent = Extent(factor=(model.engine and model.engine.factor) or 1)
    try:
        asked = Extent.of(input)
        return (extent if asked == Extent() else asked).result(picture.width, picture.height)
    except InvalidInput:
        return picture.width, picture.height


def _shape(input: Mapping[str, Any]) -> tuple[int, int] | None:
    if ratio := _match(input, _SHAPE_FIELDS, _RATIO):
        across, down = int(ratio[1]), int(ratio[2])
        return (across, down) if across and down else None
    if (named := _match(input, _SHAPE_FIELDS, _NAMED)) is None:
        return None
    if named[2] is None:
        return _SHAPES[named[1]]
    sides = sorted((int(named[2]), int(named[3])))
    return (sides[0], sides[1]) if named[1] == "portrait" else (sides[1], sides[0])


def _match(input: Mapping[str, Any], names: tuple[str, ...], pattern: re.Pattern[str]) -> re.Match[str] | None:
    """How the first of some fields that fits a pattern does so."""
    return next((match for value in _values(input, names) if (match := pattern.fullmatch(value))), None)


def _values(input: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    return (str(input[name]) for name in names if name in input)
