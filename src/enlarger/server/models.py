"""The catalogue over HTTP: which models there are, what they take, what they cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_404_NOT_FOUND

from enlarger.catalog import Credits, Model, get_model, list_models, quote
from enlarger.catalog.describe import say_price
from enlarger.catalog.messages import localise
from enlarger.catalog.own import describe_own, find_own, own_models
from enlarger.catalog.schema import example, json_schema
from enlarger.engines.own_models import OwnModel
from enlarger.errors import UnknownModel
from enlarger.protocol.records import Problem, Wire
from enlarger.providers.routing import Routing
from enlarger.server.bodies import INLINE_BODY_BYTES, AnyRequest, off_loop, received
from enlarger.server.dependencies import Service
from enlarger.server.jobs import CREATE_EXAMPLES
from enlarger.server.new_task import CreateTaskRequest, ParsedRequest, parse_create_task, to_problems
from enlarger.server.openapi import refuses
from enlarger.server.parameters import takes
from enlarger.server.replies import Reply, success
from enlarger.server.requests import locale_of
from enlarger.server.upload_files import picture_size
from enlarger.tasks.endings import Refund
from enlarger.translatable import sentence


class ModelSummary(Wire, frozen=True, kw_only=True):
    """A model in the list."""

    model: str
    """The model's id."""
    slug: str
    """The id with hyphens instead of slashes."""
    title: str
    """The model's name."""
    provider: str
    """The maker, as the id names it; `kie` if it names none."""
    task_type: list[str]
    """What the model does, the main task first."""
    description: str
    """Notes on the model, or its name."""
    pricing_desc: str
    """The price in words."""
    providers: list[str]
    """Every provider that has it, according to the catalogue."""
    runs_on: list[str]
    """The providers of this service that can run it, in the order in which they are asked."""
    switched_off: bool
    """Whether the operator has switched it off: createTask and quotes answer 505."""
    licence: str | None
    """The licence of the weights as an SPDX identifier, if the model runs only on this machine, or `user's own`."""
    scale: int | None = None
    """The scale of a network of the user's own."""
    digest: str | None = None
    """The digest of the files of a network of the user's own."""


class ModelList(Wire, frozen=True, kw_only=True):
    """All models."""

    total: int
    """How many there are."""
    models: list[ModelSummary]
    """In the catalogue's order, then the networks of the user's own."""


class ModelSchema(Wire, frozen=True, kw_only=True):
    """A model's input."""

    model: str
    """The model's id."""
    input: dict[str, Any]
    """A JSON Schema of `input`."""
    example: dict[str, Any]
    """A body for createTask that fits."""
    switched_off: bool
    """Whether the operator has switched the model off."""


class ModelPrice(Wire, frozen=True, kw_only=True):
    """A model's price."""

    model: str
    """The model's id."""
    pricing_desc: str
    """The price in words."""
    price: dict[str, Any]
    """The price as the catalogue's rules."""
    switched_off: bool
    """Whether the operator has switched the model off."""


class Quote(Wire, frozen=True, kw_only=True):
    """The price of a task that is not created."""

    credits: float | int | None
    """The price, or the most that it can be if it is not `exact`; null if no price is known."""
    usd: float | int | None
    """The same in dollars."""
    exact: bool
    """Whether the price is known exactly."""
    why: str | None
    """What the price depends on, if it is not exact."""
    refund_on_cancel: Refund
    """`all`, or `unpaid`: only credits for which no hosted provider was or may have been paid are given back."""
    warnings: list[Problem]
    """What createTask would leave out of the input, and why."""


@get(
    "/api/v1/models",
    summary="List all models",
    tags=["Models"],
    response_description="The catalogue.",
    responses=refuses(401),
)
async def all_models(service: NamedDependency[Service]) -> Reply[ModelList]:
    """Every model of the catalogue, whether or not a provider here can run it, and networks of the user's own."""
    folder = service.settings.models_folder
    own = [_describe(get_model(name), service.routing, one) for name, one in own_models(folder).items()]
    models = [*(_describe(model, service.routing) for model in list_models()), *own]
    return success(ModelList(total=len(models), models=models))


@get(
    "/api/v1/models/{path:path}",
    summary="Show a model's schema or price",
    tags=["Models"],
    response_description="The schema, or the price.",
    responses=refuses(400, 401, 404),
)
async def one_model(service: NamedDependency[Service], path: FromPath[str]) -> Reply[ModelSchema | ModelPrice]:
    """`/api/v1/models/ID/schema` has the fields of a model's input, `/api/v1/models/ID/price` its price."""
    name, _, aspect = str(path).strip("/").rpartition("/")
    views: dict[str, Callable[[Model, bool], ModelSchema | ModelPrice]] = {"schema": _schema, "price": _price}
    if aspect not in views:
        message = sentence("A model has /schema and /price: add one of them to its id.")
        raise HTTPException(detail=message, status_code=HTTP_404_NOT_FOUND)
    try:
        model = get_model(name)
        find_own(model, service.settings.models_folder)
        return success(views[aspect](model, not service.routing.offers(model)))
    except UnknownModel as error:
        raise HTTPException(detail=error.args[0], status_code=HTTP_404_NOT_FOUND) from None


@post(
    "/v1/quote",
    status_code=HTTP_200_OK,
    summary="Quote a task",
    tags=["Models"],
    request_max_body_size=INLINE_BODY_BYTES,
    response_description="What it would cost.",
    responses=refuses(400, 401, 404, 408, 413, 422, 503, 505),
    **takes(body=CreateTaskRequest, examples=CREATE_EXAMPLES),
)
async def quote_task(request: AnyRequest, service: NamedDependency[Service]) -> Reply[Quote]:
    """The price of a task in credits and dollars, for the same body as createTask's. No task is created.

    The size of an uploaded or inline image is measured.
    """
    async with received(request) as body:
        wanted = await off_loop(request, body, parse_create_task, body, locale=locale_of(request, service))
        service.routing.require_offered(wanted.model, locale=wanted.locale)
        find_own(wanted.model, service.settings.models_folder)
        size = await picture_size(service, wanted.model, wanted.input)
        cost = await off_loop(request, body, quote, wanted.model, wanted.input, size=size)
    return success(to_quote(cost, service.settings.refund_on_cancel, wanted))


def to_quote(credits: Credits, refund: Refund, wanted: ParsedRequest) -> Quote:
    """A quote as it goes over the wire, in the request's language."""
    why = None if credits.why is None else localise(credits.why, wanted.locale)
    warnings = to_problems(wanted.warnings)
    return Quote(
        credits=credits.amount,
        usd=credits.usd,
        exact=credits.exact,
        why=why,
        refund_on_cancel=refund,
        warnings=warnings,
    )


def _describe(model: Model, routing: Routing, own: OwnModel | None = None) -> ModelSummary:
    model = model if own is None else describe_own(model, own.native_scale)
    return ModelSummary(
        model=model.id,
        slug=model.id.replace("/", "-"),
        title=model.title,
        provider=model.id.partition("/")[0] if "/" in model.id else "kie",
        task_type=list(model.tasks),
        description=model.note or model.title,
        pricing_desc=say_price(model),
        providers=list(model.providers()),
        runs_on=list(routing.available(model)),
        switched_off=not routing.offers(model),
        licence=model.licence,
        scale=own.native_scale if own else None,
        digest=own.digest if own else None,
    )


def _schema(model: Model, switched_off: bool) -> ModelSchema:
    sample = {"model": model.id, "input": example(model)}
    return ModelSchema(model=model.id, input=json_schema(model), example=sample, switched_off=switched_off)


def _price(model: Model, switched_off: bool) -> ModelPrice:
    price = msgspec.to_builtins(model.price)
    return ModelPrice(model=model.id, pricing_desc=say_price(model), price=price, switched_off=switched_off)
