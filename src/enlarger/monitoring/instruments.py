"""What this process counts and times itself, as Prometheus metrics.

Their labels have few values, whatever apps send: routes are templates, and models are those of the catalogue.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Literal

from prometheus_client import Counter, Histogram, disable_created_metrics

from enlarger.catalog import list_models
from enlarger.catalog.own import own_name
from enlarger.errors import RouteUnfit, SubmissionRefused
from enlarger.infra import tracing
from enlarger.protocol.records import Made

Step = Literal["submit", "poll", "fetch"]

_NO_ROUTE = "none"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER = "other"
_OWN = "own"
_PIXELS = 1_000_000

disable_created_metrics()  # type: ignore[no-untyped-call] # another series for each, which nobody asks for

_REQUESTS = Histogram(
    "enlarger_http_request_duration_seconds",
    "Seconds from an HTTP request to the first byte of its response. `status` is the HTTP status; `code` is the code in"
    " the body of an error, or else the status.",
    ("method", "route", "status", "code"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
_PROVIDER_REQUESTS = Histogram(
    "enlarger_provider_request_duration_seconds",
    "Seconds that a request to a provider took. `step` is `submit`, `poll` or `fetch` (download a result); `outcome` is"
    " `ok`, `refused`, `failed`, or `unknown` for a submission that may have been accepted.",
    ("provider", "step", "outcome"),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300),
)
_TASKS = Histogram(
    "enlarger_task_duration_seconds",
    "Seconds from the creation of a task to its success.",
    ("model", "provider"),
    buckets=(1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600),
)
_TRIES = Counter(
    "enlarger_callback_tries",
    "Attempts to deliver a callback: `delivered`, `failed` (retried later) or `given_up`.",
    ("outcome",),
)
_CALLBACK_LAG = Histogram(
    "enlarger_callback_lag_seconds",
    "Seconds from the end of a task to the delivery of its callback.",
    buckets=(1, 2, 5, 10, 30, 60, 300, 1800, 3600, 6 * 3600, 86_400, 3 * 86_400),
)
_MEGAPIXELS = Counter("enlarger_engine_megapixels", "Megapixels of output that the local engine made.", ("engine",))
_ENGINE_SECONDS = Counter("enlarger_engine_seconds", "Seconds that the local engine worked for them.", ("engine",))
INSTRUMENTS = (_REQUESTS, _PROVIDER_REQUESTS, _TASKS, _MEGAPIXELS, _ENGINE_SECONDS, _TRIES, _CALLBACK_LAG)

for _outcome in ("delivered", "failed", "given_up"):
    _TRIES.labels(_outcome)  # at 0 from the start, so that a rate sees the first one


def model_label(name: str) -> str:
    """A model's label: its id in the catalogue; all networks of the user's own have the same one."""
    if own_name(name) is not None:
        return _OWN
    return name if name in _catalogued() else _OTHER


@cache
def _catalogued() -> frozenset[str]:
    return frozenset(model.id for model in list_models())


def note_request(method: str, route: str | None, *, status: int, code: int, seconds: float) -> None:
    """Count an HTTP request; `code` is the error's in the body, or else the status."""
    method = method if method in _METHODS else _OTHER
    _REQUESTS.labels(method, route or _NO_ROUTE, status, code).observe(seconds)


@contextmanager
def provider_request(provider: str, step: Step) -> Iterator[None]:
    """Time and trace the request to a provider that is made in this block; one that is cancelled has no time."""
    began = time.perf_counter()

    def note(outcome: str) -> None:
        _PROVIDER_REQUESTS.labels(provider, step, outcome).observe(time.perf_counter() - began)

    try:
        with tracing.call_span(f"{provider} {step}", provider=provider):
            yield
    except (SubmissionRefused, RouteUnfit):
        note("refused")
        raise
    except Exception:
        note("unknown" if step == "submit" else "failed")
        raise
    note("ok")


def note_success(model: str, provider: str, took: timedelta) -> None:
    """Count a task that has succeeded, so long after its creation."""
    _TASKS.labels(model_label(model), provider).observe(took.total_seconds())


def note_engine(made: Made) -> None:
    """Count a picture that this machine's engine has made."""
    if made.width and made.height and made.seconds:
        _MEGAPIXELS.labels(made.engine).inc(made.width * made.height / _PIXELS)
        _ENGINE_SECONDS.labels(made.engine).inc(made.seconds)


def note_try(outcome: Literal["delivered", "failed", "given_up"], lag: timedelta | None = None) -> None:
    """Count a try to send a callback; `lag` is how long ago the task of a delivered one ended."""
    _TRIES.labels(outcome).inc()
    if lag is not None:
        _CALLBACK_LAG.observe(max(0.0, lag.total_seconds()))
