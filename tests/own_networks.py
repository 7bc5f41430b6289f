"""Networks of the user's own in their folder, as `enlarger models add` leaves them, without the seconds of a trial."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from enlarger.engines.own_models import RECORD, OwnModel
from tests.engines.tiny_networks import deconvolution, repeating, write_network


def put_network(folder: Path, name: str, scale: int = 2, *, brightness: float = 1.0) -> OwnModel:
    """A network that repeats pixels, as ncnn's pair of files."""
    place = folder / name
    place.mkdir(parents=True)
    pair = write_network(place, [deconvolution(repeating(scale) * brightness, stride=scale)])
    content = pair.param.read_bytes() + pair.bin.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:12]
    for file in (pair.param, pair.bin):
        file.rename(place / f"{digest}{file.suffix}")
    own = OwnModel(
        name=name,
        digest=digest,
        suffix=".param",
        bytes=len(content),
        native_scale=scale,
        context=12,
        feather=8,
        margin=0,
        multiple=1,
        bytes_per_pixel=4_000,
    )
    (place / RECORD).write_bytes(msgspec.json.encode(own))
    return own
