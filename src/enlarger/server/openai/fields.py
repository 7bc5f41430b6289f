"""What requests to the OpenAI images API have: the fields as structs, read from JSON or from a multipart form."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Mapping, Set
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import msgspec
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from msgspec import UNSET, Meta, UnsetType

from enlarger.errors import InvalidInput, InvalidRequest
from enlarger.server.bodies import AnyRequest
from enlarger.server.requests import json_object
from enlarger.translatable import Sentence, sentence

MOST_PICTURES = 10
_BRACKETS = re.compile(r"\[\d*\]$")
"""At the end of a form's field that holds several files."""
_TOO_MANY_PARTS = "Request Entity Too Large"
_PLACE = re.compile(r"\$\.(\w+)")


class ImagesRequest(msgspec.Struct, kw_only=True):
    """The fields of all requests for images."""

    model: str | UnsetType = UNSET
    """A model name of OpenAI's, or the id of a model."""
    n: Annotated[int, Meta(ge=1, le=MOST_PICTURES)] | UnsetType = UNSET
    """How many images."""
    size: str | UnsetType = UNSET
    """`auto` or `WIDTHxHEIGHT`: the nearest size that the model has."""
    response_format: Literal["url", "b64_json"] | UnsetType = UNSET
    """Links, or the files in base64."""
    output_format: Literal["png", "jpeg", "webp"] | UnsetType = UNSET
    """The images' format."""
    output_compression: Annotated[int, Meta(ge=0, le=100)] | UnsetType = UNSET
    """Only 100."""
    user: str | UnsetType = UNSET
    """A mark of the app's own, kept in the task's record."""
    stream: bool | UnsetType = UNSET
    """Whether the images come as server-sent events."""

    @property
    def count(self) -> int:
        """How many pictures are asked for."""
        return 1 if self.n is UNSET else self.n


class ImageGenerationRequest(ImagesRequest, kw_only=True):
    """Images from a prompt."""

    prompt: str
    """What to make."""
    quality: Literal["auto", "low", "medium", "high", "xhigh", "max", "standard", "hd"] | UnsetType = UNSET
    """The model's quality or speed; `auto` and `standard` are its default."""
    background: Literal["auto", "opaque", "transparent"] | UnsetType = UNSET
    """The model's background; every model accepts `auto` and `opaque`."""
    style: Literal["vivid", "natural"] | UnsetType = UNSET
    """Only `vivid`, which changes nothing."""
    moderation: Literal["auto", "low"] | UnsetType = UNSET
    """Only `auto`, which changes nothing."""
    partial_images: Annotated[int, Meta(ge=0, le=3)] | UnsetType = UNSET
    """Ignored."""
    safety_identifier: str | UnsetType = UNSET
    """Ignored."""


class ImageEditRequest(ImageGenerationRequest, kw_only=True):
    """Images, and a prompt that says how to edit them."""

    image: Annotated[str, Meta(extra_json_schema={"format": "binary"})]
    """The image, or several as `image[]`; in JSON their URLs."""
    mask: Annotated[str, Meta(extra_json_schema={"format": "binary"})] | UnsetType = UNSET
    """A mask for the model's field for masks; models without one refuse it."""
    input_fidelity: Literal["low", "high"] | UnsetType = UNSET
    """Only `low`, which changes nothing."""


class ImageVariationRequest(ImagesRequest, kw_only=True):
    """An image to make variations of."""

    image: Annotated[str, Meta(extra_json_schema={"format": "binary"})]
    """The image."""


class ImageUpscaleRequest(msgspec.Struct, kw_only=True):
    """An image to enlarge; every other field is one of the model's own, such as `upscale_factor`."""

    image: Annotated[str, Meta(extra_json_schema={"format": "binary"})]
    """The image."""
    model: str | UnsetType = UNSET
    """The id of a model, or one of its other names."""
    n: Annotated[int, Meta(ge=1, le=1)] | UnsetType = UNSET
    """Only 1."""
    response_format: Literal["url", "b64_json"] | UnsetType = UNSET
    """A link, or the file in base64."""
    user: str | UnsetType = UNSET
    """A mark of the app's own, kept in the task's record."""
    stream: bool | UnsetType = UNSET
    """Whether the image comes as a server-sent event."""

    @property
    def count(self) -> int:
        """How many pictures are asked for."""
        return 1


AnyImagesRequest = ImageGenerationRequest | ImageEditRequest | ImageVariationRequest | ImageUpscaleRequest
Kind = TypeVar("Kind", bound=AnyImagesRequest)


class Asked(msgspec.Struct, frozen=True):
    """A request, read."""

    fields: AnyImagesRequest
    own: Mapping[str, Any]
    """Fields that OpenAI does not have: they go into the model's input as they are."""
    images: tuple[str, ...] = ()
    """The pictures, each by its URL or as base64."""
    mask: str | None = None


async def read_request(request: AnyRequest, kind: type[Kind]) -> Asked:
    """The fields of a request, JSON or a multipart form.

    Raises InvalidRequest for another body, and InvalidInput for a field that is missing or wrong.
    """
    known = kind.__struct_encode_fields__
    if request.content_type[0] == RequestEncodingType.MULTI_PART:
        given = await _read_form(request)
        _check_single(given, {*known} - {"image"})
    else:
        given = dict(await json_object(request, *_required(kind)))
    given = {name: value for name, value in given.items() if value is not None and value != ""}
    images: tuple[str, ...] = ()
    mask = None
    if "image" in known:
        images = tuple(link for name in ("image", "images") if name in given for link in _links(name, given[name]))
        if not images:
            raise InvalidInput("image", sentence("The field 'image' is required: send a picture as a file."))
        given = {name: value for name, value in given.items() if name not in ("image", "images")} | {"image": images[0]}
    if "mask" in known and "mask" in given:
        mask, *others = _links("mask", given["mask"])
        if others:
            raise InvalidInput("mask", sentence("The field '{field}' must be one picture.", field="mask"))
        given["mask"] = mask
    own = {name: value for name, value in given.items() if name not in known}
    return Asked(_convert(kind, {name: given[name] for name in known if name in given}), own, images, mask)


def _required(kind: type[Kind]) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(kind) if field.required]


def _check_single(given: Mapping[str, Any], names: Set[str]) -> None:
    """Raise InvalidInput for one of these fields of a form that is there several times."""
    for name in given.keys() & names:
        if isinstance(given[name], list):
            raise InvalidInput(
                name, sentence("The form has the field '{field}' several times: send it once.", field=name)
            )


async def _read_form(request: AnyRequest) -> dict[str, Any]:
    """The fields of a form, files as base64; a field that is there several times is a list."""
    try:
        form = await request.form()
    except RequestEntityTooLarge:
        raise
    except UnicodeDecodeError:
        raise InvalidRequest(
            sentence("A field of the form is not UTF-8 text: send it in UTF-8, or as a file.")
        ) from None
    except (HTTPException, ValueError, LookupError) as error:
        raise InvalidRequest(_say_what_is_wrong(request, error)) from None
    given: dict[str, Any] = {}
    for name, part in form.multi_items():
        bare = _BRACKETS.sub("", name)
        value = await asyncio.to_thread(_encode, part) if isinstance(part, UploadFile) else part
        if bare not in given and bare == name:
            given[bare] = value
        else:
            earlier = given.get(bare, [])
            given[bare] = [*(earlier if isinstance(earlier, list) else [earlier]), value]
    return given


def _say_what_is_wrong(request: AnyRequest, error: Exception) -> Sentence:
    """Why a form could not be read; the framework tells it by words alone."""
    if getattr(error, "detail", "") == _TOO_MANY_PARTS:
        most = request.app.multipart_form_part_limit
        return sentence("The form has more than {most} fields: leave out those that are not needed.", most=most)
    if "boundary" not in request.content_type[1]:
        return sentence("The Content-Type names no boundary of the form: let your HTTP library write that header.")
    return sentence("The multipart form is incomplete or malformed: send it again, or send JSON.")


def _encode(file: UploadFile) -> str:
    return base64.b64encode(file.file.read()).decode()


def _links(name: str, value: Any) -> tuple[str, ...]:
    """The pictures that a field holds: a text, OpenAI's object around a URL, or a list of them. Raises InvalidInput."""
    links = []
    for item in value if isinstance(value, list) else [value]:
        link = item.get("image_url") if isinstance(item, dict) else item
        if not isinstance(link, str) or not link.strip():
            raise InvalidInput(
                name,
                sentence("The field '{field}' must be a file, an http(s) URL, a data URL or base64.", field=name),
            )
        links.append(link)
    return tuple(links)


def _convert(kind: type[Kind], given: Mapping[str, Any]) -> Kind:
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        missing = re.search(r"required field `(\w+)`", str(error))
        name = place[1] if place else missing[1] if missing else "body"
        field = next((one for one in msgspec.structs.fields(kind) if one.encode_name == name), None)
    if field is None or missing:
        raise InvalidInput(name, sentence("The field '{field}' is required.", field=name))
    raise InvalidInput(name, _say_what_fits(name, field.type))


def _say_what_fits(name: str, kind: Any) -> Sentence:
    """What a field of this type may be, in a sentence."""
    parts = get_args(kind) if UnsetType in get_args(kind) else (kind,)
    for part in parts:
        if get_origin(part) is Literal:
            options = ", ".join(get_args(part))
            return sentence("The field '{field}' must be one of {options}.", field=name, options=options)
        if get_origin(part) is Annotated and get_args(part)[0] is int:
            bounds = get_args(part)[1]
            if bounds.ge == bounds.le:
                return sentence("The field '{field}' must be {value}.", field=name, value=bounds.ge)
            return sentence(
                "The field '{field}' must be a whole number from {least} to {most}.",
                field=name, least=bounds.ge, most=bounds.le,
            )  # fmt: skip
        if part is bool:
            return sentence("The field '{field}' must be true or false.", field=name)
    return sentence("The field '{field}' must be text.", field=name)
