"""The tools that tell what there is and what it costs."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server import MCPServer
from mcp_types import CallToolResult
from pydantic import Field

from enlarger.catalog import Model, get_model
from enlarger.catalog.describe import limits, rows, say_needs, say_price, type_name
from enlarger.catalog.model import Form
from enlarger.catalog.schema import example
from enlarger.client import ModelInfo
from enlarger.mcp_server.access import AnyContext
from enlarger.mcp_server.creating import exceeds
from enlarger.mcp_server.records import (
    BalanceAnswer,
    FieldEntry,
    ModelAnswer,
    ModelEntry,
    ModelsAnswer,
    QuoteAnswer,
)
from enlarger.mcp_server.tool_kit import LOOKS, READS, ToolKit
from enlarger.mcp_server.waiting import answer

ModelId = Annotated[str, Field(description="The model's id, such as google/nano-banana.", min_length=1, max_length=200)]
Input = Annotated[dict[str, Any], Field(description="The model's fields, as show_model lists them.")]


class ModelTools:
    """`find_models`, `show_model`, `quote` and `balance`."""

    def __init__(self, kit: ToolKit) -> None:
        self._kit = kit

    def add_to(self, server: MCPServer[Any]) -> None:
        """Offer them."""
        self._kit.add(server, self.find_models, "Find models", LOOKS)
        self._kit.add(server, self.show_model, "Show a model", READS)
        self._kit.add(server, self.quote, "Quote a task", LOOKS)
        self._kit.add(server, self.balance, "Show the balance", LOOKS)

    async def find_models(
        self,
        ctx: AnyContext,
        text: Annotated[str, Field(description="Words in the id, title or description.", max_length=200)] = "",
        task: Annotated[
            str, Field(description="What the model does: upscale, text-to-image, image-edit, …", max_length=100)
        ] = "",
        limit: Annotated[int, Field(ge=1, le=200)] = 20,
    ) -> Annotated[CallToolResult, ModelsAnswer]:
        """List the models that the service has: what they do and what they cost. Use show_model for their fields."""
        async with self._kit.call(ctx) as call:
            models = await call.access.caller.call(lambda client: client.models())
        words = text.lower().split()
        found = [model for model in models if _matches(model, words, task.strip().lower())]
        return answer(ModelsAnswer(total=len(found), models=[_entry(model) for model in found[:limit]]))

    async def show_model(self, model: ModelId) -> Annotated[CallToolResult, ModelAnswer]:
        """Show a model's input fields with their limits, its price in words, and an example input."""
        known = get_model(model)
        return answer(_describe(known))

    async def quote(self, ctx: AnyContext, model: ModelId, input: Input) -> Annotated[CallToolResult, QuoteAnswer]:
        """Tell what a task would cost, and check its input. Nothing is created or charged."""
        async with self._kit.call(ctx) as call:
            quote = await call.access.caller.call(lambda client: client.quote(model, input))
        limit = self._kit.terms.max_credits
        told = QuoteAnswer(
            credits=quote.amount,
            usd=quote.usd,
            exact=quote.exact,
            why=quote.why,
            max_credits=limit,
            needs_confirmation=limit is not None and exceeds(quote, limit),
            warnings=[warning.message for warning in quote.warnings],
        )
        return answer(told)

    async def balance(self, ctx: AnyContext) -> Annotated[CallToolResult, BalanceAnswer]:
        """Show the account's balance in credits."""
        async with self._kit.call(ctx) as call:
            return answer(BalanceAnswer(credits=await call.access.caller.call(lambda client: client.credits())))


def _matches(model: ModelInfo, words: list[str], task: str) -> bool:
    about = " ".join(filter(None, (model.id, model.title, model.description, *model.tasks))).lower()
    return all(word in about for word in words) and (not task or task in map(str.lower, model.tasks))


def _entry(model: ModelInfo) -> ModelEntry:
    runs_on = model.raw.get("runsOn")
    return ModelEntry(
        model=model.id,
        title=model.title,
        tasks=list(model.tasks),
        description=model.description if model.description != model.title else None,
        price=model.pricing,
        runs_on=[str(name) for name in runs_on] if isinstance(runs_on, list) else None,
        switched_off=model.switched_off,
    )


def _describe(model: Model) -> ModelAnswer:
    return ModelAnswer(
        model=model.id,
        title=model.title,
        tasks=list(model.tasks),
        note=model.note,
        price=say_price(model),
        usual_seconds=model.duration.usual,
        needs=say_needs(model),
        forms=[_fields(form) for form in model.all_forms()],
        example=example(model),
    )


def _fields(form: Form) -> list[FieldEntry]:
    return [
        FieldEntry(
            name=name,
            type=type_name(field),
            required=field.required,
            default=field.default,
            limits=limits(field) or None,
        )
        for name, field in rows(form)
    ]
