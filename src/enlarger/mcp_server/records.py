"""What the tools answer, as structured content; the SDK makes the output schemas of it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

Value = dict[str, Any] | list[Any] | str | int | float | bool | None
"""Any JSON value; schemas without a type are not understood by every client."""


class ResultFile(BaseModel):
    """A file that a task made."""

    url: str
    mime_type: str | None = None
    size: int | None = Field(default=None, description="Bytes.")


class TaskAnswer(BaseModel):
    """A task, and what to do next."""

    task_id: str
    state: str = Field(description="waiting, queuing, generating, success or fail.")
    ended: bool = Field(description="Whether the state is final.")
    model: str | None = None
    idempotency_key: str | None = Field(
        default=None, description="Use the same key to repeat the call that created the task."
    )
    progress: int | None = Field(default=None, description="Percent.")
    results: list[ResultFile] = []
    data: Value = Field(default=None, description="The result of a model that makes no files.")
    credits: float | None = Field(default=None, description="What was charged.")
    fail_code: str | None = None
    fail_message: str | None = None
    saved_to: list[str] = Field(default=[], description="Files on this machine.")
    notes: list[str] = Field(default=[], description="Warnings, and what to do next.")


class ModelEntry(BaseModel):
    """A model of the list."""

    model: str
    title: str | None = None
    tasks: list[str] = Field(default=[], description="What it does: upscale, text-to-image, image-edit, …")
    description: str | None = None
    price: str | None = Field(default=None, description="In words.")
    runs_on: list[str] | None = Field(default=None, description="Providers that this service has for it.")
    switched_off: bool = False


class ModelsAnswer(BaseModel):
    """The models that were found."""

    total: int = Field(description="How many match; at most `limit` of them are listed.")
    models: list[ModelEntry]


class FieldEntry(BaseModel):
    """A field of a model's input."""

    name: str
    type: str
    required: bool = False
    default: Value = None
    limits: str | None = None


class ModelAnswer(BaseModel):
    """A model in full."""

    model: str
    title: str
    tasks: list[str]
    note: str | None = None
    price: str = Field(description="In words.")
    usual_seconds: float = Field(description="How long a task usually takes.")
    needs: str | None = Field(default=None, description="Fields of which one has to be given.")
    forms: list[list[FieldEntry]] = Field(description="The fields; of several forms an input fits one.")
    example: dict[str, Any] = Field(description="An input that fits.")


class QuoteAnswer(BaseModel):
    """What a task will cost."""

    credits: float | None = Field(description="None when no price is known.")
    usd: float | None = None
    exact: bool = Field(description="Otherwise `credits` is the most that it can be.")
    why: str | None = None
    max_credits: float | None = Field(default=None, description="The limit above which a task has to be confirmed.")
    needs_confirmation: bool = False
    warnings: list[str] = []


class TasksAnswer(BaseModel):
    """A page of tasks, newest first."""

    tasks: list[TaskAnswer]
    next: str | None = Field(default=None, description="The `after` of the following page.")


class BalanceAnswer(BaseModel):
    """The account's balance."""

    credits: float


class SavedAnswer(BaseModel):
    """Files that were written on this machine."""

    task_id: str
    saved_to: list[str]
