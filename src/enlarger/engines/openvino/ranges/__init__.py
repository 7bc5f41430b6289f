"""The ranges of values inside each network, which it needs to compute in 8-bit integers.

`tools/calibrate.py` has measured them; the convolutions that are not listed stay in floats.
"""

from __future__ import annotations

from importlib.resources import files

import msgspec

from enlarger.errors import NetworkUnsupported


def read_ranges(network: str) -> dict[str, tuple[float, float]]:
    """The least and the greatest value of each layer's output. Raises NetworkUnsupported for an unknown network."""
    file = files(__name__) / f"{network}.json"
    if not file.is_file():
        raise NetworkUnsupported("its ranges of values, which 8-bit integers need, have not been measured")
    return msgspec.json.decode(file.read_bytes(), type=dict[str, tuple[float, float]])
