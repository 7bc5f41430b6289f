"""Turns what an app sent into what a model takes: repairs what can be repaired, refuses the rest in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from enlarger.catalog.models import Field, Model
from enlarger.errors import InvalidInput

_PICTURE_NAMES = ("image", "image_url", "image_base64", "image_urls", "image_input", "input_urls")
"""What apps call a picture, whichever of these names the model has for it."""


def build_input(model: Model, payload: Mapping[str, Any]) -> dict[str, str]:
    """The input of `model` made from `payload`: named, typed and defaulted as the catalogue has it.

    A field that the model does not have is left out, because apps send many such. Raises InvalidInput.
    """
    built: dict[str, str] = {}
    for name, field in model.input.items():
        value = _picture(name, payload) if field.type == "picture" else payload.get(name)
        if value is None and field.default is not None:
            value = field.default
        if value is None:
            if field.required:
                raise InvalidInput(name, f"The field '{name}' is required: {_wanted(field)}.")
            continue
        built[name] = _choice(name, field, value) if field.type == "choice" else _text(name, field, value)
    return built


def others(model: Model, payload: Mapping[str, Any]) -> dict[str, Any]:
    """What a payload has beside the model's fields."""
    return {name: value for name, value in payload.items() if name not in model.input and name not in _PICTURE_NAMES}


def _picture(name: str, payload: Mapping[str, Any]) -> Any:
    """The picture under the model's own name for it or any other; the first of a list."""
    for candidate in (name, *_PICTURE_NAMES):
        value = payload.get(candidate)
        if isinstance(value, list):
            if len(value) > 1:
                raise InvalidInput(
                    candidate, f"The field '{candidate}' has {len(value)} pictures: this model takes one."
                )
            value = value[0] if value else None
        if value is not None:
            return value
    return None


def _text(name: str, field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidInput(name, f"The field '{name}' must be text, not {_kind(value)}: {_wanted(field)}.")
    text = value.strip()
    if not text:
        raise InvalidInput(name, f"The field '{name}' must not be empty: {_wanted(field)}.")
    if field.max_length is not None and len(text) > field.max_length:
        raise InvalidInput(
            name, f"The field '{name}' is too long: {len(text)} characters, and at most {field.max_length} are taken."
        )
    return text


def _choice(name: str, field: Field, value: Any) -> str:
    options = ", ".join(field.options)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise InvalidInput(name, f"The field '{name}' is {_kind(value)}: choose one of {options}.")
    text = str(value).strip()
    for option in field.options:
        if option.casefold() == text.casefold():
            return option
    raise InvalidInput(name, f"The field '{name}' is {text[:40]!r}: choose one of {options}.")


def _wanted(field: Field) -> str:
    match field.type:
        case "picture":
            return "give the picture's http(s) URL, a data URL, or the file in base64"
        case "task":
            return "give the id of an earlier task that has succeeded"
        case "choice":
            return f"choose one of {', '.join(field.options)}"


def _kind(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(value), "null")
