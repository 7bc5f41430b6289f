"""Traces: whether the SDK is installed and the collector accepts them."""

from __future__ import annotations

from importlib.util import find_spec

import httpx2

from enlarger.cli.doctor.finding import Finding, failed, ok, skipped
from enlarger.cli.doctor.public_url import without_secrets
from enlarger.cli.doctor.site import Site

_SECONDS = 10.0
_PROTOBUF = {"Content-Type": "application/x-protobuf"}
_REFUSED = (401, 403)


async def check_traces(site: Site) -> Finding:
    """Does the collector take a request without any spans?"""
    endpoint = site.settings.otlp_endpoint
    if endpoint is None:
        return skipped("Nothing is traced.", "Set ENLARGER_OTLP_ENDPOINT to the address of an OpenTelemetry collector.")
    if find_spec("opentelemetry.sdk") is None or find_spec("opentelemetry.exporter") is None:
        return failed("OpenTelemetry's SDK is not installed, so no service starts.", "`pip install 'enlarger[otel]'`.")
    url, shown = f"{endpoint}/v1/traces", without_secrets(endpoint)
    async with httpx2.AsyncClient(timeout=_SECONDS) as http:
        try:
            # An empty message has no spans. Only the exporter reads OTEL_EXPORTER_OTLP_HEADERS.
            reply = await http.post(url, content=b"", headers=_PROTOBUF)
        except httpx2.HTTPError as error:
            return failed(
                f"{shown} cannot be reached ({type(error).__name__}): spans are lost until it can.",
                "Check ENLARGER_OTLP_ENDPOINT, and that the collector takes OTLP over HTTP, usually on port 4318.",
            )
    if reply.is_success:
        return ok(f"{shown} takes traces.")
    if reply.status_code in _REFUSED:
        return ok(f"{shown} answers, and requires a key, which belongs in OTEL_EXPORTER_OTLP_HEADERS.")
    return failed(
        f"{without_secrets(url)} answers {reply.status_code}, unlike a collector.",
        "Check ENLARGER_OTLP_ENDPOINT: give the address for OTLP over HTTP, not gRPC, without /v1/traces.",
    )
