"""The catalogue over HTTP, in the hosted service's shapes and without the models that it does not have."""

from __future__ import annotations

from typing import Any

import msgspec

from enlarger.catalog import Model, get_model, list_models
from enlarger.catalog.describe import say_price
from enlarger.catalog.schema import example, json_schema
from enlarger.errors import UnknownModel
from enlarger.testing.exchange import Refused


def read_catalogue() -> None:
    """Read the catalogue's files, so that no request has to."""
    for model in list_models():
        get_model(model.id)


def describe_models() -> dict[str, Any]:
    """All models."""
    models = [_describe(model) for model in list_models(provider="kie") if model.status != "retired"]
    return {"total": len(models), "models": models}


def describe_model(path: str) -> dict[str, Any]:
    """One of a model's pages; `path` is the model's id, a slash, and `schema` or `price`. Raises Refused."""
    name, _, aspect = path.rpartition("/")
    try:
        model = get_model(name)
    except UnknownModel:
        model = None
    if model is None or model.id != name or "kie" not in model.routes or aspect not in ("schema", "price"):
        raise Refused(404, "Model not found")
    if aspect == "schema":
        return {"model": name, "input": json_schema(model), "example": {"model": name, "input": example(model)}}
    return {"model": name, "pricingDesc": say_price(model), "price": msgspec.to_builtins(model.price)}


def _describe(model: Model) -> dict[str, Any]:
    return {
        "model": model.id,
        "slug": model.id.replace("/", "-"),
        "title": model.title,
        "provider": model.id.partition("/")[0] if "/" in model.id else "kie",
        "taskType": list(model.tasks),
        "description": model.note or model.title,
        "pricingDesc": say_price(model),
    }
