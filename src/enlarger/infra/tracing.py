"""OpenTelemetry traces: the path of a request, and of the task that it created, through every process involved.

A task stores the context of the request that created it, as a W3C `traceparent`, so steps that run hours later or on
other machines belong to the same trace. Outside `exporting` nothing is recorded, and these functions cost microseconds.
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
    """Holds what creates this process's spans."""

    tracer: Tracer = NoOpTracer()


_recorder = _Recorder()
_w3c = TraceContextTextMapPropagator()


@contextmanager
def exporting(endpoint: str | None) -> Iterator[None]:
    """Send the spans of this block to a collector's OTLP/HTTP `endpoint`; None records nothing.

    OpenTelemetry's own variables (`OTEL_…`) set headers, sampling and the service's name. If the collector cannot be
    reached, spans are lost and nothing else happens. Raises ConfigurationError when the SDK is not installed.
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
    """Pass the spans of this block to an SDK processor, and shut the processor down at the end of the block."""
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
    """The current span as a `traceparent`, to continue the trace elsewhere; None if there is no current span."""
    carrier: dict[str, str] = {}
    _w3c.inject(carrier)
    return carrier.get("traceparent")


def note(**facts: AttributeValue | None) -> None:
    """Add attributes to the current span."""
    trace.get_current_span().set_attributes(_attributes(facts))


@contextmanager
def request_span(method: str, headers: Mapping[str, str]) -> Iterator[Span]:
    """A request to this process, in the client's trace if `headers` name one (W3C Trace Context)."""
    with _current(_recorder.tracer.start_span(method, _w3c.extract(headers, Context()), SpanKind.SERVER)) as span:
        yield span


def describe_request(span: Span, method: str, route: str | None, status: int | None) -> None:
    """Set a request's name and result, by OpenTelemetry's semantic conventions for HTTP servers."""
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
    """A step of a task, as a child of the stored context `parent`. Nothing is recorded without one."""
    if parent is None:
        yield
        return
    with _current(_recorder.tracer.start_span(name, _kept(parent), SpanKind.CONSUMER, _attributes(facts))):
        yield


@contextmanager
def call_span(name: str, **facts: AttributeValue | None) -> Iterator[None]:
    """A call to another service, as a child of the current span. Nothing is recorded without one."""
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
    """Work that another service did from `began` to `ended`, such as a provider's; `error` is how it failed."""
    if parent is None:
        return
    began_at, ended_at = (round(at.timestamp() * _NANOSECONDS) for at in (began, max(began, ended)))
    span = _recorder.tracer.start_span(name, _kept(parent), SpanKind.CLIENT, _attributes(facts), start_time=began_at)
    if error is not None:
        _fail(span, error)
    span.end(ended_at)


@contextmanager
def _current(span: Span) -> Iterator[Span]:
    """Make a span current, and end it with the block. It records an error's type only: the text may be private."""
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
    """Facts as attributes with our prefix: `task_id` becomes `enlarger.task_id`."""
    return {f"enlarger.{name}": value for name, value in facts.items() if value is not None}
