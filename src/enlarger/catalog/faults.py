"""What can be wrong with an input: faults, and the checks that find them.

A check looks at a value that `repair` has put into shape already, and yields every fault it has.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from enlarger.catalog.headers import HEADER_BYTES, measure
from enlarger.catalog.messages import Translate
from enlarger.catalog.model import Conditions, Field, FieldType, Model, Scalar
from enlarger.catalog.preview import hide_urls
from enlarger.engines.formats import SNIFF_BYTES, sniff
from enlarger.errors import InvalidInput, PictureError
from enlarger.protocol.inline import check_url, decode_pieces, is_asset, is_url

_MEGABYTE = 1_000_000
_NEAR = 0.75
"""How alike a mistyped name and the one that is meant have to be, between 0 and 1."""


class InputIssue(msgspec.Struct, frozen=True):
    """One problem with an input: a fault, or a warning."""

    field: str
    """The field's name."""
    code: str
    """What is wrong, for programs."""
    message: str
    """What is wrong, as a sentence."""

    def error(self) -> InvalidInput:
        """The error that reports this fault alone."""
        return InvalidInput(self.field, self.message, [(self.field, self.code, self.message)])


def check(name: str, field: Field, value: Any, tr: Translate) -> Iterator[InputIssue]:
    """Every fault of the value of a field."""
    if field.type != "array":
        yield from _check_one(name, field, value, tr)
        return
    if not isinstance(value, list):
        yield _wrong_type(name, "array", value, tr)
        return
    if field.min_items is not None and len(value) < field.min_items:
        sentence = tr(
            "The field '{field}' has {count}, but at least {limit} are needed",
            field=name, count=_items(len(value), tr), limit=field.min_items,
        )  # fmt: skip
        yield InputIssue(name, "too_few", sentence)
    if field.max_items is not None and len(value) > field.max_items:
        sentence = tr(
            "The field '{field}' has {count}, but at most {limit} are allowed",
            field=name, count=_items(len(value), tr), limit=field.max_items,
        )  # fmt: skip
        yield InputIssue(name, "too_many", sentence)
    if field.each == "object":
        texts = (str(item.get("text") or "") for item in value if isinstance(item, dict))
        yield from _check_text(name, field, "".join(texts), tr)
    for number, item in enumerate(value):
        yield from _check_one(f"{name}[{number}]", field, item, tr)


def missing(
    name: str, field: Field, model: Model, tr: Translate, *, given: Iterable[str] = (), reasons: Conditions
) -> InputIssue:
    """A field that has to be given, and is not; `given` are the names that mean nothing to the model."""
    bare = name.rpartition(".")[2]
    if mistyped := nearest(bare, given):
        sentence = tr(
            "The field '{field}' is required: is '{given}' meant for it? Then write '{name}'",
            field=name, given=mistyped, name=bare,
        )  # fmt: skip
        return InputIssue(name, "required", sentence)
    upscaling = "upscale" in model.tasks
    if reasons:
        sentence = because(tr("The field '{field}' is required", field=name), reasons, (), tr)
    elif field.each == "task" and upscaling:
        sentence = tr(
            "The field '{field}' is required for upscaling. Use the task_id of an earlier KIE AI generation"
            " (for example of grok-imagine/text-to-image)",
            field=name,
        )
    elif field.each == "task":
        sentence = tr("The field '{field}' is required: give the task_id of an earlier generation", field=name)
    elif field.each == "image" and upscaling:
        sentence = tr("The field '{field}' is required: upload the picture that is to be upscaled", field=name)
    elif field.media:
        sentence = tr("The field '{field}' is required: give the file's URL, or upload it first", field=name)
    elif field.enum:
        sentence = tr("The field '{field}' is required: choose one of {options}", field=name, options=_options(field))
    else:
        sentence = tr("The field '{field}' is required", field=name)
    return InputIssue(name, "required", sentence)


def because(sentence: str, values: Mapping[str, Any], given: Iterable[str], tr: Translate) -> str:
    """The sentence and its reasons: the values of other fields, null for what is not given, and others that are."""
    reasons = [
        tr("'{field}' is not given", field=other) if value is None
        else tr("'{field}' is {value}", field=other, value=msgspec.json.encode(value).decode())
        for other, value in values.items()
    ]  # fmt: skip
    reasons += [tr("'{field}' is given", field=other) for other in given]
    if not reasons:
        return sentence
    *others, last = reasons
    if others:
        last = tr("{reasons} and {last}", reasons=", ".join(others), last=last)
    return tr("{sentence}, because {reasons}", sentence=sentence, reasons=last)


def empty(name: str, tr: Translate) -> InputIssue:
    """A field that has to be given, and is given without content."""
    return InputIssue(name, "empty", tr("The field '{field}' must not be empty", field=name))


def several(name: str, count: int, tr: Translate) -> InputIssue:
    """A list where one value is wanted."""
    sentence = tr("The field '{field}' has {count}, but this model takes one", field=name, count=_items(count, tr))
    return InputIssue(name, "too_many", sentence)


def not_together(name: str, other: str, tr: Translate) -> InputIssue:
    """A field that does not go with another one."""
    sentence = tr(
        "The fields '{field}' and '{other}' cannot be combined: leave one of them out", field=name, other=other
    )
    return InputIssue(name, "not_together", sentence)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that is meant by a mistyped one, if it is near enough."""
    return next(iter(difflib.get_close_matches(name.lower(), names, n=1, cutoff=_NEAR)), None)


def switched_off(model: Model, tr: Translate) -> str:
    """What is said of a model that the operator does not offer."""
    return tr("The model {model} is switched off at this service: use another one", model=model.id)


def too_large(name: str, size: int, megabytes: float, tr: Translate) -> InputIssue:
    """A file of so many bytes where so many megabytes are taken; in bytes where the megabytes would read the same."""
    shown, limit = f"{size / _MEGABYTE:.1f}", f"{megabytes:g}"
    if float(shown) <= megabytes:
        sentence = tr(
            "The file in '{field}' has {size} bytes, but this model takes {limit}: send a smaller one",
            field=name, size=size, limit=int(megabytes * _MEGABYTE),
        )  # fmt: skip
    else:
        sentence = tr(
            "The file in '{field}' has {size} MB, but this model takes {limit}: send a smaller one",
            field=name, size=shown, limit=limit,
        )  # fmt: skip
    return InputIssue(name, "file_too_large", sentence)


def _check_one(name: str, field: Field, value: Any, tr: Translate) -> Iterator[InputIssue]:
    if not _is(field.each, value):
        yield _wrong_type(name, field.each, value, tr)
        return
    if value in field.besides:
        return
    if field.enum:
        if value in field.enum:
            return
        if len(field.enum) == 1:
            sentence = tr(
                "The field '{field}' is {value}: only {option} is allowed",
                field=name, value=show_value(value), option=_options(field),
            )  # fmt: skip
        else:
            sentence = tr(
                "The field '{field}' is {value}: choose one of {options}",
                field=name, value=show_value(value), options=_options(field),
            )  # fmt: skip
        yield InputIssue(name, "not_an_option", sentence)
        return
    if field.each in ("integer", "number"):
        yield from _check_number(name, field, value, tr)
    elif isinstance(value, str):
        yield from _check_text(name, field, value, tr)
        if field.pattern is not None and not re.fullmatch(field.pattern, value):
            sentence = tr(
                "The field '{field}' is {value}: write it like {sample}",
                field=name, value=show_value(value), sample=field.sample,
            )  # fmt: skip
            yield InputIssue(name, "wrong_form", sentence)
        if field.media:
            yield from _check_file(name, field, value, tr)


def _check_text(name: str, field: Field, value: str, tr: Translate) -> Iterator[InputIssue]:
    if field.min_length is not None and len(value) < field.min_length:
        sentence = tr(
            "The field '{field}' is too short: {count} (at least {limit})",
            field=name, count=_characters(value, tr), limit=field.min_length,
        )  # fmt: skip
        yield InputIssue(name, "too_short", sentence)
    if field.max_length is not None and len(value) > field.max_length:
        sentence = tr(
            "The field '{field}' is too long: {count} (at most {limit})",
            field=name, count=_characters(value, tr), limit=field.max_length,
        )  # fmt: skip
        yield InputIssue(name, "too_long", sentence)


def _check_number(name: str, field: Field, value: float, tr: Translate) -> Iterator[InputIssue]:
    if field.minimum is not None and value < field.minimum:
        sentence = tr(
            "The field '{field}' is {value}: give {limit} or more",
            field=name, value=show_number(value), limit=show_number(field.minimum),
        )  # fmt: skip
        yield InputIssue(name, "too_small", sentence)
    elif field.maximum is not None and value > field.maximum:
        sentence = tr(
            "The field '{field}' is {value}: give {limit} or less",
            field=name, value=show_number(value), limit=show_number(field.maximum),
        )  # fmt: skip
        yield InputIssue(name, "too_large", sentence)
    elif field.step == 1 and value % 1:
        yield _wrong_type(name, "integer", value, tr)
    elif field.step is not None and Decimal(str(value)) % Decimal(str(field.step)):
        sentence = tr(
            "The field '{field}' is {value}: give a multiple of {step}",
            field=name, value=show_number(value), step=show_number(field.step),
        )  # fmt: skip
        yield InputIssue(name, "not_a_step", sentence)


def _check_file(name: str, field: Field, value: str, tr: Translate) -> Iterator[InputIssue]:
    """A URL has to be whole; a file inside the request has to be decodable and not too large."""
    if is_asset(value):
        if not field.assets or not value[8:].strip("/ "):
            yield InputIssue(name, "asset_refused", _say_asset(name, field, tr))
        return
    try:
        if is_url(value):
            return check_url(name, value)
        size_bytes, content = _weigh(decode_pieces(name, value))
    except InvalidInput:
        sentence = tr(
            "The field '{field}' is neither a whole http(s) URL nor a file as a data URL or in base64: give one",
            field=name,
        )
        yield InputIssue(name, "not_a_file", sentence)
        return
    if field.max_mb is not None and size_bytes > field.max_mb * _MEGABYTE:
        yield too_large(name, size_bytes, field.max_mb, tr)
    size = measure(content[:HEADER_BYTES]) if field.max_megapixels is not None else None
    if size is not None and field.max_megapixels is not None and math.prod(size) > field.max_megapixels * _MEGABYTE:
        sentence = tr(
            "The picture in '{field}' has {size} megapixels, but this model takes {limit}: send a smaller one",
            field=name, size=_beyond(math.prod(size) / _MEGABYTE, field.max_megapixels),
            limit=f"{field.max_megapixels:g}",
        )  # fmt: skip
        yield InputIssue(name, "too_many_pixels", sentence)
    subtype = _image_type(content) if field.media == "image" else None
    if subtype is not None and subtype not in field.accepted:
        sentence = tr(
            "The picture in '{field}' is a {type}, but this model takes {accepted}: send one of those",
            field=name, type=subtype, accepted=", ".join(field.accepted),
        )  # fmt: skip
        yield InputIssue(name, "wrong_file_type", sentence)


def _beyond(value: float, limit: float) -> str:
    """A number above `limit`, with as many digits as it takes to be read as above it."""
    return next(text for digits in range(1, 7) if float(text := f"{value:.{digits}f}") > limit or digits == 6)


def _say_asset(name: str, field: Field, tr: Translate) -> str:
    if field.assets:
        return tr("The field '{field}' has asset:// without the asset's id: add the id", field=name)
    return tr(
        "The field '{field}' has an asset:// address, which this model does not know: give the file's URL, or upload it"
        " first",
        field=name,
    )


def _weigh(pieces: Iterator[bytes]) -> tuple[int, bytes]:
    """How many bytes a file has, and its first ones."""
    size, head = 0, b""
    for piece in pieces:
        size += len(piece)
        if len(head) < HEADER_BYTES:
            head += piece[: HEADER_BYTES - len(head)]
    return size, head


def _image_type(content: bytes) -> str | None:
    """The subtype of a picture, where it is one that any model takes."""
    try:
        return sniff(content[:SNIFF_BYTES]).mime_type.removeprefix("image/")
    except PictureError:
        return None


def _is(type: FieldType, value: Any) -> bool:
    match type:
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        case "boolean":
            return isinstance(value, bool)
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case _:
            return isinstance(value, str)


def _wrong_type(name: str, type: FieldType, value: Any, tr: Translate) -> InputIssue:
    match type:
        case "integer":
            code, sentence = "not_an_integer", tr("The field '{field}' must be a whole number", field=name)
        case "number":
            code, sentence = "not_a_number", tr("The field '{field}' must be a number", field=name)
        case "boolean":
            code, sentence = "not_a_boolean", tr("The field '{field}' must be true or false", field=name)
        case "object":
            code, sentence = "not_an_object", tr("The field '{field}' must be an object", field=name)
        case "array":
            code, sentence = "not_a_list", tr("The field '{field}' must be a list", field=name)
        case _:
            code, sentence = "not_text", tr("The field '{field}' must be text", field=name)
    return InputIssue(name, code, f"{sentence} ({show_value(value)})")


def _items(count: int, tr: Translate) -> str:
    return tr.tr_count("{n} item", "{n} items", count)


def _characters(text: str, tr: Translate) -> str:
    return tr.tr_count("{n} character", "{n} characters", len(text))


def show_value(value: Any) -> str:
    """A value as a message shows it: never much of it, and nothing of a URL but its host."""
    if isinstance(value, bool):
        return str(value).lower()
    text = hide_urls(str(value))
    return f"'{text}'" if len(text) <= 40 else f"'{text[:40]}…'"


def names_in_words(names: list[str], tr: Translate) -> str:
    """Names of fields, as alternatives."""
    *others, last = [f"'{name}'" for name in names]
    return tr("{names} or {last}", names=", ".join(others), last=last) if others else last


def show_number(number: float) -> str:
    """A number as people write it: 6 rather than 6.0."""
    return f"{number:.15g}"


def _options(field: Field) -> str:
    return ", ".join(_option(option) for option in field.enum)


def _option(option: Scalar) -> str:
    if isinstance(option, bool):
        return str(option).lower()
    return show_number(option) if isinstance(option, float) else option if isinstance(option, str) else str(option)
