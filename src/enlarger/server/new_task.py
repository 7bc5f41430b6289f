"""From the body of createTask to a task that can be made."""

from __future__ import annotations

import hashlib
import mmap
import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from enlarger.catalog import UNKNOWN_FIELD, Field, InputIssue, Model, build_input, faults, get_model
from enlarger.catalog.file_faults import wrong_type
from enlarger.catalog.leftovers import changes_result, holds_file
from enlarger.catalog.messages import Translate, translator
from enlarger.catalog.model import LOCAL, Form
from enlarger.catalog.own import find_own
from enlarger.errors import InvalidInput, InvalidRequest
from enlarger.infra import tracing
from enlarger.protocol.inline import check_url, is_asset, is_url
from enlarger.protocol.json_body import decode_json
from enlarger.protocol.records import Problem, encode_param
from enlarger.server.callback_urls import check_callback_url
from enlarger.server.dependencies import Service
from enlarger.server.inline_files import InlineFiles
from enlarger.server.measuring import measure_task
from enlarger.server.parameters import Url
from enlarger.server.upload_files import own_file
from enlarger.tasks.accounts import Caller
from enlarger.tasks.records import NewTask
from enlarger.tasks.source_task import source_file, source_task
from enlarger.translatable import Sentence, sentence

_MEGABYTE = 1_000_000
_DEEPEST = 30
LONGEST_KEY = 255
_ANSWER_SECONDS = 6.0
"""Within these the app surely has its answer: it may have to wait for others, but not longer than five."""
_LONGEST_URL = 8_000
MOST_INPUT_BYTES = 256_000
"""Of a task's input without the files in it; the longest prompts have 30,000 characters."""
MOST_BESIDE_BYTES = 16_000
"""Of what a record repeats beside the input: an app's own marks."""


_OWN_FIELDS = ("model", "callBackUrl")
_SHOWN_NAME = 100
_MOST_STRAYS = 20
_CALLBACK_NAMES = ("callback_url", "callbackUrl", "callBackURL", "call_back_url", "webhook", "webhook_url")


class CreateTaskRequest(msgspec.Struct, rename="camel"):
    """The body of createTask."""

    # For the API's description only: `parse_create_task` reads the body, and words what is wrong with it.
    model: str
    """The model's id, or one of its other names."""
    input: Annotated[dict[str, Any], msgspec.Meta(extra_json_schema={"additionalProperties": True})]
    """The model's fields."""
    call_back_url: Url | msgspec.UnsetType = msgspec.UNSET
    """Where the callback is sent when the task has ended: by default to `KIE_CALLBACK_URL`; nowhere if empty."""


class ParsedRequest(msgspec.Struct, frozen=True):
    """What a request asks for."""

    model: Model
    input: dict[str, Any]
    warnings: tuple[InputIssue, ...]
    """What was left out of the input."""
    callback_url: str | None
    """Empty where the app wants no callback, None where it does not say."""
    locale: str
    """The language of what is said about it."""

    beside: dict[str, Any]
    """What a record repeats of the request beside the input."""
    unknown: dict[str, Any]
    """What a record repeats of the fields that the model does not have."""


def parse_create_task(body: bytes | mmap.mmap, *, locale: str) -> ParsedRequest:
    """The model and its input, checked in the hosted service's order: the model's name before its input.

    Raises InvalidRequest, UnknownModel or InvalidInput, the last with all faults and in the language `locale`.
    """
    return read_create_task(_parse(body), locale=locale)


def read_create_task(request: Mapping[str, Any], *, locale: str) -> ParsedRequest:
    """The same of a body that is already an object. Raises what `parse_create_task` raises."""
    _check_storable(request)
    name = request.get("model")
    if not isinstance(name, str) or not name.strip():
        message = sentence("The field 'model' is required and must be text: name a model, such as topaz/image-upscale.")
        raise InvalidInput("model", message)
    model = get_model(name)
    payload = request.get("input")
    if not isinstance(payload, dict):
        raise InvalidInput("input", sentence("The field 'input' must be an object with the model's fields."))
    built = build_input(model, payload, locale=locale)
    built.raise_faults()
    strays = _find_strays(model, payload, request, built.input, locale)
    callback_url = _callback_url(request)
    unknown = {fault.field: payload[fault.field] for fault in built.warnings if fault.code == UNKNOWN_FIELD}
    room = _Room(MOST_BESIDE_BYTES, translator(locale))
    beside = room.keep({name: value for name, value in request.items() if name not in (*_OWN_FIELDS, "input")})
    kept = room.keep(unknown)
    return ParsedRequest(
        model=model,
        input=built.input,
        warnings=(*built.warnings, *strays, *room.left_out),
        callback_url=callback_url,
        locale=locale,
        beside={**{name: request[name] for name in _OWN_FIELDS if name in request}, **beside},
        unknown=kept,
    )


def _find_strays(
    model: Model, payload: dict[str, Any], request: Mapping[str, Any], built: dict[str, Any], locale: str
) -> list[InputIssue]:
    """Warnings about fields beside the input that belong inside it. Raises InvalidInput for one that holds a file."""
    tr = translator(locale)
    marks = [name for name, value in request.items() if name not in (*_OWN_FIELDS, "input") and value is not None]
    strays = []
    for name in marks[:_MOST_STRAYS]:
        if name in _CALLBACK_NAMES:
            message = tr("The field '{field}' is not used: give the URL of callbacks in 'callBackUrl'", field=name)
            strays.append(InputIssue(name, "beside_input", message))
        elif name not in payload and _means_something(name, request[name], model, payload, built):
            message = tr("The field '{field}' beside 'input' is not used: move it into 'input'", field=name)
            strays.append(InputIssue(name, "beside_input", message))
            if holds_file(name, request[name]):
                raise InvalidInput(name, message, [(name, "beside_input", message)])
    return strays


def _means_something(name: str, value: Any, model: Model, payload: dict[str, Any], built: dict[str, Any]) -> bool:
    """Whether the model would use this field if it were in the input; any other field is the app's own."""
    if changes_result(name, value):
        return True
    again = build_input(model, {**payload, name: value}, locale="en")
    return not again.faults and again.input != built


def to_problems(issues: Sequence[InputIssue]) -> list[Problem]:
    """Warnings as they go over the wire."""
    return [Problem(issue.field, issue.code, issue.message) for issue in issues]


async def make_new_task(
    service: Service,
    wanted: ParsedRequest,
    *,
    caller: Caller,
    files: InlineFiles,
    idempotency_key: str | msgspec.UnsetType,
    base_url: str,
    waits: float = 0.0,
) -> NewTask:
    """What is to be written down. Files inside the input go to `files`, and their links stand in it instead.

    `waits` is how many seconds the app wants to be answered later, if the task has not ended before.

    Raises UnknownModel, ModelSwitchedOff, ModelUnavailable or InvalidInput, and StorageUnavailable when results could
    not be stored now.
    """
    model, built, account_id = wanted.model, dict(wanted.input), caller.account_id
    service.routing.check(model, built, locale=wanted.locale)
    find_own(model, service.settings.models_folder)
    if wanted.callback_url:
        check_callback_url(service, wanted.callback_url)
    await service.storage.require()
    for name, field in model.fields().items():
        if field.type == "task" and name in built:
            await _check_source(service, model, account_id, name, built[name])
    built, identity = await _keep(service, files, model.fields(), built, base_url, wanted.locale)
    _check_size(built)
    measures = await measure_task(service, caller, files, model, built)
    return NewTask(
        id=secrets.token_hex(16),
        account_id=account_id,
        model=model.id,
        input=built,
        param=encode_param({**wanted.beside, "input": {**wanted.unknown, **built}}),
        callback_url=_usual_callback_url(service) if wanted.callback_url is None else wanted.callback_url or None,
        base_url=base_url,
        idempotency_key=_key(idempotency_key),
        request_sha256=_hash(model, identity, wanted.callback_url),
        answer_seconds=_ANSWER_SECONDS + waits,
        key_sha256=caller.key_sha256,
        credits_reserved=measures.credits,
        for_engine=measures.for_engine,
        pixels=measures.pixels,
        free=model.price.free,
        trace_parent=tracing.context(),
    )


async def _check_source(service: Service, model: Model, account_id: str, name: str, task_id: str) -> None:
    """Raise InvalidInput for the id of a task on which this one cannot build."""
    if service.routing.available(model) == (LOCAL,):  # which takes no videos, and nobody else could have the task
        await source_file(service.tasks, service.files, account_id=account_id, field=name, task_id=task_id)
    else:
        await source_task(service.tasks, account_id=account_id, field=name, task_id=task_id)


class _Room:
    """Room for what an app sends along: fields are kept whole as long as they fit, and the rest is named."""

    def __init__(self, size: int, tr: Translate) -> None:
        self._left = size
        self._tr = tr
        self.left_out: list[InputIssue] = []

    def keep(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Those of `fields` that fit."""
        kept: dict[str, Any] = {}
        for name, value in fields.items():
            size = len(msgspec.json.encode({name: value}))
            if size <= self._left:
                self._left -= size
                kept[name] = value
            else:
                shown = name[:_SHOWN_NAME]
                message = self._tr(
                    "The field '{field}' is not kept: a record has room for {limit} kB beside the model's own fields",
                    field=shown, limit=MOST_BESIDE_BYTES // 1000,
                )  # fmt: skip
                self.left_out.append(InputIssue(shown, "not_kept", message))
        return kept


def _check_size(built: Mapping[str, Any]) -> None:
    """Raise InvalidInput for an input that is too large to be kept with the task."""
    size = len(msgspec.json.encode(built))
    if size > MOST_INPUT_BYTES:
        message = sentence(
            "The input has {size} kB besides its files, but at most {limit} are allowed: shorten"
            " its texts and lists.",
            size=size // 1000, limit=MOST_INPUT_BYTES // 1000,
        )  # fmt: skip
        raise InvalidInput("input", message)


def _parse(body: bytes | mmap.mmap) -> Mapping[str, Any]:
    try:
        request = decode_json(body)
    except RecursionError:
        raise InvalidRequest(_too_deep()) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message = sentence("The body is not valid JSON ({reason}): send an object with model and input.", reason=error)
        raise InvalidRequest(message) from None
    if not isinstance(request, dict):
        raise InvalidRequest(sentence("The body must be a JSON object with {fields}.", fields="model, input"))
    return request


def _check_storable(value: Any, depth: int = 0) -> None:
    """Raise InvalidRequest for what cannot be kept: the one character that Postgres does not store, endless nesting."""
    if depth > _DEEPEST:
        raise InvalidRequest(_too_deep())
    match value:
        case str() if "\0" in value:
            raise InvalidRequest(
                sentence("The body has a NUL character (\\u0000) in a text, which cannot be kept: leave it out.")
            )
        case dict():
            for name, item in value.items():
                _check_storable(name, depth + 1)
                _check_storable(item, depth + 1)
        case list():
            for item in value:
                _check_storable(item, depth + 1)


def _too_deep() -> Sentence:
    return sentence("The body is nested more than {most} levels deep: send a flatter one.", most=_DEEPEST)


def _callback_url(request: Mapping[str, Any]) -> str | None:
    value = request.get("callBackUrl")
    if value is None:
        return None
    if not isinstance(value, str):
        message = sentence("The field '{field}' must be text", field="callBackUrl")
        raise InvalidInput("callBackUrl", message, [("callBackUrl", "not_text", message)])
    if len(value) > _LONGEST_URL:
        message = sentence(
            "The field '{field}' has {size} characters, but at most {limit} are allowed.",
            field="callBackUrl", size=len(value), limit=_LONGEST_URL,
        )  # fmt: skip
        raise InvalidInput("callBackUrl", message, [("callBackUrl", "too_long", message)])
    if value.strip():
        check_url("callBackUrl", value.strip())
    return value.strip()


def _usual_callback_url(service: Service) -> str | None:
    url = service.settings.callback_url
    return url.get_secret_value() if url else None


def _key(value: str | msgspec.UnsetType) -> str | None:
    if value is msgspec.UNSET:
        return None
    if not value.strip() or len(value) > LONGEST_KEY:
        raise InvalidInput(
            "Idempotency-Key",
            sentence("The Idempotency-Key must have 1 to {most} characters: a UUID is a good one.", most=LONGEST_KEY),
        )
    return value.strip()


def _hash(model: Model, identity: Mapping[str, Any], callback_url: str | None) -> bytes:
    """What an idempotency key is bound to: pictures count by their content, so uploading one again changes nothing."""
    return hashlib.sha256(msgspec.json.encode([model.id, sorted(identity.items()), callback_url])).digest()


async def _keep(
    service: Service,
    files: InlineFiles,
    form: Form,
    values: Mapping[str, Any],
    base_url: str,
    locale: str,
    place: str = "",
) -> tuple[dict[str, Any], dict[str, Any]]:
    """An input with its files stored: once with their URLs, once with what identifies them in the request's hash."""
    kept, identity = dict(values), dict(values)
    for name, value in values.items():
        field = form.get(name)
        if field is None:
            continue
        if field.media is not None:
            kept[name], identity[name] = await _files(service, files, place + name, field, value, base_url, locale)
        elif field.members:
            both = [
                await _keep(service, files, field.members, item, base_url, locale, f"{place}{name}[{number}].")
                for number, item in enumerate(value)
            ]
            kept[name], identity[name] = [one for one, _ in both], [one for _, one in both]
    return kept, identity


async def _files(
    service: Service, files: InlineFiles, name: str, field: Field, value: Any, base_url: str, locale: str
) -> tuple[Any, Any]:
    """The URLs of a field's files, and what stands for them in the request's hash; one or a list of each."""
    if not isinstance(value, list):
        return await _file(service, files, name, field, value, base_url, locale)
    both = [
        await _file(service, files, f"{name}[{number}]", field, item, base_url, locale)
        for number, item in enumerate(value)
    ]
    return [url for url, _ in both], [digest for _, digest in both]


async def _file(
    service: Service, files: InlineFiles, name: str, field: Field, value: str, base_url: str, locale: str
) -> tuple[str, str]:
    """A file's URL, and what stands for it in the request's hash; `build_input` has checked the value itself."""
    if is_asset(value):
        return value, value
    if is_url(value):
        stored = await own_file(service, name, value)
        if stored is None:
            return value, value
        if field.max_mb is not None and stored.size > field.max_mb * _MEGABYTE:
            raise faults.too_large(name, stored.size, field.max_mb, translator(locale)).error()
        _check_type(name, field, stored.mime_type)
        return value, stored.sha256.hex()
    file = await files.decode(name, field, value)
    _check_type(name, field, file.mime_type)
    return base_url + service.links.make(file.id, file.name, file.expires_at), file.sha256.hex()


def _check_type(name: str, field: Field, mime_type: str) -> None:
    """Raise InvalidInput for a stored file of a type that the field does not take."""
    if refusal := wrong_type(name, field, mime_type):
        raise refusal
