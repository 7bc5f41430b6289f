"""Everything that can run networks here. A backend is a folder beside this file, and a line in it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from enlarger.engines.backend import Backend
from enlarger.engines.ncnn.backends import NCNN
from enlarger.engines.openvino.backends import OPENVINO
from enlarger.engines.torch.backends import TORCH

BACKENDS: Mapping[str, Backend] = MappingProxyType({backend.name: backend for backend in (*OPENVINO, *NCNN, *TORCH)})
