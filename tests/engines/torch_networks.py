"""Small networks of architectures that spandrel knows, with random weights. Their tests are skipped without PyTorch."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

_WHY = "torch, spandrel and onnx, which the user brings, are not installed"

with warnings.catch_warnings(action="ignore"):
    pytest.importorskip("onnx", reason=_WHY)
    torch: Any = pytest.importorskip("torch", reason=_WHY)
    spandrel: Any = pytest.importorskip("spandrel", reason=_WHY)

_ATTENTION = {"embed_dim": 24, "img_size": 64, "upscale": 2}

ARCHITECTURES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "compact": ("Compact.__arch.SRVGG.SRVGGNetCompact", {"num_feat": 16, "num_conv": 2, "upscale": 2}),
    "grey": ("Compact.__arch.SRVGG.SRVGGNetCompact", {"num_in_ch": 1, "num_out_ch": 1, "num_feat": 16, "num_conv": 2}),
    "rrdb": ("ESRGAN.__arch.RRDB.RRDBNet", {"num_filters": 16, "num_blocks": 1, "scale": 4}),
    "unshuffled": (
        "ESRGAN.__arch.RRDB.RRDBNet",
        {"in_nc": 12, "num_filters": 16, "num_blocks": 1, "scale": 4, "shuffle_factor": 2},
    ),
    "span": ("SPAN.__arch.span.SPAN", {"num_in_ch": 3, "num_out_ch": 3, "feature_channels": 16, "upscale": 2}),
    "plksr": ("PLKSR.__arch.RealPLKSR.RealPLKSR", {"dim": 16, "n_blocks": 1, "upscaling_factor": 2, "dysample": True}),
    "nafnet": ("NAFNet.__arch.NAFNet_arch.NAFNet", {"width": 8, "enc_blk_nums": [1, 1], "dec_blk_nums": [1, 1]}),
    "swinir": (
        "SwinIR.__arch.SwinIR.SwinIR",
        {**_ATTENTION, "window_size": 8, "depths": [2], "num_heads": [2], "upsampler": "pixelshuffledirect"},
    ),
    "dat": (
        "DAT.__arch.DAT.DAT",
        {**_ATTENTION, "embed_dim": 64, "split_size": [8, 16], "depth": [2], "num_heads": [2]},
    ),
    "cleaning": (
        "SwinIR.__arch.SwinIR.SwinIR",
        {**_ATTENTION, "upscale": 1, "window_size": 8, "depths": [2], "num_heads": [2], "upsampler": ""},
    ),
    "safmn": ("SAFMN.__arch.safmn.SAFMN", {"dim": 16, "n_blocks": 1, "upscaling_factor": 2}),
}
"""The class of each, below spandrel's architectures, and what it is made with."""
_FACTORS = {"rrdb": ("", 2.5), "unshuffled": ("", 2.5), "nafnet": ("ending.", 0.1), "cleaning": ("conv_last.", 0.1)}
"""By how much weights whose names begin so are multiplied: random ones make black pictures, or hide the source."""


def make_weights(name: str, seed: int = 0) -> dict[str, Any]:
    """The state_dict of one of the architectures; the same for the same seed."""
    path, options = ARCHITECTURES[name]
    module, _, kind = path.rpartition(".")
    with warnings.catch_warnings(action="ignore"):
        build: Callable[..., Any] = getattr(import_module(f"spandrel.architectures.{module}"), kind)
        torch.manual_seed(seed)
        weights: dict[str, Any] = build(**options).state_dict()
    begin, factor = _FACTORS.get(name, ("", 1.0))
    return {key: values * factor if key.startswith(begin) else values for key, values in weights.items()}


def save_weights(weights: Mapping[str, Any], file: Path) -> Path:
    """Write weights as a `.pth` or a `.safetensors` file."""
    if file.suffix == ".safetensors":
        import_module("safetensors.torch").save_file(weights, file)
    else:
        torch.save({"params_ema": weights}, file)
    return file


def run_in_torch(weights: Mapping[str, Any], picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What PyTorch makes of a picture with the network of these weights: height x width x 3, from 0 to 1."""
    with warnings.catch_warnings(action="ignore"):
        network = spandrel.ModelLoader().load_from_state_dict(dict(weights))
        planes = torch.from_numpy(np.asarray(picture / 255, np.float32)).permute(2, 0, 1)[None]
        output: NDArray[np.float32] = network(planes.contiguous())[0].permute(1, 2, 0).numpy()
    return output
