"""The backends of PyTorch. The library itself is imported only when one of them is asked for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from enlarger.engines.backend import Backend, Device, Loading
from enlarger.engines.networks import Network
from enlarger.errors import EngineUnavailable

if TYPE_CHECKING:
    from enlarger.engines.torch.network import Kind


def _find(kind: Kind) -> Device:
    from enlarger.engines.torch.network import find_device

    device = find_device(kind)
    if device is None:
        raise EngineUnavailable(f"this build of PyTorch finds no GPU for {kind.upper()}")
    return device


def _load(loading: Loading, *, kind: Kind) -> Network:
    from enlarger.engines.torch.network import TorchNetwork

    return TorchNetwork(loading.spec, scale=loading.scale, weights=loading.weights, kind=kind, half=True)


def _backend(name: str, kind: Kind) -> Backend:
    return Backend(
        name=name,
        library="torch",
        precision="fp16",
        gpu=True,
        find=partial(_find, kind),
        load=partial(_load, kind=kind),
    )


TORCH = (_backend("torch-cuda", "cuda"), _backend("torch-mps", "mps"))
