"""The catalogue over HTTP: which models there are, what they take, what they cost."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK

from enlarger.catalog import Credits, Model, get_model, list_models, quote
from enlarger.catalog.describe import say_price
from enlarger.catalog.schema import example, json_schema
from enlarger.errors import UnknownModel
from enlarger.protocol.codes import NOT_FOUND
from enlarger.server.keep import picture_size
from enlarger.server.new_task import read_wanted
from enlarger.server.openapi import CreateTaskOperation
from enlarger.server.replies import Reply, failure, success
from enlarger.server.requests import AnyRequest, account_of, body_of, locale_of
from enlarger.server.service import Service


@get("/api/v1/models", summary="All models", tags=["Models"])
async def all_models(request: AnyRequest, service: NamedDependency[Service]) -> Reply:
    """Every model of the catalogue, also those that no provider here can run."""
    await account_of(request, service)
    models = [_describe(model) for model in list_models()]
    return success({"total": len(models), "models": models})


@get("/api/v1/models/{path:path}", summary="A model's schema or price", tags=["Models"])
async def one_model(request: AnyRequest, service: NamedDependency[Service], path: FromPath[str]) -> Reply:
    """`/api/v1/models/ID/schema` is what the model takes, `/api/v1/models/ID/price` what it costs."""
    await account_of(request, service)
    name, _, aspect = str(path).strip("/").rpartition("/")
    views = {"schema": _schema, "price": _price}
    if aspect not in views:
        return failure(request, NOT_FOUND, "A model has /schema and /price: add one of them to its id.")
    try:
        return success(views[aspect](get_model(name)))
    except UnknownModel as error:
        return failure(request, NOT_FOUND, str(error))


@post(
    "/v1/quote",
    status_code=HTTP_200_OK,
    summary="What a task will cost (an extension)",
    tags=["Models"],
    operation_class=CreateTaskOperation,
)
async def quote_task(request: AnyRequest, service: NamedDependency[Service]) -> Reply:
    """The price of a task in credits and dollars, for the same body as createTask; nothing is made."""
    await account_of(request, service)
    wanted = read_wanted(await body_of(request), locale=locale_of(request, service))
    size = await picture_size(service, wanted.model, wanted.input)
    return success(to_price(quote(wanted.model, wanted.input, size=size)))


def to_price(credits: Credits) -> dict[str, Any]:
    """A quote as it goes over the wire."""
    return {"credits": credits.amount, "usd": credits.usd, "exact": credits.exact, "why": credits.why}


def _describe(model: Model) -> dict[str, Any]:
    return {
        "model": model.id,
        "slug": model.id.replace("/", "-"),
        "title": model.title,
        "provider": model.id.partition("/")[0] if "/" in model.id else "kie",
        "taskType": list(model.tasks),
        "description": model.note or model.title,
        "pricingDesc": say_price(model),
        "providers": list(model.routes.providers()),
    }


def _schema(model: Model) -> dict[str, Any]:
    return {"model": model.id, "input": json_schema(model), "example": {"model": model.id, "input": example(model)}}


def _price(model: Model) -> dict[str, Any]:
    return {"model": model.id, "pricingDesc": say_price(model), "price": msgspec.to_builtins(model.price)}
