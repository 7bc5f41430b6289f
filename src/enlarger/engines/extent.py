"""How large a result is to be: a factor, a box that it fits into, its longest side, or its megapixels."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from enlarger.errors import InvalidInput

LEAST_FACTOR, MOST_FACTOR = 1, 16
_SIZE = re.compile(r"([1-9]\d{0,5})x([1-9]\d{0,5})")
_MEGA = 1_000_000
_Kind = TypeVar("_Kind", bound="Extent")


class Extent(msgspec.Struct, frozen=True, kw_only=True):
    """One way to say how large a result is to be; exactly one field is given."""

    factor: float | None = None
    """Times the source's sides, 1 to 16."""
    size: str | None = None
    """Width and height in pixels, such as 4000x3000, that the result fits into; the ratio of its sides is kept."""
    long_side: int | None = None
    """Pixels."""
    megapixels: float | None = None

    @classmethod
    def of(cls: type[_Kind], input: Mapping[str, Any], factor_field: str = "upscale_factor") -> _Kind:
        """What the input of a task says. Raises InvalidInput where its factor is no number."""
        factor = input.get(factor_field)
        try:
            number = None if factor is None else float(factor)
        except (TypeError, ValueError):
            raise InvalidInput(factor_field, f"The factor {factor!r} is no number: {_FACTORS}.") from None
        return cls(
            factor=number,
            size=input.get("size"),
            long_side=input.get("long_side"),
            megapixels=input.get("megapixels"),
        )

    def result(self, width: int, height: int) -> tuple[int, int]:
        """The result's width and height for a source of so many pixels, never less than the source's.

        Raises InvalidInput, which names the field, for what cannot be done.
        """
        given = [name for name in Extent.__struct_fields__ if getattr(self, name) is not None]
        if len(given) != 1:
            said = " and ".join(given) or "none of them"
            raise InvalidInput("upscale_factor", f"Give one of factor, size, long_side and megapixels, not {said}.")
        if self.factor is not None:
            if not LEAST_FACTOR <= self.factor <= MOST_FACTOR:
                raise InvalidInput("upscale_factor", f"The factor {self.factor:g} is not known: {_FACTORS}.")
            return _half_up(width * self.factor), _half_up(height * self.factor)
        name, wide, high = self._fitted(width, height)
        times = max(wide / width, high / height)
        shown = f"{getattr(self, name):g}" if name != "size" else self.size
        if wide < width or high < height:
            raise InvalidInput(
                name,
                f"The picture is {width}x{height} pixels, which is more than {name} {shown} asks for, and pictures are"
                f" only enlarged here: ask for {_least(name, width, height)} or more.",
            )
        if times > MOST_FACTOR:
            raise InvalidInput(
                name,
                f"The picture is {width}x{height} pixels, and {name} {shown} would be {times:.1f} times its sides, and"
                f" {MOST_FACTOR} are the most: ask for {_most(name, width, height)} or less.",
            )
        return wide, high

    def _fitted(self, width: int, height: int) -> tuple[str, int, int]:
        """The field that is given, and the width and height that it asks for."""
        if self.long_side is not None:
            return ("long_side", *_fit(width, height, self.long_side, self.long_side))
        if self.size is not None:
            match = _SIZE.fullmatch(self.size)
            if match is None:
                raise InvalidInput("size", f"The size {self.size[:20]!r} is no width and height: write 4000x3000.")
            return ("size", *_fit(width, height, int(match[1]), int(match[2])))
        assert self.megapixels is not None
        times = math.sqrt(max(self.megapixels, 0) * _MEGA / (width * height))
        return "megapixels", max(1, _half_up(width * times)), max(1, _half_up(height * times))


_FACTORS = f"choose a number from {LEAST_FACTOR} to {MOST_FACTOR}"


def _fit(width: int, height: int, most_wide: int, most_high: int) -> tuple[int, int]:
    """The largest size of the same ratio within a box; the side that decides is exact."""
    if most_wide * height <= most_high * width:
        return most_wide, max(1, (2 * height * most_wide + width) // (2 * width))
    return max(1, (2 * width * most_high + height) // (2 * height)), most_high


def _half_up(number: float) -> int:
    return math.floor(number + 0.5)


def _least(name: str, width: int, height: int) -> str:
    return _in_field(name, width, height, up=True)


def _most(name: str, width: int, height: int) -> str:
    return _in_field(name, width * MOST_FACTOR, height * MOST_FACTOR, up=False)


def _in_field(name: str, width: int, height: int, *, up: bool) -> str:
    """A size as a field has it; megapixels with two digits, rounded so that it can be done."""
    if name == "size":
        return f"{width}x{height}"
    if name == "long_side":
        return str(max(width, height))
    hundredths = width * height * 100 / _MEGA
    return f"{(math.ceil(hundredths) if up else max(1, math.floor(hundredths))) / 100:g}"
