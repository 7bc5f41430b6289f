"""Puts an app's payload into a model's shape: its names for fields, its types, its spelling of options.

Apps are written against other models, other versions and other services, so a value that can only mean one thing is
understood. What is wrong with the outcome is for `faults` to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from enlarger.catalog.model import Field, FieldType, Form, Media

_SYNONYMS: tuple[tuple[str, ...], ...] = (
    ("image", "image_url", "image_base64", "image_urls", "image_input", "input_urls", "images", "input_image"),
    ("video", "video_url", "video_urls", "input_video"),
    ("audio_url", "audio", "audio_urls"),
    ("upscale_factor", "scale", "factor"),
    ("aspect_ratio", "image_size", "ratio", "size"),
    ("task_id", "source_task_id"),
)
"""Names that say the same; earlier ones count before later ones."""
_MEDIA: tuple[Media, ...] = ("image", "video", "audio")
"""Of the first synonyms."""
_ANY_URL = "https://example.com"
_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")
_TEXTS = ("string", "image", "video", "audio")
"""Types for which a number is taken as its digits; the id of a task is no number."""


class Taken:
    """What a form takes out of a payload."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        """By the form's names; null and, where they are not required, empty values are not in it."""
        self.left: list[str] = []
        """Names in the payload that mean nothing to the form."""
        self.doubles: dict[str, str] = {}
        """Names in the payload that another one made needless, and that one."""


def take(form: Form, payload: Mapping[str, Any]) -> Taken:
    """Find the values of a form's fields in a payload, and repair them."""
    taken = Taken()
    candidates: dict[str, list[str]] = {}
    for given, value in payload.items():
        name = _name(given, form, payload)
        if name is None:
            taken.left.append(given)
        elif value is not None and not (value == "" and form[name].type == "task"):
            candidates.setdefault(name, []).append(given)
    for name, field in form.items():
        if name not in candidates:
            continue
        best, *needless = sorted(candidates[name], key=lambda given: (_is_empty(payload[given]), _rank(given, name)))
        value = repair(field, payload[best])
        if field.required or not _is_empty(value):
            taken.values[name] = value
        taken.doubles |= {given: best for given in needless if not _is_empty(payload[given])}
    return taken


def media_of(form: Form, name: str) -> Media | None:
    """What kind of file belongs into what an app calls `name`: a field of the form, or what is usual by that name."""
    meant = _name(name, form, {name: _ANY_URL})
    if meant is not None:
        return form[meant].media
    return next(
        (media for media, names in zip(_MEDIA, _SYNONYMS, strict=False) if _plain(name) in map(_plain, names)), None
    )


def _is_empty(value: Any) -> bool:
    return value in ("", [])


def _name(given: str, form: Form, payload: Mapping[str, Any]) -> str | None:
    """The form's name for what an app calls `given`."""
    plain = _plain(given)
    for name, field in form.items():
        if _plain(name) == plain:
            if field.deprecated and field.deprecated in form and _fits(form[field.deprecated], payload[given]):
                return field.deprecated
            return name
    for names in _SYNONYMS:
        if plain not in map(_plain, names):
            continue
        for name, field in form.items():
            if _plain(name) in map(_plain, names) and _fits(field, payload[given]) and not _is_secondary(name, form):
                return name
    return None


def _is_secondary(name: str, form: Form) -> bool:
    """Whether another field of the same medium has a better claim to be called simply the picture."""
    field = form[name]
    return (
        field.media is not None
        and not field.required
        and any(other.media == field.media and other.required for other in form.values())
    )


def _fits(field: Field, value: Any) -> bool:
    """Whether a value under another name can be meant for the field: options must be options, files text."""
    value = repair(field, value)
    if field.enum:
        return value in field.enum
    if field.media:
        items = value if isinstance(value, list) else [value]
        return all(isinstance(item, str) for item in items)
    return True


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _rank(given: str, name: str) -> int:
    """How good a name is: the form's own is best, then the order of the synonyms."""
    if _plain(given) == _plain(name):
        return 0
    for names in _SYNONYMS:
        plain = [_plain(synonym) for synonym in names]
        if _plain(given) in plain:
            return 1 + plain.index(_plain(given))
    return len(_SYNONYMS)


def repair(field: Field, value: Any) -> Any:
    """A value in the field's type where it can only mean one thing; else as it came."""
    if field.type == "array":
        items = value if isinstance(value, list) else [value]
        repaired = [_repair_one(field, item) for item in items if item is not None]
        return [item for item in repaired if item != "" or field.items == "string"]
    if isinstance(value, list) and len(value) < 2 and field.type != "task":
        value = value[0] if value else ""
    return _repair_one(field, value)


def _repair_one(field: Field, value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip()
    if field.each in _TEXTS and isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value:g}" if isinstance(value, float) and value.is_integer() else str(value)
    elif field.each in ("integer", "number"):
        value = _number(field.each, value)
    elif field.each == "boolean":
        word = str(value).lower() if isinstance(value, str | int) else ""
        value = True if word in _TRUE else False if word in _FALSE else value
    return _option(field, value) if field.enum else value


def _number(type: FieldType, value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = float(value) if any(mark in value for mark in ".eE") else int(value)
        except ValueError:
            return value
    if isinstance(value, float) and value.is_integer() and (type == "integer" or abs(value) < 2**53):
        return int(value)
    return value


def _option(field: Field, value: Any) -> Any:
    """The option that is meant: without regard to case, and jpg is jpeg."""
    if isinstance(value, bool):
        return value
    word = str(value).casefold()
    words = (word, {"jpg": "jpeg", "jpeg": "jpg"}.get(word, word))
    return next((option for meant in words for option in field.enum if str(option).casefold() == meant), value)
