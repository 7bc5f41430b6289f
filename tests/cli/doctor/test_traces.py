"""What the doctor says of a collector of traces."""

from __future__ import annotations

import sys

import pytest

from enlarger.cli.doctor.finding import Finding, Status
from enlarger.cli.doctor.site import Site
from enlarger.cli.doctor.traces import check_traces
from tests.cli.loopback import Got, Reply, serving


async def examined(monkeypatch: pytest.MonkeyPatch, endpoint: str | None) -> Finding:
    if endpoint is not None:
        monkeypatch.setenv("ENLARGER_OTLP_ENDPOINT", endpoint)
    async with Site() as site:
        return await check_traces(site)


@pytest.mark.parametrize(
    ("status", "expected", "words"),
    [
        (200, Status.OK, "takes traces"),
        (401, Status.OK, "OTEL_EXPORTER_OTLP_HEADERS"),
        (404, Status.FAILED, "answers 404"),
        (500, Status.FAILED, "answers 500"),
    ],
)
async def test_a_collector_is_asked_whether_it_takes_traces(
    status: int, expected: Status, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Got] = []

    def answer(request: Got) -> Reply:
        asked.append(request)
        return status, {}, b""

    with serving(answer) as url:
        found = await examined(monkeypatch, url.replace("//", "//user:secret@"))
    assert (found.status, words in found.found) == (expected, True)
    assert "secret" not in f"{found}"
    assert [(request.path, request.body) for request in asked] == [("/v1/traces", b"")]


async def test_a_collector_that_is_away_costs_spans_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await examined(monkeypatch, "http://127.0.0.1:1")
    assert found.status is Status.FAILED
    assert "spans are lost" in found.found


async def test_without_a_collector_nothing_is_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await examined(monkeypatch, None)).status is Status.SKIPPED


async def test_a_missing_sdk_is_told_before_a_service_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    found = await examined(monkeypatch, "http://127.0.0.1:1")
    assert (found.status, found.remedy) == (Status.FAILED, "`pip install 'enlarger[otel]'`.")
