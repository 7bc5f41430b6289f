"""A provider that costs nothing and is told beforehand what it shall do: for trying an app out."""

from enlarger.providers.sandbox.provider import SandboxProvider

__all__ = ["SandboxProvider"]
