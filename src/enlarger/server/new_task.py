"""From the body of createTask to a task that can be made."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from enlarger.catalog import Field, Model, build_input, get_model, others
from enlarger.engines.formats import SNIFF_BYTES, sniff
from enlarger.errors import InvalidInput, InvalidRequest, PictureTooLarge
from enlarger.protocol.inline import check_url, decode_inline, is_url
from enlarger.protocol.records import encode_param
from enlarger.server.service import Service
from enlarger.tasks.records import NewFile, NewTask, StoredFile
from enlarger.tasks.source_task import source_file

_MEGABYTE = 1_000_000
_LONGEST_KEY = 255
_LONGEST_TEXT = 30_000
"""Characters of one value that a record repeats; prompts are shorter, files are longer."""


async def read_new_task(
    service: Service, *, account_id: str, body: bytes, idempotency_key: str | None, base_url: str
) -> NewTask:
    """Everything that createTask checks, in the hosted service's order: the model's name before its input.

    Inline pictures are stored, and their links stand in the input instead. Raises InvalidRequest, UnknownModel,
    InvalidInput or PictureError.
    """
    request = _parse(body)
    model = get_model(_text(request, "model", "name a model, for example topaz/image-upscale"))
    payload = request.get("input")
    if not isinstance(payload, dict):
        raise InvalidInput("input", "The field 'input' must be an object with the model's fields.")
    built = build_input(model, payload)
    callback_url = _callback_url(request)
    identity: dict[str, str] = dict(built)
    for name, field in model.input.items():
        if name not in built:
            continue
        if field.type == "picture":
            built[name], identity[name] = await _picture(service, account_id, name, field, built[name], base_url)
        elif field.type == "task":
            await source_file(service.tasks, service.files, account_id=account_id, field=name, task_id=built[name])
    return NewTask(
        id=secrets.token_hex(16),
        account_id=account_id,
        model=model.id,
        input=built,
        param=encode_param({**_short(request), "input": {**_short(others(model, payload)), **built}}),
        callback_url=callback_url,
        base_url=base_url,
        idempotency_key=_key(idempotency_key),
        request_sha256=_hash(model, identity, callback_url),
    )


def _short(value: Any) -> Any:
    """What was sent, without texts of such length that they can only be files."""
    match value:
        case str():
            return value if len(value) <= _LONGEST_TEXT else value[:100] + "…"
        case dict():
            return {name: _short(item) for name, item in value.items()}
        case list():
            return [_short(item) for item in value]
        case _:
            return value


def _parse(body: bytes) -> Mapping[str, Any]:
    try:
        request = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise InvalidRequest(f"The body is not valid JSON ({error}): send an object with model and input.") from None
    if not isinstance(request, dict):
        raise InvalidRequest("The body must be a JSON object with model and input.")
    return request


def _text(request: Mapping[str, Any], name: str, remedy: str) -> str:
    value = request.get(name)
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(name, f"The field '{name}' is required and must be text: {remedy}.")
    return value


def _callback_url(request: Mapping[str, Any]) -> str | None:
    value = request.get("callBackUrl")
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise InvalidInput("callBackUrl", "The field 'callBackUrl' must be text: an http(s) URL.")
    check_url("callBackUrl", value.strip())
    return value.strip()


def _key(value: str | None) -> str | None:
    if value is None:
        return None
    if not value.strip() or len(value) > _LONGEST_KEY:
        raise InvalidInput(
            "Idempotency-Key", f"The Idempotency-Key must have 1 to {_LONGEST_KEY} characters: a UUID is a good one."
        )
    return value.strip()


def _hash(model: Model, identity: Mapping[str, str], callback_url: str | None) -> bytes:
    """What an idempotency key is bound to: pictures count by their content, so uploading one again changes nothing."""
    return hashlib.sha256(msgspec.json.encode([model.id, sorted(identity.items()), callback_url])).digest()


async def _picture(
    service: Service, account_id: str, name: str, field: Field, value: str, base_url: str
) -> tuple[str, str]:
    """A picture's URL, and what stands for it in the request's hash."""
    assert field.max_mb is not None, f"the catalogue gives {name} no limit"
    limit = int(field.max_mb * _MEGABYTE)
    if is_url(value):
        check_url(name, value)
        stored = await _own(service, name, value)
        if stored is None:
            return value, value
        if stored.size > limit:
            raise _too_large(name, stored.size, field.max_mb)
        return value, stored.sha256.hex()
    content = decode_inline(name, value)
    if len(content) > limit:
        raise _too_large(name, len(content), field.max_mb)
    file = await store_picture(service, account_id, content, name="inline")
    return base_url + service.links.make(file.id, file.name, file.expires_at), file.sha256.hex()


async def _own(service: Service, name: str, url: str) -> StoredFile | None:
    """The stored file behind one of our own links."""
    try:
        file_id = service.links.check(url)
    except TimeoutError:
        raise InvalidInput(name, f"The field '{name}' is a link that has expired: upload the picture again.") from None
    if file_id is None:
        return None
    stored = await service.files.get(file_id)
    if stored is None:
        raise InvalidInput(name, f"The field '{name}' is a link to a file that is no longer kept: upload it again.")
    return stored


async def store_picture(service: Service, account_id: str, content: bytes, *, name: str) -> NewFile:
    """Keep a picture that came with a request, for as long as uploads are kept.

    Raises PictureError when it is not a JPEG, PNG or WebP file.
    """
    format = sniff(content[:SNIFF_BYTES])
    now = datetime.now(UTC)
    file_id = secrets.token_hex(16)
    file = NewFile(
        id=file_id,
        account_id=account_id,
        key=f"uploads/{now:%Y/%m/%d}/{file_id}{format.extension}",
        name=name if "." in name else name + format.extension,
        mime_type=format.mime_type,
        size=len(content),
        sha256=hashlib.sha256(content).digest(),
        expires_at=now + timedelta(days=service.settings.upload_days),
    )
    await service.storage.put(file.key, content)
    await service.files.add(file)
    return file


def _too_large(name: str, size: int, limit: float) -> PictureTooLarge:
    return PictureTooLarge(
        f"The picture in '{name}' has {size / _MEGABYTE:.1f} MB, and this model takes {limit:g}: send a smaller file."
    )
