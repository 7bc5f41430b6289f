"""The results of a real or simulated run, and the difference between two."""

from __future__ import annotations

import msgspec

from bench.load import quantile


class Seen(msgspec.Struct, frozen=True):
    """The times of tasks in seconds; all lists are in the same order of tasks."""

    created: list[float]
    """When createTask was sent."""
    submitted: list[float]
    """When the provider had it."""
    told: list[float]
    """When the provider sent its webhook."""
    called_back: list[float]
    """When the app had its callback."""
    answered: list[float] = []
    """The latencies of createTask, sorted."""

    def figures(self) -> dict[str, float]:
        """The figures to compare; delays are in milliseconds."""
        to_provider = sorted(late - early for early, late in zip(self.created, self.submitted, strict=True))
        to_app = sorted(late - early for early, late in zip(self.told, self.called_back, strict=True))
        span = max(self.called_back) - min(self.created)
        return {
            "tasks/s": len(self.created) / span,
            "create to provider p50": quantile(to_provider, 0.5) * 1000,
            "create to provider p95": quantile(to_provider, 0.95) * 1000,
            "webhook to callback p50": quantile(to_app, 0.5) * 1000,
            "webhook to callback p95": quantile(to_app, 0.95) * 1000,
            "waiting, mean": sum(to_provider) / (max(self.submitted) - min(self.created)),
        }


def error(measured: float, simulated: float) -> float:
    """The relative error of the simulated figure."""
    return (simulated - measured) / measured if measured else 0.0
