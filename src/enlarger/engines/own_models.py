"""The user's own networks: a folder with a folder for each, which holds its files and what a trial found.

Its files are named after their content, so that whoever has read a record gets the network that it describes, or none.
`adding` puts networks there.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from enlarger.engines.spec import NetworkSpec
from enlarger.engines.weights.files import WeightsFile
from enlarger.engines.weights.packages import OWN

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
"""What a name may be: it is a folder's, and part of a model's id."""
RECORD = "model.json"
"""The file in a network's folder that says what it is."""
_MIB = 1 << 20
_BASE_BYTES = 250 * _MIB
_COPIES = 5
"""How often a network's weights may be in memory: engines keep them in forms of their own."""
_FURTHER = "real-esrgan-fast"
"""What enlarges a result further: it is small, and comes with Enlarger."""


class OwnModel(msgspec.Struct, frozen=True, kw_only=True):
    """A network of the user's own. What `NetworkSpec` has by the same names was found by a trial."""

    name: str
    digest: str
    """Of its files: the first digits of their SHA-256."""
    suffix: str
    """`.param` or `.onnx`; networks of PyTorch's have been converted."""
    bytes: int
    """Of its files together."""
    native_scale: int
    context: int
    feather: int
    margin: int
    multiple: int
    bytes_per_pixel: int

    def spec(self, folder: Path) -> NetworkSpec:
        """What engines have to know of it; `folder` is that of all networks."""
        return NetworkSpec(
            name=f"own/{self.name}@{self.digest}",
            weights=WeightsFile(OWN, str(folder / self.name / f"{self.digest}{self.suffix}")),
            native_scale=self.native_scale,
            context=self.context,
            feather=self.feather,
            margin=self.margin,
            multiple=self.multiple,
            tile_limit=512,
            base_bytes=_BASE_BYTES + _COPIES * self.bytes,
            bytes_per_pixel=self.bytes_per_pixel,
            second_pass=_FURTHER,
            fourfold_by=_FURTHER,
            own=True,
        )


def read(folder: Path) -> dict[str, OwnModel]:
    """The networks in `folder` by their names, sorted; what has no readable record is left out."""
    found = (_read(record) for record in sorted(folder.glob(f"*/{RECORD}")))
    return {own.name: own for own in found if own is not None}


def find(name: str, folder: Path) -> OwnModel | None:
    """The network of this name, if there is one in `folder`."""
    return _read(folder / name / RECORD) if NAME.fullmatch(name) else None


def _read(record: Path) -> OwnModel | None:
    try:
        own = msgspec.json.decode(record.read_bytes(), type=OwnModel)
    except (OSError, msgspec.MsgspecError):
        return None
    return own if own.name == record.parent.name and NAME.fullmatch(own.name) else None
