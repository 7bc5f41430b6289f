"""Puts an app's payload into a model's shape: its names for fields, its types, its spelling of options.

Apps are written against other models, other versions and other services, so a value that can only mean one thing is
understood. What is wrong with the outcome is for `faults` to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from enlarger.catalog.model import Field, FieldType, Form, Media


def plain(name: str) -> str:
    """A name without regard to case and underscores."""
    return name.replace("_", "").lower()


COUNTS = tuple(map(plain, ("num_images", "n", "max_images", "nVariants", "num_outputs", "number_of_images")))
"""Plain names for how many pictures are wanted."""
_SYNONYMS: tuple[tuple[str, ...], ...] = tuple(
    tuple(map(plain, names))
    for names in (
        ("image", "image_url", "image_base64", "image_urls", "image_input", "input_urls", "images", "input_image"),
        ("video", "video_url", "video_urls", "input_video"),
        ("audio_url", "audio", "audio_urls"),
        ("reference_image_urls", "reference_image_url", "reference_images", "reference_image"),
        ("reference_video_urls", "reference_video_url", "reference_videos", "reference_video"),
        ("reference_audio_urls", "reference_audio_url", "reference_audios", "reference_audio"),
        ("first_frame_url", "first_frame", "first_frame_image_url", "first_frame_image", "start_image_url"),
        ("last_frame_url", "last_frame", "last_frame_image_url", "last_frame_image", "end_image_url", "tail_image_url"),
        ("upscale_factor", "scale", "factor"),
        ("aspect_ratio", "image_size", "ratio", "size"),
        ("resolution", "image_resolution", "output_resolution", "quality", "size", "image_size"),
        COUNTS,
        ("task_id", "source_task_id"),
    )
)
"""Plain names that mean the same; earlier ones take precedence."""
_NOT_THE_PICTURE = ("mask", "last", "end", "tail")
"""Parts of the names of fields that a file called simply `image` is never for."""
_MEDIA: tuple[Media, ...] = ("image", "video", "audio")
"""Of the first synonyms."""
_ANY_URL = "https://example.com"
_FAR = 100
"""The rank of a name that is understood, and says something else."""
_RATIO = re.compile(r"(\d{1,2}):(\d{1,2})")
_SHAPE = re.compile(r"(landscape|portrait)_(\d{1,2})_(\d{1,2})")
_SQUARE = ("square_hd", "square")
_AS_IT_IS = ("auto", "adaptive")
_NUMBER = re.compile(r"\d{1,3}x?")
_TIMES = re.compile(r"\d{1,3}(\.\d{1,4})?[xX]")
"""A factor with its x."""
_HEIGHT = re.compile(r"\d{3,4}p")
_SAME = {"jpg": ("jpeg",), "jpeg": ("jpg",)}
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
        self.clashes: dict[str, str] = {}
        """The same where both hold a file, not the same one, and there is room for one."""


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
        best, *others = sorted(candidates[name], key=lambda given: (_is_empty(payload[given]), _rank(given, name)))
        value = repair(field, payload[best])
        needless = {given: best for given in others if not _is_empty(payload[given])}
        if field.media is None:
            taken.doubles |= needless
        elif field.type == "array":
            for item in (item for given in needless for item in repair(field, payload[given])):
                value = value if item in value else [*value, item]
        else:
            same = {given for given in needless if repair(field, payload[given]) == value}
            taken.doubles |= {given: best for given in needless if given in same}
            taken.clashes |= {given: best for given in needless if given not in same}
        if field.required or not _is_empty(value):
            taken.values[name] = value
    return taken


def media_of(form: Form, name: str) -> Media | None:
    """What kind of file belongs into what an app calls `name`: a field of the form, or what is usual by that name."""
    meant = _name(name, form, {name: _ANY_URL})
    if meant is not None:
        return form[meant].media
    return _usual_media(plain(name))


def _usual_media(bare: str) -> Media | None:
    """The kind of file that apps usually send under a plain name such as `imageurl`."""
    return next((media for media, names in zip(_MEDIA, _SYNONYMS, strict=False) if bare in names), None)


def _is_empty(value: Any) -> bool:
    return value in ("", [])


def _name(given: str, form: Form, payload: Mapping[str, Any]) -> str | None:
    """The form's name for what an app calls `given`."""
    bare = plain(given)
    for name, field in form.items():
        if plain(name) == bare:
            if field.deprecated and field.deprecated in form and _fits(form[field.deprecated], payload[given]):
                return field.deprecated
            return name
    for names in _SYNONYMS:
        if bare not in names:
            continue
        for name, field in form.items():
            if plain(name) in names and _fits(field, payload[given]) and not _is_secondary(name, form):
                return name
    media = _usual_media(bare)
    return _home(media, form, payload, payload[given]) if media else None


def _home(media: Media, form: Form, payload: Mapping[str, Any], value: Any) -> str | None:
    """The field for a file that an app calls simply the image, video or audio, where there is one way to read it.

    It is the only field for such files. Of a first frame and references it is the first frame, unless there are
    references too: they do not go together. Several pictures could be either.
    """
    fields = [
        name
        for name, field in form.items()
        if field.media == media and not any(part in plain(name) for part in _NOT_THE_PICTURE) and _fits(field, value)
    ]
    if len(fields) < 2:
        return next(iter(fields), None)
    references = [name for name in fields if "reference" in name]
    frames = [name for name in fields if "first" in name]
    if len(references) != 1 or len(frames) != 1:
        return None
    if any(plain(given).startswith("reference") and not _is_empty(payload[given]) for given in payload):
        return references[0]
    return frames[0] if not isinstance(value, list) or len(value) < 2 else None


def _is_secondary(name: str, form: Form) -> bool:
    """Whether another field of the same medium has a better claim to be called simply the picture."""
    field = form[name]
    return (
        field.media is not None
        and not field.required
        and any(other.media == field.media and other.required for other in form.values())
    )


def _fits(field: Field, value: Any) -> bool:
    """Whether a value under another name can be meant for the field: options must be options, files text.

    A ratio is meant for a field of ratios and a number for one of numbers, also where the model does not have that
    one: it is refused then, and not left out.
    """
    value = repair(field, value)
    if field.enum:
        options = [option for option in field.enum if option not in _AS_IT_IS]
        return value in field.enum or any(
            options and alike(value) and all(map(alike, options)) for alike in (_is_ratio, _is_number)
        )
    if field.type == "boolean":
        return isinstance(value, bool)
    if field.pattern is not None:
        return isinstance(value, str) and re.fullmatch(field.pattern, value) is not None
    if field.media:
        items = value if isinstance(value, list) else [value]
        return all(isinstance(item, str) for item in items)
    return True


def _rank(given: str, name: str) -> int:
    """How good a name is: the form's own is best, then the order of the synonyms."""
    given, name = plain(given), plain(name)
    if given == name:
        return 0
    return next((1 + names.index(given) for names in _SYNONYMS if given in names and name in names), _FAR)


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
        if type == "number" and _TIMES.fullmatch(value):
            value = value[:-1]
        try:
            value = float(value) if any(mark in value for mark in ".eE") else int(value)
        except ValueError:
            return value
    if isinstance(value, float) and value.is_integer() and (type == "integer" or abs(value) < 2**53):
        return int(value)
    return value


def _option(field: Field, value: Any) -> Any:
    """The option that is meant: in other letters, jpg for jpeg, 2x for 2, 720 for 720p, 16:9 for landscape_16_9."""
    if isinstance(value, bool):
        return value
    word = str(value).casefold()
    words = (word, *_SAME.get(word, ()), *_same_shape(word), *_same_number(word))
    return next((option for meant in words for option in field.enum if str(option).casefold() == meant), value)


def _same_number(word: str) -> tuple[str, ...]:
    """A factor with its x or without, and a height in pixels with its p or without."""
    if _NUMBER.fullmatch(word):
        bare = word.removesuffix("x")
        return (bare, f"{bare}x", f"{bare}p")
    return (word.removesuffix("p"),) if _HEIGHT.fullmatch(word) else (f"{word}p",) if word.isdigit() else ()


def _same_shape(word: str) -> tuple[str, ...]:
    """The other names of the ratio of a picture's sides."""
    if ratio := _RATIO.fullmatch(word):
        wide, high = sorted(map(int, ratio.groups()), reverse=True)
        if wide == high:
            return _SQUARE
        shape = "landscape" if int(ratio[1]) == wide else "portrait"
        return (f"{shape}_{wide}_{high}", *([shape] if (wide, high) == (16, 9) else []))
    if named := _SHAPE.fullmatch(word):
        sides = named.groups()[1:]
        return (":".join(sides if named[1] == "landscape" else reversed(sides)),)
    return ("1:1",) if word in _SQUARE else ()


def _is_ratio(value: Any) -> bool:
    """Whether it says how wide a picture is for its height, such as 16:9 or portrait_4_3."""
    word = str(value).strip().casefold()
    return bool(_RATIO.fullmatch(word) or _SHAPE.fullmatch(word)) or word in (*_SQUARE, "landscape", "portrait")


def _is_number(value: Any) -> bool:
    return _NUMBER.fullmatch(str(value).strip().casefold()) is not None
