"""Finds what is to be known of a network, by running it on small pictures."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from enlarger.engines.networks import Network, Pixels
from enlarger.engines.padding import padded
from enlarger.engines.resources import peak_memory
from enlarger.errors import EngineError, EngineUnavailable

SCALES = (1, 2, 3, 4, 8)
"""How much a network may enlarge."""
LEAST_DECIBELS = 45.0
"""The least PSNR of what tiles show against the picture enlarged as a whole: above it nobody sees a difference."""
LEAST_EVERYWHERE = 35.0
"""The same for networks that average over all that they are given, which no context helps against.

Tiles then differ a little in brightness, which the blending hides: Real-CUGAN's, at 39 to 45 dB, by half a level.
"""

_SIDE, _LONG, _CUT = 64, 192, 128
"""The sides of what is run, in input pixels, and where it is cut: beyond the cut there is the largest context."""
_CONTEXTS = (12, 24, 32, 48, 64)
"""How many pixels beside a cut may be wrong; tiles overlap by twice as many."""
_MULTIPLES = (1, 2, 4, 8, 16)
_STRICTEST = 32
"""What no network is known to ask for more of."""
_USUAL_BYTES, _LEAST_BYTES = 12_000, 4_000
"""What a pixel of a tile takes in memory where that cannot be measured, and at least."""
_RESERVE = 1.5
"""What is measured is the memory of one shape of a tile; others may take more."""
_BLANK = 1 / 255
"""An output with a smaller standard deviation than this looks blank; the pictures that are tried have 0.25."""
_TILES_DIFFER = (
    f"pictures cannot be cut into tiles for it, because what it makes of a pixel depends on others more than"
    f" {_CONTEXTS[-1]} away"
)


class Trial(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a trial has found: what `NetworkSpec` has by these names, or why the network cannot be used."""

    native_scale: int = 1
    context: int = 0
    margin: int = 0
    multiple: int = _STRICTEST
    bytes_per_pixel: int = _USUAL_BYTES
    why_not: str | None = None


def feather_of(context: int) -> int:
    """Over how many pixels tiles are blended that overlap by twice the `context`."""
    return 16 if context >= 24 else 8


class Examination:
    """One network, and what it makes of a picture as a whole."""

    def __init__(self, network: Network, memory: float, least_multiple: int = 1) -> None:
        """`network` is bare: what it makes is all of its output. `memory` is its backend's.

        The sides of its input are known to have to be multiples of `least_multiple`, a power of two up to 64.
        """
        self._network = network
        self._memory = memory
        self._least_multiple = least_multiple
        self._picture = _picture(_STRICTEST, _LONG)
        self._whole: Pixels = self._picture
        self._most = 10 ** (-LEAST_DECIBELS / 10)
        """The squared error that a column of a tile may have."""

    def examine(self) -> Trial:
        """Find everything but what a tile's sides must be a multiple of, for which the strictest is supposed.

        Raises EngineError, RuntimeError, MemoryError or ValueError when the network does not run.
        """
        square = _checked(self._network(_picture(_SIDE, _SIDE)))
        before = peak_memory()
        try:
            longer = _checked(self._network(_picture(_SIDE, _LONG)))
        except (RuntimeError, ValueError):
            return Trial(why_not="it takes pictures of one size only: export it for pictures of any size")
        grown = (peak_memory() - before) / (_SIDE * (_LONG - _SIDE))
        height, width = square.shape[:2]
        scale = (longer.shape[1] - width) // (_LONG - _SIDE)
        margin = (scale * _SIDE - width) // (2 * scale) if scale in SCALES else 0
        if scale not in SCALES or margin < 0 or height != width or width != scale * (_SIDE - 2 * margin):
            choices = ", ".join(map(str, SCALES[:-1]))
            return Trial(
                why_not=f"it makes {width}x{height} pixels of {_SIDE}x{_SIDE}, and a side of {choices} or {SCALES[-1]}"
                " times as many is needed"
            )
        if _is_blank(longer):
            return Trial(why_not="its output is one colour all over, whatever the picture: its weights may be missing")
        multiple = max(_STRICTEST, self._least_multiple)
        found = Trial(native_scale=scale, margin=margin, multiple=multiple)
        if before:
            measured = round(_RESERVE * grown / self._memory)
            found = msgspec.structs.replace(found, bytes_per_pixel=max(_LEAST_BYTES, measured))
        context = self._find_context(self._set_up(found))
        if context is None:
            return Trial(why_not=_TILES_DIFFER)
        return msgspec.structs.replace(found, context=context)

    def relax(self, found: Trial) -> Trial:
        """What was found with the least multiple that a tile's sides, and its place, must be of.

        A network that cannot take the sides of a tile may crash, or read what is beside its memory.
        """
        long = 2 * found.context + 8
        for multiple in (one for one in _MULTIPLES if one >= self._least_multiple):
            relaxed = msgspec.structs.replace(found, multiple=multiple)
            columns = slice(multiple, long + -long % _STRICTEST + 2 * multiple)
            try:
                errors = self._errors(self._set_up(relaxed), columns)
            except (EngineError, RuntimeError, MemoryError, ValueError):
                continue
            if errors[found.context : -found.context].max() <= self._most:
                return relaxed
        return found

    def _set_up(self, found: Trial) -> Network:
        """The network for tiles of any size, by what was found."""
        spec = replace(
            self._network.spec, native_scale=found.native_scale, margin=found.margin, multiple=found.multiple
        )
        self._network.spec, self._network.scale = spec, found.native_scale
        return padded(self._network)

    def _find_context(self, network: Network) -> int | None:
        """How far beside a cut the output changes; None where it is wrong everywhere."""
        self._whole = network(self._picture).copy()
        left, right = slice(0, _CUT), slice(_LONG - _CUT, _LONG)
        errors = np.maximum(self._errors(network, left)[::-1], self._errors(network, right))  # the nearest first
        everywhere = float(errors[_CONTEXTS[-1] :].max())
        if everywhere > 10 ** (-LEAST_EVERYWHERE / 10):
            return None
        self._most = max(self._most, 2 * everywhere)
        fitting = (one for one in _CONTEXTS if errors[one - feather_of(one) // 2 :].max() <= self._most)
        return next(fitting, None)

    def _errors(self, network: Network, columns: slice) -> NDArray[np.float32]:
        """The squared error of each of these columns of the picture, if the rest of it is cut off."""
        scale = network.scale
        output = network(np.ascontiguousarray(self._picture[:, columns]))
        right = self._whole[:, columns.start * scale : columns.stop * scale]
        if output.shape != right.shape:
            raise EngineUnavailable("its output has another size than that of other pictures")
        squares = np.square(np.clip(output, 0, 1) - np.clip(right, 0, 1)).mean(axis=(0, 2))
        by_column: NDArray[np.float32] = squares.reshape(-1, scale).mean(axis=1)
        return by_column


def _checked(output: Pixels) -> Pixels:
    """A copy of the output, which is the network's own until it runs again. Raises EngineUnavailable."""
    if output.ndim != 3 or output.shape[2] != 3:
        raise EngineUnavailable("its output is no picture of three channels")
    if not np.isfinite(output).all():
        raise EngineUnavailable("its output has values that are not numbers")
    return output.copy()


def _is_blank(output: Pixels) -> bool:
    """Whether nothing is left of the input picture, which has edges and noise."""
    return bool(np.clip(output, 0, 1).std() < _BLANK)


def _picture(height: int, width: int) -> Pixels:
    """A picture with edges and noise, the same everywhere."""
    random = np.random.default_rng(7)
    blocks = random.random((height // 8, width // 8, 3), np.float32).repeat(8, axis=0).repeat(8, axis=1)
    return np.asarray(blocks * 0.85 + random.random((height, width, 3), np.float32) * 0.15, np.float32)
