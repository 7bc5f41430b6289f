"""The models that the OpenAI API lists: names of OpenAI's, and the models of pictures that run here."""

from __future__ import annotations

from typing import Literal

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from enlarger.catalog import Model
from enlarger.errors import UnknownModel
from enlarger.server.dependencies import Service
from enlarger.server.openai.errors import refuses
from enlarger.translatable import sentence


class ListedModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model, as OpenAI lists it."""

    id: str
    """The name that requests use."""
    object: Literal["model"] = "model"
    created: int = 0
    """Always 0: the date of a model is not known."""
    owned_by: str
    """The maker, as the model's id names it."""


class ListedModels(msgspec.Struct, frozen=True, kw_only=True):
    """The list of models."""

    object: Literal["list"] = "list"
    data: list[ListedModel]
    """The models."""


@get(
    "/v1/models",
    summary="List models in OpenAI's form",
    tags=["OpenAI images"],
    response_description="The image models that run here.",
    responses=refuses(401),
)
async def list_image_models(service: NamedDependency[Service]) -> Response[ListedModels]:
    """The image models that run here, by the names that requests may use; `/api/v1/models` has more about each."""
    return Response(ListedModels(data=list(_listed(service).values())))


@get(
    "/v1/models/{name:path}",
    summary="Show a model in OpenAI's form",
    tags=["OpenAI images"],
    response_description="The model.",
    responses=refuses(400, 401, 404),
)
async def show_image_model(service: NamedDependency[Service], name: FromPath[str]) -> Response[ListedModel]:
    """One of the listed models, by its name."""
    asked = str(name).strip("/")
    found = _listed(service).get(asked)
    if found is None:
        raise UnknownModel(
            "model", sentence("There is no model {model} here: GET /v1/models lists them.", model=asked[:100])
        )
    return Response(found)


def _listed(service: Service) -> dict[str, ListedModel]:
    names = service.openai_names.listed()
    return {name: _model(name, model) for name, model in names.items() if service.routing.available(model)}


def _model(name: str, model: Model) -> ListedModel:
    return ListedModel(id=name, owned_by=model.id.partition("/")[0] if "/" in model.id else "enlarger")
