"""Replicate as a provider, by its HTTP API (https://replicate.com/docs/reference/http)."""

from enlarger.providers.replicate.provider import ReplicateProvider

__all__ = ["ReplicateProvider"]
