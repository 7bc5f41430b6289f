"""The hosted KIE service as a provider."""

from enlarger.providers.kie.provider import KieProvider

__all__ = ["KieProvider"]
