"""Writes the tables of docs/reference/metrics.md, from the metrics themselves: `make docs`."""

from __future__ import annotations

from collections.abc import Sequence

from enlarger.monitoring.exposition import Description, list_metrics
from scripts.generated import DOCS, rewrite, table

PAGE = DOCS / "reference" / "metrics.md"
_UNITS = {
    "speed": "megapixels/s",
    "megapixels": "megapixels",
    "bytes": "bytes",
    "dollars": "US dollars",
    "credits": "credits",
    "seconds": "seconds",
}
"""By a word of the metric's name, as Prometheus recommends to name metrics."""


def parts() -> dict[str, str]:
    """The tables by the names of their parts."""
    own, service = list_metrics()
    return {"metrics of a process": _table(own), "metrics of the service": _table(service)}


def _table(metrics: Sequence[Description]) -> str:
    return table(("metric", "type", "labels", "unit", "meaning"), map(_row, metrics))


def _row(metric: Description) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels) or "none"
    unit = next((unit for word, unit in _UNITS.items() if word in metric.name.split("_")), "none")
    return f"| `{metric.name}` | {metric.type} | {labels} | {unit} | {metric.meaning} |"


if __name__ == "__main__":
    rewrite(PAGE, parts())
