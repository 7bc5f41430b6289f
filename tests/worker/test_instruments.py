"""What a worker measures of its own work."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from enlarger.errors import AcceptanceUnknown, ProviderSilent, RouteUnfit, SubmissionRefused
from enlarger.monitoring.instruments import Step, note_success, provider_request
from enlarger.worker.engine import Engine
from tests.worker.conftest import MakeTask

_ANSWERS = "enlarger_provider_request_duration_seconds_count"


def sample(name: str, /, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_the_engines_megapixels_and_seconds_are_counted(engine: Engine, make_task: MakeTask) -> None:
    def counted() -> tuple[float, float, float]:
        return (
            sample("enlarger_engine_megapixels_total", engine="stand-in"),
            sample("enlarger_engine_seconds_total", engine="stand-in"),
            sample("enlarger_task_duration_seconds_count", model="real-esrgan/fast", provider="local"),
        )

    before = counted()
    task = await make_task()
    assert await engine(task.id) is None
    assert [now - then for then, now in zip(before, counted(), strict=True)] == pytest.approx([64e-6, 0.1, 1])


@pytest.mark.parametrize(
    ("step", "error", "outcome"),
    [
        ("submit", None, "ok"),
        ("submit", SubmissionRefused("no", reason="busy"), "refused"),
        ("submit", RouteUnfit("no"), "refused"),
        ("submit", AcceptanceUnknown("no answer"), "unknown"),
        ("submit", RuntimeError("a fault of ours"), "unknown"),
        ("poll", ProviderSilent("no answer"), "failed"),
    ],
)
def test_an_answer_counts_by_what_it_means(step: Step, error: Exception | None, outcome: str) -> None:
    def counted() -> float:
        return sum(
            metric.value
            for family in REGISTRY.collect()
            for metric in family.samples
            if metric.name == _ANSWERS and metric.labels["provider"] == "acme"
        )

    before, of_outcome = counted(), sample(_ANSWERS, provider="acme", step=step, outcome=outcome)
    with nullcontext() if error is None else pytest.raises(type(error)), provider_request("acme", step):
        if error is not None:
            raise error
    assert counted() == before + 1
    assert sample(_ANSWERS, provider="acme", step=step, outcome=outcome) == of_outcome + 1


def test_a_request_that_is_cancelled_does_not_count() -> None:
    before = sample(_ANSWERS, provider="acme", step="poll", outcome="failed")
    with pytest.raises(KeyboardInterrupt), provider_request("acme", "poll"):
        raise KeyboardInterrupt
    assert sample(_ANSWERS, provider="acme", step="poll", outcome="failed") == before


def test_names_of_models_that_apps_make_up_are_no_labels() -> None:
    before = sample("enlarger_task_duration_seconds_count", model="own", provider="local")
    for name in ("own/a", "own/b"):
        note_success(name, "local", timedelta(seconds=1))
    assert sample("enlarger_task_duration_seconds_count", model="own", provider="local") == before + 2
