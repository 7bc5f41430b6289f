"""Request bodies of public clients and documents: what the hosted service would take is taken, and the rest refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from enlarger.catalog import build_input, get_model, quote
from enlarger.errors import UnknownModel

_BODIES = [json.loads(line) for line in Path(__file__).with_name("bodies.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            body,
            id=f"{line}-{body['model']}",
        )
        for line, body in enumerate(_BODIES, start=1)
    ],
)
def test_a_body_is_accepted_or_refused_as_the_hosted_service_does(body: dict[str, Any]) -> None:
    try:
        model = get_model(body["model"])
    except UnknownModel:
        assert body["expect"] == "refused"
        return
    built = build_input(model, body["input"])
    assert ("refused" if built.faults else "ok") == body["expect"], built.error
    if not built.faults:
        price = quote(model, built.input).amount
        assert price is None or price > 0 or model.price.free
