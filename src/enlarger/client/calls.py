"""The calls of a client beside making tasks and waiting for them, as flows that both clients run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote as quote_path
from urllib.parse import urlsplit

import msgspec

from enlarger.catalog import HEADER_BYTES, InputIssue, Model, build_input_or_raise, get_model, measure
from enlarger.catalog import quote as price
from enlarger.client import wire
from enlarger.client.core import Core
from enlarger.client.effects import Flow, call
from enlarger.client.records import (
    ModelInfo,
    Quote,
    Submitted,
    TaskPage,
    TaskStatus,
    read_models,
    read_quote,
    read_status,
)
from enlarger.client.submission import Order
from enlarger.client.submission import create as send_task
from enlarger.client.uploads import Content, Local, Source, find_local
from enlarger.client.waiting import check_task_id
from enlarger.client.wire import Request
from enlarger.errors import InvalidInput, ProtocolError, UnknownModel
from enlarger.protocol.inline import is_url
from enlarger.protocol.records import AttemptRecord, Deliveries, WholeTask

T = TypeVar("T")

UPSCALE_MODEL = "topaz/image-upscale"
REMOVE_BACKGROUND_MODEL = "recraft/remove-background"

_log = logging.getLogger("enlarger.client")


def submit(core: Core, order: Order) -> Flow[Submitted]:
    """Make a task out of an input that is repaired and checked by the catalogue.

    Files of this machine are uploaded first. Raises InvalidInput before anything is sent. What is odd about the input
    is logged.
    """
    order.check()
    local = (yield from _find_local(core, order.model, order.input)).checked(order.model, strict=order.strict)
    return (yield from _make(core, msgspec.structs.replace(order, model=_id(order.model)), local, local.warnings))


def submit_for(core: Core, order: Order, to_handle: Callable[[Submitted], T]) -> Flow[T]:
    """Make a task as `submit` does; returns a handle on it."""
    return to_handle((yield from submit(core, order)))


def create(core: Core, order: Order) -> Flow[str]:
    """Make a task out of an input as it stands, but for files of this machine; returns its id."""
    order.check()
    local = yield from _find_local(core, order.model, order.input)
    return (yield from _make(core, order, local, local.unknown_fields(order.model, strict=order.strict))).task_id


def _make(core: Core, order: Order, local: Local, warnings: tuple[InputIssue, ...]) -> Flow[Submitted]:
    for warning in warnings:  # before it costs money
        _log.warning("A task of %s: %s", order.model, warning.message)
    input = yield from local.upload_all(core)
    made = yield from send_task(core, msgspec.structs.replace(order, input=input))
    others = _new(made.warnings, warnings)
    for warning in others:
        _log.warning("Task %s of %s: %s", made.task_id, order.model, warning.message)
    return msgspec.structs.replace(made, warnings=(*warnings, *others))


def _new(warnings: tuple[InputIssue, ...], said: tuple[InputIssue, ...]) -> tuple[InputIssue, ...]:
    """Those of a service's warnings that are not among the ones given already, `said`."""
    known = {(warning.field, warning.code) for warning in said}
    return tuple(warning for warning in warnings if (warning.field, warning.code) not in known)


def credits(core: Core) -> Flow[float]:
    """The account's balance."""
    data = yield from core.ask(Request(method="GET", path="/api/v1/chat/credit"))
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise ProtocolError("The answer has no number of credits.", remedy="Check the base URL (KIE_BASE_URL).")
    return data


def download_url(core: Core, url: str) -> Flow[str]:
    """A link to a result's file that is good for some minutes."""
    data = yield from core.ask(
        Request(method="POST", path="/api/v1/common/download-url", json=wire.encode({"url": url}))
    )
    if not isinstance(data, str):
        raise ProtocolError("The answer has no link.", remedy="Check the base URL (KIE_BASE_URL).")
    return data


def models(core: Core) -> Flow[list[ModelInfo]]:
    """The models that the service has."""
    return read_models((yield from core.ask(Request(method="GET", path="/api/v1/models"))))


def quote(core: Core, model: str, input: Mapping[str, Any], *, strict: bool) -> Flow[Quote]:
    """What a task would cost: by our service itself, else by the catalogue. A picture of this machine is measured.

    What is odd about the input is logged, and in the quote. Raises InvalidInput, and UnknownModel for a model without a
    price in the catalogue.
    """
    known = get_model(model)
    local = (yield from _find_local(core, model, input)).checked(model, strict=strict)
    quoted = yield from _quote(core, known, local)
    quoted = msgspec.structs.replace(quoted, warnings=(*local.warnings, *_new(quoted.warnings, local.warnings)))
    for warning in quoted.warnings:
        _log.warning("A quote of %s: %s", model, warning.message)
    return quoted


def _quote(core: Core, known: Model, local: Local) -> Flow[Quote]:
    built = build_input_or_raise(known, local.input)
    picture = local.sources.get(str(built.get(known.picture_field() or "")))
    size = None if picture is None else (yield from call(lambda: _measure(picture), blocking=True))
    if local.sources or not (yield from core.has("quote")):
        return Quote(*msgspec.structs.astuple(price(known, built, size=size)))
    request = Request(method="POST", path=wire.QUOTE, json=wire.encode({"model": known.id, "input": local.input}))
    return read_quote((yield from core.ask(request)))


def list_tasks(core: Core, *, state: str | None, model: str | None, limit: int, after: str | None) -> Flow[TaskPage]:
    """A page of the tasks, newest first. Raises NotSupported where the service is not ours."""
    yield from core.require("list", "list tasks")
    filters = (("state", state), ("model", model), ("after", after))
    query = {"limit": str(limit)} | {name: value for name, value in filters if value}
    data = yield from core.ask(Request(method="GET", path="/v1/tasks", query=query))
    records = wire.field(data, "tasks", list, "the list of tasks")
    following = data.get("next")
    return TaskPage((read_status(record) for record in records), following if isinstance(following, str) else None)


def cancel(core: Core, task_id: str) -> Flow[TaskStatus]:
    """Call a task off. Raises NotSupported where the service is not ours."""
    check_task_id(task_id)
    yield from core.require("cancel", "cancel a task")
    return read_status((yield from core.ask(Request(method="POST", path=wire.task_path(task_id, "cancel")))))


def delete_file(core: Core, file: str) -> Flow[None]:
    """Remove a stored file. Raises NotSupported where the service is not ours, and NotFound where it is not there."""
    yield from core.require("delete", "remove a file")
    yield from core.ask(Request(method="DELETE", path=f"/v1/files/{quote_path(_file_id(file), safe='')}"))


def attempts(core: Core, task_id: str) -> Flow[list[AttemptRecord]]:
    """Which providers a task was given to. Raises NotSupported where the service is not ours."""
    check_task_id(task_id)
    yield from core.require("attempts", "tell which providers a task was given to")
    data = yield from core.ask(Request(method="GET", path=wire.task_path(task_id)))
    try:
        return msgspec.convert(data, WholeTask).attempts
    except msgspec.ValidationError as error:
        raise ProtocolError(f"The answer is not a task: {error}.") from None


def deliveries(core: Core, task_id: str) -> Flow[Deliveries]:
    """What has become of a task's callback. Raises NotSupported where the service is not ours."""
    check_task_id(task_id)
    yield from core.require("deliveries", "tell what became of callbacks")
    return _read_deliveries((yield from core.ask(Request(method="GET", path=wire.task_path(task_id, "deliveries")))))


def resend(core: Core, task_id: str) -> Flow[Deliveries]:
    """Have a task's callback sent again. Raises NotSupported where the service is not ours."""
    check_task_id(task_id)
    yield from core.require("deliveries", "send callbacks again")
    return _read_deliveries((yield from core.ask(Request(method="POST", path=wire.task_path(task_id, "deliveries")))))


def upscale_input(image: Source, factor: int | str) -> dict[str, Any]:
    """The input of `UPSCALE_MODEL`."""
    return {"image_url": _file(image), "upscale_factor": str(factor)}


def remove_background_input(image: Source) -> dict[str, Any]:
    """The input of `REMOVE_BACKGROUND_MODEL`."""
    return {"image": _file(image)}


def _file(image: Source) -> Source:
    """A text that is not a URL, as a path: it is a file's name, whatever its ending."""
    return Path(image) if isinstance(image, str) and not is_url(image) and not image.startswith("data:") else image


def _file_id(file: str) -> str:
    """The id of a file, out of its link if it is one. Raises InvalidInput."""
    if not is_url(file):
        return file
    with suppress(ValueError):
        match urlsplit(file).path.split("/"):
            case [*_, "files", file_id, _] if file_id:
                return file_id
    raise InvalidInput("file", "The URL is not a link of this service: give one of an upload or a result, whole.")


def _id(model: str) -> str:
    """The model's name at the service, for any name that the catalogue has for it."""
    try:
        return get_model(model).id
    except UnknownModel:
        return model


def _read_deliveries(data: Any) -> Deliveries:
    try:
        return msgspec.convert(data, Deliveries)
    except msgspec.ValidationError:
        raise ProtocolError("The answer does not say what became of the callback.") from None


def _find_local(core: Core, model: str, input: Mapping[str, Any]) -> Flow[Local]:
    inline = not core.service.extensions  # as far as is known; ours takes an upload as well
    names = core.options.local_files
    return (yield from call(lambda: find_local(model, input, inline=inline, names=names), blocking=True))


def _measure(picture: Content) -> tuple[int, int] | None:
    if isinstance(picture, str):
        return None
    if isinstance(picture, bytes):
        return measure(picture[:HEADER_BYTES])
    if isinstance(picture, Path):
        with picture.open("rb") as file:
            return measure(file.read(HEADER_BYTES))
    if not picture.seekable():
        return None
    picture.seek(0)
    return measure(picture.read(HEADER_BYTES))
