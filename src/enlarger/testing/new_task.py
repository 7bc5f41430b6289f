"""From the body of createTask to what is wanted, checked in the hosted service's order: the model, then the input."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from enlarger.catalog import Model, build_input, get_model, quote
from enlarger.errors import InvalidInput, UnknownModel
from enlarger.protocol.inline import check_url, is_asset, is_url
from enlarger.protocol.records import encode_param
from enlarger.testing.exchange import Refused
from enlarger.testing.tasks import Failure

FAIL_MARKER = "stand-in-fail"
"""A task fails if any text of its input, such as the prompt or a URL, contains this."""

_NOT_SUPPORTED = (
    "The model name you specified is not supported. Please refer to the documentation for the supported models."
)


class ParsedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks for."""

    model: Model
    input: Mapping[str, Any]
    """As it was sent."""
    built: Mapping[str, Any]
    """As the model takes it."""
    callback_url: str | None
    price: float

    @property
    def param(self) -> str:
        """The `param` of the task's record."""
        return encode_param({"input": self.input, "callBackUrl": self.callback_url, "model": self.model.id})

    @property
    def failure(self) -> Failure | None:
        """Why the task will fail, where its input asks for that."""
        return Failure() if FAIL_MARKER.encode() in msgspec.json.encode(self.input) else None

    @property
    def fingerprint(self) -> bytes:
        """The same for the same model and the same input, whatever the order of its fields."""
        return _hash([self.model.id, self.input])

    @property
    def request_fingerprint(self) -> bytes:
        """The same for the same request: an idempotency key is bound to it."""
        return _hash([self.model.id, self.input, self.callback_url])

    def file_names(self, task_id: str) -> tuple[str, ...]:
        """The names of the results; none where the result is an object."""
        output = self.model.output
        if output.media == "data":
            return ()
        count = int(self.built.get(output.count_field or "", output.count))
        suffix = {"video": "mp4", "audio": "wav"}.get(
            output.media if output.media != "source" else self.model.kind, "png"
        )
        return tuple(f"{task_id}-{number}.{suffix}" for number in range(count))


def parse_create_task(body: bytes) -> ParsedRequest:
    """What the body of a createTask asks for. Raises Refused."""
    request = read_object(body)
    model = _model(request.get("model"))
    payload = request.get("input")
    if not isinstance(payload, dict):
        raise Refused(500, "input is required")
    built = build_input(model, payload, locale="en")
    for fault in built.faults:
        if fault.code == "required":
            raise Refused(500, f"{fault.field} is required")
    if built.error:
        raise Refused(422, built.error)
    _refuse_inline(model, built.input)
    return ParsedRequest(
        model=model,
        input=payload,
        built=built.input,
        callback_url=_callback_url(request.get("callBackUrl")),
        price=quote(model, built.input).amount or 0.0,
    )


def read_object(body: bytes) -> dict[str, Any]:
    """A body that is a JSON object. Raises Refused."""
    try:
        request = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise Refused(400, "The request body is not valid JSON") from None
    if not isinstance(request, dict):
        raise Refused(400, "The request body is not a JSON object")
    return request


def _model(name: Any) -> Model:
    """The model of exactly this id: aliases are ours, the hosted service knows none."""
    try:
        model = get_model(name) if isinstance(name, str) else None
    except UnknownModel:
        model = None
    if model is None or model.id != name or "kie" not in model.routes or model.status == "retired":
        raise Refused(422, _NOT_SUPPORTED)
    if model.status == "paused":
        raise Refused(500, "This interface is temporarily paused.")
    return model


def _refuse_inline(model: Model, built: Mapping[str, Any]) -> None:
    for name, field in model.fields().items():
        values = built.get(name, [])
        for value in values if isinstance(values, list) else [values]:
            if field.media and not is_url(value) and not (field.assets and is_asset(value)):
                raise Refused(422, f"{name} must be a public http(s) URL")


def _callback_url(value: Any) -> str | None:
    if value is None or value == "":
        return None
    try:
        check_url("callBackUrl", str(value))
    except InvalidInput as error:
        raise Refused(422, str(error)) from None
    return str(value)


def _hash(value: Any) -> bytes:
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).digest()
