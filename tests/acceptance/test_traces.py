"""What OpenTelemetry is told of a task, from createTask to the app's callback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from enlarger.infra import tracing
from enlarger.testing import InjectedFault
from tests.acceptance.outside import PROMPT, Outside, Serve
from tests.waiting import until

_TRACE = "0af7651916cd43dd8448eb211c80319c"
_HEADERS = {"traceparent": f"00-{_TRACE}-b7ad6b7169203331-01"}


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    with tracing.recording(SimpleSpanProcessor(exporter)):
        yield exporter


def _of_trace(spans: InMemorySpanExporter) -> list[tuple[str, str | None]]:
    """The names of a trace's spans with their parents' names, in the order in which they began."""
    found = [span for span in spans.get_finished_spans() if f"{span.context.trace_id:032x}" == _TRACE]
    names = {span.context.span_id: span.name for span in found}

    def began(span: ReadableSpan) -> int:
        return span.start_time or 0

    return [(span.name, names.get(span.parent.span_id) if span.parent else None) for span in sorted(found, key=began)]


async def test_one_trace_shows_every_step_of_a_task(
    outside: Outside, serve: Serve, spans: InMemorySpanExporter
) -> None:
    outside.kie.script("createTask", [InjectedFault.TOO_MANY])
    async with serve(webhooks=False, routes="kie,replicate") as app:
        body = {**PROMPT, "callBackUrl": outside.app}
        reply = await app.client.post("/api/v1/jobs/createTask", json=body, headers=_HEADERS)
        task_id = reply.json()["data"]["taskId"]

        async def is_over() -> bool:
            return any(span.name == "callback" for span in spans.get_finished_spans())

        await until(is_over)
    trace = _of_trace(spans)
    made = "POST /api/v1/jobs/createTask"
    polls = [step for step in trace if "poll" in step[0]]
    assert polls
    assert set(polls) <= {("poll", "dispatch"), ("replicate poll", "poll")}
    assert [step for step in trace if step not in polls] == [
        (made, None),
        ("dispatch", made),
        ("kie submit", "dispatch"),
        ("replicate submit", "dispatch"),
        ("replicate works", "dispatch"),
        ("collect", made),
        ("replicate fetch", "collect"),
        ("finish", made),
        ("callback", made),
    ]
    [callback] = outside.announced
    context = {name.lower(): value for name, value in callback.headers.items()}["traceparent"]
    assert context.split("-")[1] == _TRACE
    steps = [span for span in spans.get_finished_spans() if span.name in {"dispatch", "collect", "finish", "callback"}]
    assert {(span.attributes or {})["enlarger.task_id"] for span in steps} == {task_id}


async def test_what_this_machine_makes_and_what_fails_is_in_the_trace(
    serve: Serve, spans: InMemorySpanExporter
) -> None:
    body = {"model": "real-esrgan/fast", "input": {"image_url": "http://127.0.0.1:1/a.png"}}
    async with serve(webhooks=False, patience=0) as app:
        reply = await app.client.post("/api/v1/jobs/createTask", json=body, headers=_HEADERS)
        task_id = reply.json()["data"]["taskId"]

        async def has_failed() -> bool:
            return bool((await app.record(task_id))["state"] == "fail")

        await until(has_failed)
    made = "POST /api/v1/jobs/createTask"
    assert _of_trace(spans) == [(made, None), ("dispatch", made), ("engine", made), ("finish", made)]
    [finish] = [span for span in spans.get_finished_spans() if span.name == "finish"]
    assert (finish.attributes or {})["enlarger.state"] == "fail"
