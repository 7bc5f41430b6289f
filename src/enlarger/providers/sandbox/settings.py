"""The settings of the sandbox."""

from __future__ import annotations

from pydantic import Field

from enlarger.settings import ServiceSettings
from enlarger.translatable import sentence


class SandboxSettings(ServiceSettings):
    """The sandbox's settings."""

    sandbox: bool = False
    """Whether tasks run in the sandbox, at no cost and with images that say SANDBOX: all tasks, or those that
    ENLARGER_ROUTES gives to `sandbox`."""
    sandbox_seconds: float = Field(default=2.0, ge=0)
    """How many seconds a task takes in the sandbox."""
    sandbox_failures: float = Field(default=0.0, ge=0, le=1)
    """The share of tasks that fail in the sandbox, from 0 to 1."""
    sandbox_seed: int = 0
    """Another number makes other tasks fail in the sandbox."""

    @property
    def sandbox_unconfigured(self) -> str | None:
        """Why no task runs in the sandbox: it is not turned on; None when it is."""
        return None if self.sandbox else sentence("not set up, set {setting}", setting="ENLARGER_SANDBOX=1")
