"""The engine of this machine as a provider."""

from enlarger.providers.local.provider import LocalEngine

__all__ = ["LocalEngine"]
