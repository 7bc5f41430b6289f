"""Spans: whose child each one is, what it says of an error, and how it reaches a collector."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from enlarger.errors import ConfigurationError
from enlarger.infra import tracing
from tests.cli.loopback import Got, Reply, serving
from tests.hidden_packages import hide_opentelemetry_sdk

_TRACE = "0af7651916cd43dd8448eb211c80319c"
_PARENT = f"00-{_TRACE}-b7ad6b7169203331-01"
_UNSAMPLED = f"00-{_TRACE}-b7ad6b7169203331-00"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    with tracing.recording(SimpleSpanProcessor(exporter)):
        yield exporter


def test_without_a_collector_nothing_is_recorded_and_a_context_is_passed_on() -> None:
    with tracing.request_span("POST", {}) as span:
        assert not span.is_recording()
        assert tracing.context() is None
    with tracing.request_span("POST", {"traceparent": _PARENT}):
        assert tracing.context() == _PARENT
        with tracing.call_span("kie submit"):
            assert tracing.context() == _PARENT
    with tracing.task_span("dispatch", _PARENT):
        assert tracing.context() == _PARENT
    assert tracing.context() is None


@pytest.mark.parametrize("header", ["", "x", "00-0-0-01", f"ff-{_TRACE}-b7ad6b7169203331-01", _PARENT * 1000])
def test_a_header_that_names_no_trace_begins_one(spans: InMemorySpanExporter, header: str) -> None:
    with tracing.request_span("GET", {"traceparent": header}):
        pass
    [span] = spans.get_finished_spans()
    assert span.parent is None


def test_a_step_later_and_elsewhere_is_in_the_tasks_trace(spans: InMemorySpanExporter) -> None:
    with tracing.request_span("POST", {"traceparent": _PARENT}) as span:
        tracing.describe_request(span, "POST", "/api/v1/jobs/createTask", 200)
        kept = tracing.context()
    with tracing.task_span("dispatch", kept, task_id="a", model=None), tracing.call_span("kie submit"):
        pass
    began = datetime(2026, 11, 29, 12, tzinfo=UTC)
    tracing.past_span("kie works", kept, began, began + timedelta(seconds=3), error="500")
    request, submit, dispatch, works = spans.get_finished_spans()
    assert (request.name, submit.name, dispatch.name) == ("POST /api/v1/jobs/createTask", "kie submit", "dispatch")
    assert {f"{span.context.trace_id:032x}" for span in spans.get_finished_spans()} == {_TRACE}
    assert submit.parent is not None
    assert submit.parent.span_id == dispatch.context.span_id
    assert dispatch.parent == works.parent
    assert dispatch.parent is not None
    assert dispatch.parent.span_id == request.context.span_id
    assert dict(dispatch.attributes or {}) == {"enlarger.task_id": "a"}
    assert works.start_time == began.timestamp() * 1_000_000_000
    assert (works.end_time or 0) - works.start_time == 3_000_000_000
    assert not works.status.is_ok
    assert (works.attributes or {})["error.type"] == "500"


def test_what_belongs_to_no_trace_is_not_recorded(spans: InMemorySpanExporter) -> None:
    now = datetime.now(UTC)
    with tracing.task_span("dispatch", None), tracing.call_span("kie submit"):
        tracing.past_span("kie works", None, now, now)
    with tracing.task_span("dispatch", _UNSAMPLED), tracing.call_span("kie submit"):
        pass
    assert spans.get_finished_spans() == ()


def test_of_an_error_its_kind_is_told_and_not_its_text(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="secret"), tracing.task_span("dispatch", _PARENT):
        raise ValueError("secret")
    [span] = spans.get_finished_spans()
    assert not span.status.is_ok
    assert (span.attributes or {})["error.type"] == "ValueError"
    assert "secret" not in span.to_json()


def test_a_collector_gets_the_spans_at_the_end_at_the_latest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=tests")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20collector")
    came: list[Got] = []

    def take(request: Got) -> Reply:
        came.append(request)
        return 200, {}, b""

    with serving(take) as url:
        with tracing.exporting(f"{url}/"), tracing.request_span("POST", {}):
            pass
        with tracing.exporting(None), tracing.request_span("GET", {}) as span:
            assert not span.is_recording()
    [request] = came
    assert request.path == "/v1/traces"
    assert {name.lower(): value for name, value in request.headers.items()}["authorization"] == "Bearer collector"
    [resource] = ExportTraceServiceRequest.FromString(request.body).resource_spans
    said = {one.key: one.value.string_value for one in resource.resource.attributes}
    assert said["service.name"] == "enlarger"
    assert said["deployment.environment"] == "tests"
    assert [span.name for scope in resource.scope_spans for span in scope.spans] == ["POST"]


def test_the_name_of_the_service_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "pictures")
    exporter = InMemorySpanExporter()
    with tracing.recording(SimpleSpanProcessor(exporter)), tracing.request_span("GET", {}):
        pass
    [span] = exporter.get_finished_spans()
    assert span.resource.attributes["service.name"] == "pictures"


def test_a_collector_that_is_away_holds_nobody_up() -> None:
    began = time.monotonic()
    with tracing.exporting("http://127.0.0.1:1"), tracing.request_span("POST", {}):
        pass
    assert time.monotonic() - began < 30


def test_traces_without_the_sdk_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    hide_opentelemetry_sdk(monkeypatch)
    with pytest.raises(ConfigurationError, match=r"pip install 'enlarger\[otel\]'"), tracing.exporting("http://e.com"):
        pass
