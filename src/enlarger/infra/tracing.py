"""Traces by OpenTelemetry: what a request and the task that it made went through, in every process that took part.

A task keeps the context that it was made in, as a W3C `traceparent`, so that steps that come hours later, or on other
machines, are in the same trace. Outside `exporting` nothing is recorded, and the functions cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NoOpTracer, Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from enlarger._version import __version__
from enlarger.errors import ConfigurationError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

_NANOSECONDS = 1_000_000_000


class _Recorder:
    """What makes this process's spans."""

    tracer: Tracer = NoOpTracer()


_recorder = _Recorder()
_w3c = TraceContextTextMapPropagator()


@contextmanager
def exporting(endpoint: str | None) -> Iterator[None]:
    """Send what is traced in this block to a collector's OTLP/HTTP `endpoint`; None traces nothing.

    Headers, sampling, the service's name and the rest are OpenTelemetry's own variables (`OTEL_…`). A collector that is
    away costs its spans and nothing else. Raises ConfigurationError when the SDK is not installed.
    """
    if endpoint is None:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise ConfigurationError(
            "ENLARGER_OTLP_ENDPOINT needs OpenTelemetry's SDK, which is not installed: pip install 'enlarger[otel]'."
        ) from None
    with recording(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"))):
        yield


@contextmanager
def recording(processor: SpanProcessor) -> Iterator[None]:
    """Give what is traced in this block to an SDK's processor, and shut it down at the block's end."""
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider

    own = Resource({"service.name": "enlarger", "service.version": __version__})
    provider = TracerProvider(resource=own.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
    provider.add_span_processor(processor)
    before, _recorder.tracer = _recorder.tracer, provider.get_tracer("enlarger", __version__)
    try:
        yield
    finally:
        _recorder.tracer = before
        provider.shutdown()


def context() -> str | None:
    """The current span as a `traceparent`, for who goes on with it elsewhere; None where nothing is traced."""
    carrier: dict[str, str] = {}
    _w3c.inject(carrier)
    return carrier.get("traceparent")


def note(**facts: AttributeValue | None) -> None:
    """Add to the current span."""
    trace.get_current_span().set_attributes(_attributes(facts))


@contextmanager
def request_span(method: str, headers: Mapping[str, str]) -> Iterator[Span]:
    """A request that this process answers, in its sender's trace if its `headers` name one (W3C Trace Context)."""
    with _current(_recorder.tracer.start_span(method, _w3c.extract(headers, Context()), SpanKind.SERVER)) as span:
        yield span


def describe_request(span: Span, method: str, route: str | None, status: int | None) -> None:
    """What became of a request: OpenTelemetry's conventions for servers."""
    span.set_attribute("http.request.method", method)
    if route is not None:
        span.update_name(f"{method} {route}")
        span.set_attribute("http.route", route)
    if status is not None:
        span.set_attribute("http.response.status_code", status)
        if status >= 500:
            _fail(span, str(status))


@contextmanager
def task_span(name: str, parent: str | None, **facts: AttributeValue | None) -> Iterator[None]:
    """A step of a task, in the context `parent` that was kept; without one nothing is recorded."""
    if parent is None:
        yield
        return
    with _current(_recorder.tracer.start_span(name, _kept(parent), SpanKind.CONSUMER, _attributes(facts))):
        yield


@contextmanager
def call_span(name: str, **facts: AttributeValue | None) -> Iterator[None]:
    """A call to another service, as a part of the current span; without one nothing is recorded."""
    if not trace.get_current_span().get_span_context().is_valid:
        yield
        return
    with _current(_recorder.tracer.start_span(name, None, SpanKind.CLIENT, _attributes(facts))):
        yield


def past_span(
    name: str,
    parent: str | None,
    began: datetime,
    ended: datetime,
    error: str | None = None,
    **facts: AttributeValue | None,
) -> None:
    """What went on elsewhere from `began` to `ended`, such as a provider's work; `error` says how it failed."""
    if parent is None:
        return
    began_at, ended_at = (round(at.timestamp() * _NANOSECONDS) for at in (began, max(began, ended)))
    span = _recorder.tracer.start_span(name, _kept(parent), SpanKind.CLIENT, _attributes(facts), start_time=began_at)
    if error is not None:
        _fail(span, error)
    span.end(ended_at)


@contextmanager
def _current(span: Span) -> Iterator[Span]:
    """Make a span the current one, and end it with the block. Of an error it has the kind: its text may be private."""
    with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield span
        except BaseException as error:
            _fail(span, type(error).__name__)
            raise


def _fail(span: Span, kind: str) -> None:
    span.set_status(Status(StatusCode.ERROR))
    span.set_attribute("error.type", kind)


def _kept(parent: str) -> Context:
    return _w3c.extract({"traceparent": parent}, Context())


def _attributes(facts: Mapping[str, AttributeValue | None]) -> dict[str, AttributeValue]:
    """Facts under our own prefix: `task_id` is `enlarger.task_id`."""
    return {f"enlarger.{name}": value for name, value in facts.items() if value is not None}
