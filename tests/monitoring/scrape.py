"""What a scrape says, for tests."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


def families(text: str) -> dict[str, Metric]:
    """The metrics of a scrape by their names, counters with `_total`."""
    found = {}
    for family in text_string_to_metric_families(text):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        assert name not in found, f"{name} is exported twice"
        found[name] = family
    return found


class Scrape:
    """The samples of a scrape."""

    def __init__(self, text: str) -> None:
        self.families = families(text)
        self._samples: Samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families.values()
            for sample in family.samples
        }
        assert len(self._samples) == sum(len(family.samples) for family in self.families.values()), (
            "a sample is there twice"
        )

    def get(self, name: str, /, **labels: str) -> float | None:
        """A sample's value; None when there is none."""
        return self._samples.get((name, frozenset(labels.items())))
