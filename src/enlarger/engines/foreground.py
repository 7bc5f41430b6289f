"""Finds what stands out in a picture: U-2-Net p (Qin et al. 2020), the small one of U-2-Net's networks.

Its pictures are prepared, and its output is read, as in the authors' own code.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyvips
from numpy.typing import NDArray

from enlarger.engines.weights.files import WeightsFile
from enlarger.engines.weights.packages import U2NET
from enlarger.errors import BadOutput, NoForeground

NAME = "u2netp"
WEIGHTS = WeightsFile(U2NET, "u2netp", suffixes=(".onnx",))

Plane = NDArray[np.float32]
"""Height x width, 0 to 1."""
Network = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Takes 1 x 3 x height x width; of what it gives the first plane is used."""

_SIDE = 320
"""Pixels a side of what the network sees, whatever shape the picture has."""
_MEAN = np.array((0.485, 0.456, 0.406), np.float32)
_DEVIATION = np.array((0.229, 0.224, 0.225), np.float32)
"""Those of ImageNet's pictures, by colour."""
_LEAST = 0.7
"""How sure the network has to be of some pixel."""


def find_foreground(network: Network, colours: pyvips.Image) -> Plane:
    """A mask of 320 x 320 pixels: how sure the network is that the foreground is there, in RGB `colours` of 0 to 1.

    Raises NoForeground where it is sure of nothing, BadOutput where it does not work.
    """
    seen = colours.resize(_SIDE / colours.width, vscale=_SIDE / colours.height, kernel="lanczos3").numpy()
    seen = seen / max(float(seen.max()), 1e-6)
    values = ((seen - _MEAN) / _DEVIATION).transpose(2, 0, 1)[np.newaxis]
    output = network(np.ascontiguousarray(values, np.float32))[0, 0]
    lowest, highest = float(output.min()), float(output.max())
    if not np.isfinite(highest - lowest) or highest == lowest:
        raise BadOutput("The engine's mask is empty or broken: its weights or this machine are at fault.")
    if highest < _LEAST:
        raise nothing_found()
    mask: Plane = (output - lowest) / (highest - lowest)
    return mask


def nothing_found() -> NoForeground:
    """The error of a picture that has no foreground."""
    return NoForeground(
        "Nothing in the picture stands out from its background, so nothing can be cut out:"
        " use a picture with a clear object in it."
    )
