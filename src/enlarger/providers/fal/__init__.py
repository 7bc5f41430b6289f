"""fal as a provider, by its queue API (https://fal.ai/docs/documentation/model-apis/inference/queue)."""

from enlarger.providers.fal.provider import FalProvider

__all__ = ["FalProvider"]
