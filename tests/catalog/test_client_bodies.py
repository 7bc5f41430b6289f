"""Bodies as clients send them, each verdict and price checked by hand: what is refused and why, what the rest costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from enlarger.catalog import build_input, get_model, quote

_BODIES = [json.loads(line) for line in Path(__file__).with_name("client_bodies.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    "body", [pytest.param(body, id=f"{line}-{body['model']}") for line, body in enumerate(_BODIES, start=1)]
)
def test_a_body_gets_its_verdict_and_price(body: dict[str, Any]) -> None:
    model = get_model(body["model"])
    built = build_input(model, body["input"])
    assert {fault.field: fault.code for fault in built.faults} == body.get("refused", {}), built.error
    if "refused" not in body:
        price = quote(model, built.input)
        assert (price.amount, price.exact) == (body["credits"], body.get("exact", True))
        assert sorted(warning.field for warning in built.warnings) == body.get("left_out", [])
