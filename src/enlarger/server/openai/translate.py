"""From OpenAI's fields to a model's input.

What a model cannot do is refused in a sentence that names OpenAI's field. What clients send by default and what asks
for nothing, such as `quality=auto` or `style=vivid`, is passed over.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from enlarger.catalog import Field, Model
from enlarger.errors import InvalidInput
from enlarger.server.openai.fields import (
    Asked,
    ImageEditRequest,
    ImageGenerationRequest,
    ImagesRequest,
)
from enlarger.server.openai_names import Use
from enlarger.translatable import sentence

_SIZE = re.compile(r"([1-9]\d{0,4})[x×:]([1-9]\d{0,4})", re.IGNORECASE)
_RATIO = re.compile(r"(\d{1,2}):(\d{1,2})")
_SHAPE = re.compile(r"(landscape|portrait)_(\d{1,2})_(\d{1,2})")
_CLASS = re.compile(r"(\d+(?:\.\d+)?)K")
_USUAL_SIZE = "1024x1024"
"""What many clients send without being asked: where a model has one shape, it asks for nothing."""
_ENOUGH = 0.55
"""Of the pixels that are asked for, how many a class of resolution has at least: 1792x1024 is 1K, 3840x2160 is 4K."""
_QUALITIES: Mapping[str, tuple[str, ...]] = {
    "low": ("low", "basic", "TURBO"),
    "medium": ("medium", "basic", "BALANCED"),
    "high": ("high", "QUALITY"),
    "hd": ("high", "QUALITY"),
    "xhigh": ("xhigh", "ultra"),
    "max": ("max", "ultra"),
}
"""OpenAI's words for quality, and those of models for it."""
_QUALITY_FIELDS = ("quality", "rendering_speed")
_FORMAT_FIELDS = ("output_format", "outputFormat")


def require_use(model: Model, name: str, use: Use) -> None:
    """Raise InvalidInput for a model that cannot be used in this way, whatever the request's other fields are."""
    if model.kind != "image" or model.output.media != "image":
        raise InvalidInput(
            "model", sentence("The model {model} makes no pictures: name one that does.", model=model.id)
        )
    if use == "upscale" and "upscale" not in model.tasks:
        raise InvalidInput(
            "model",
            sentence("The model {model} enlarges no pictures: leave 'model' out, or name one that does.", model=name),
        )
    if use == "variation" and not makes_variations(model):
        raise InvalidInput(
            "model",
            sentence(
                "The model {model} makes no variations: send the picture with a prompt to /v1/images/edits, or name a"
                " model that makes pictures of a picture without a prompt, such as grok-imagine/image-to-image.",
                model=name,
            ),
        )


def makes_variations(model: Model) -> bool:
    """Whether it makes a picture of another one without being told how."""
    prompt = model.input.get("prompt")
    return "image-to-image" in model.tasks and (prompt is None or not prompt.required)


def to_input(model: Model, asked: Asked) -> dict[str, Any]:
    """The input of a task. Raises InvalidInput for what the model cannot do."""
    input: dict[str, Any] = {}
    if asked.images:
        input["image"] = list(asked.images) if len(asked.images) > 1 else asked.images[0]
    if asked.mask is not None:
        input[_mask_field(model)] = asked.mask
    fields = asked.fields
    if isinstance(fields, ImageGenerationRequest):
        input["prompt"] = fields.prompt
        input |= _quality(model, fields) | _background(model, fields)
        _check_defaults(model, fields)
    if isinstance(fields, ImagesRequest):
        input |= _size(model, fields.size, edits=bool(asked.images)) | _format(model, fields) | _one_each(model)
    return {**input, **asked.own}


def pictures_each(model: Model) -> int:
    """How many pictures a task makes, so that as many tasks as are needed are made."""
    return 1 if model.output.count_field else max(1, model.output.count)


def param_of(model: Model, field: str) -> str:
    """OpenAI's name for the field of a model's input."""
    name = re.split(r"[.\[]", field)[0]
    found = model.fields().get(name)
    if found is None:
        return field
    if found.media == "image":
        return "mask" if "mask" in name.lower() else "image"
    if name == _shape_field(model) or name == _class_field(model):
        return "size"
    others = {**dict.fromkeys(_QUALITY_FIELDS, "quality"), **dict.fromkeys(_FORMAT_FIELDS, "output_format")}
    return others.get(name, field)


def _mask_field(model: Model) -> str:
    for name, field in model.fields().items():
        if field.media == "image" and "mask" in name.lower() and "reference" not in name:
            return name
    raise _cannot(model, "mask", "mask")


def _one_each(model: Model) -> dict[str, Any]:
    """One picture a task, of a model that makes several where nothing is said."""
    name = model.output.count_field
    field = model.fields().get(name or "")
    return {str(name): 1} if field is not None and field.default not in (None, 1, "1") else {}


def _check_defaults(model: Model, fields: ImageGenerationRequest) -> None:
    """Raise InvalidInput for what no model can do, and for streams that ask for what a stream does not have."""
    if fields.style == "natural":
        raise _cannot(model, "style", "style")
    if fields.moderation == "low":
        raise _cannot(model, "moderation", "moderation")
    if isinstance(fields, ImageEditRequest) and fields.input_fidelity == "high":
        raise _cannot(model, "input_fidelity", "input_fidelity")


def _quality(model: Model, fields: ImageGenerationRequest) -> dict[str, Any]:
    wanted = fields.quality
    if wanted is UNSET or wanted in ("auto", "standard"):
        return {}
    for name in _QUALITY_FIELDS:
        options = model.fields()[name].enum if name in model.fields() else ()
        for option in _QUALITIES[wanted]:
            if option in options:
                return {name: option}
    raise _cannot(model, "quality", wanted)


def _background(model: Model, fields: ImageGenerationRequest) -> dict[str, Any]:
    wanted = fields.background
    field = model.fields().get("background")
    if wanted is UNSET or wanted == "auto" or (field is None and wanted == "opaque"):
        return {}
    if field is None or wanted not in field.enum:
        raise _cannot(model, "background", wanted)
    return {"background": wanted}


def _format(model: Model, fields: ImagesRequest) -> dict[str, Any]:
    input: dict[str, Any] = {}
    if fields.output_format is not UNSET:
        name = next((name for name in _FORMAT_FIELDS if name in model.fields()), None)
        options = model.fields()[name].enum if name else ()
        same = {"jpeg": ("jpeg", "jpg")}.get(fields.output_format, (fields.output_format,))
        found = next((option for option in options if option in same), None)
        if name is None or found is None:
            raise _cannot(model, "output_format", fields.output_format)
        input[name] = found
    if fields.output_compression is not UNSET and fields.output_compression != 100:
        raise _cannot(model, "output_compression", str(fields.output_compression))
    return input


def _size(model: Model, size: str | UnsetType, *, edits: bool) -> dict[str, Any]:
    """The model's fields for a size: the nearest shape, and the smallest class of resolution that is enough for it."""
    shape, class_ = _shape_field(model), _class_field(model)
    if size in (UNSET, "auto") and shape is not None and model.fields()[shape].required:
        size = "1:1"
    if size in (UNSET, "auto"):
        follows = edits and shape is not None and "auto" in model.fields()[shape].enum
        return {str(shape): "auto"} if follows else {}
    match = _SIZE.fullmatch(size)
    if match is None:
        raise InvalidInput(
            "size", sentence("The field 'size' must be auto, or a width and height such as 1024x1024 or 1536x1024.")
        )
    if shape is None and size.lower() != _USUAL_SIZE:
        raise _cannot(model, "size", size)
    width, height = int(match[1]), int(match[2])
    input: dict[str, Any] = {}
    if class_ is not None and ":" not in size:
        input[class_] = _nearest_class(model.fields()[class_], width * height)
    if shape is not None:
        field = model.fields()[shape]
        input[shape] = _nearest_shape(field, _allowed(field, input), width / height)
    return input


def _allowed(field: Field, values: Mapping[str, Any]) -> Sequence[Any]:
    """The options of a field beside these values of others."""
    options: Sequence[Any] = field.enum
    for limit in field.limits_if:
        if limit.enum and limit.holds(values):
            options = [option for option in options if option in limit.enum]
    return options


def _nearest_shape(field: Field, options: Sequence[Any], wanted: float) -> Any:
    """The option whose ratio is nearest; of several the default, and then the last one, which is the larger square."""
    shapes = [(option, ratio) for option in options if (ratio := _ratio(option)) is not None]
    return min(
        enumerate(shapes),
        key=lambda one: (abs(math.log(one[1][1] / wanted)), one[1][0] != field.default, -one[0]),
    )[1][0]


def _nearest_class(field: Field, pixels: int) -> Any:
    classes = sorted(_classes(field))
    return next((option for side, option in classes if (side * 1024) ** 2 >= _ENOUGH * pixels), classes[-1][1])


def _shape_field(model: Model) -> str | None:
    """The field that says how wide a picture is for its height."""
    for name, field in model.fields().items():
        if sum(_ratio(option) is not None for option in field.enum) > 1 and field.deprecated is None:
            return name
    return None


def _class_field(model: Model) -> str | None:
    """The field whose options are 1K, 2K and so on."""
    return next((name for name, field in model.fields().items() if len(list(_classes(field))) > 1), None)


def _classes(field: Field) -> Iterator[tuple[float, Any]]:
    """The options of a field such as 2K, each with how many times 1024 pixels its side has."""
    for option in field.enum:
        if match := _CLASS.fullmatch(str(option)):
            yield float(match[1]), option


def _ratio(option: Any) -> float | None:
    """The width of a shape by its height; None for what is no shape."""
    word = str(option)
    if match := _RATIO.fullmatch(word):
        return int(match[1]) / int(match[2])
    if match := _SHAPE.fullmatch(word):
        wide = int(match[2]) / int(match[3])
        return max(wide, 1 / wide) if match[1] == "landscape" else min(wide, 1 / wide)
    return 1.0 if word in ("square", "square_hd") else None


def _cannot(model: Model, field: str, value: str) -> InvalidInput:
    message = (
        sentence("The model {model} has no field for '{field}': leave it out, or use another model.",
                 model=model.id, field=field)
        if field == value
        else sentence("The model {model} cannot do '{field}' = {value}: leave it out, or use another model.",
                      model=model.id, field=field, value=value)
    )  # fmt: skip
    return InvalidInput(field, message)
