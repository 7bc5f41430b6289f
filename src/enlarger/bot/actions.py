"""What the bot can do to a photo, as data: one pure function for each thing.

An action says everything that there is to know of a task before it is made, so that it can be written down, made again
after a crash, repeated with other words, and priced. Where a picture belongs, its input has a placeholder, `photo:0`,
`photo:1` or `result`, because the files are uploaded, and the addresses known, only when the task is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from enlarger import interior
from enlarger.catalog import Credits, build_input_or_raise, get_model, quote
from enlarger.interior import Quality, build_prompt, clear_space_prompt, edit_task, facade_prompt, sample_prompt

Kind = Literal["redesign", "clear_space", "facade", "like_sample", "free_prompt", "enlarge", "remove_background"]
FACTORS = (2, 4)
OWN_UPSCALE = "real-esrgan/x4plus"
"""What this machine's own engine enlarges with, at no cost."""

RESULT = "result"
"""Stands for the picture that the task `source` has made."""

_PHOTO = "photo:"
_SOME_URL = "https://photo.invalid/photo.jpg"
_SOME_TASK = "0" * 32
_MEGABYTE = 1_000_000
_GROK_IMAGES = "grok-imagine/text-to-image"
_GROK_UPSCALE = "grok-imagine/upscale"
_HOSTED_UPSCALE = "topaz/image-upscale"
_REMOVE_BACKGROUND = "recraft/remove-background"
_SHOWN_AS_THEY_ARE: tuple[Quality, ...] = ("2K", "4K")
"""Telegram shrinks photos to about 1280 pixels: larger results are sent as files."""


class Photo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A picture that somebody has sent, by Telegram's name for it."""

    file_id: str
    document: bool = False
    """Whether it was sent as a file, not as a photo."""
    bytes: int | None = None
    width: int | None = None
    height: int | None = None

    @property
    def size(self) -> tuple[int, int] | None:
        """Pixels across and down, where Telegram tells them."""
        return (self.width, self.height) if self.width and self.height else None


class Action(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing to be done, wholly described."""

    kind: Kind
    model: str
    input: dict[str, Any]
    """As the model takes it, with placeholders for pictures."""
    deliver: Literal["photo", "document"] = "photo"
    """How the result is sent: as a photo, or as a file, which Telegram leaves as it is."""
    title: str = ""
    """What it is called, in the user's language."""
    photos: tuple[Photo, ...] = ()
    """What `photo:0`, `photo:1` stand for."""
    source: str | None = None
    """The id of the task whose result `result` stands for."""
    quality: Quality = "standard"
    room: str | None = None
    style: str | None = None
    wishes: str = ""
    factor: int | None = None


def redesign(photo: Photo, *, room: str, style: str, quality: Quality = "standard", wishes: str = "") -> Action:
    """The room in another style."""
    prompt = build_prompt(room, style, wishes)
    action = _edit("redesign", prompt, (photo,), quality)
    return msgspec.structs.replace(action, room=room, style=style, wishes=wishes)


def clear_space(photo: Photo, *, quality: Quality = "standard") -> Action:
    """The room without its furniture."""
    return _edit("clear_space", clear_space_prompt(), (photo,), quality)


def facade(photo: Photo, *, style: str, quality: Quality = "standard", wishes: str = "") -> Action:
    """The outside of a house in another style."""
    action = _edit("facade", facade_prompt(style, wishes), (photo,), quality)
    return msgspec.structs.replace(action, style=style, wishes=wishes)


def like_sample(photo: Photo, sample: Photo, *, room: str, quality: Quality = "standard") -> Action:
    """The room of the first photo as the second one shows it."""
    action = _edit("like_sample", sample_prompt(room), (photo, sample), quality)
    return msgspec.structs.replace(action, room=room)


def free_prompt(photo: Photo, words: str, *, quality: Quality = "standard") -> Action:
    """Whatever somebody asks for, in their own words."""
    action = _edit("free_prompt", interior.free_prompt(words), (photo,), quality)
    return msgspec.structs.replace(action, wishes=words)


def enlarge(photo: Photo, *, factor: int, hosted: bool) -> Action:
    """The photo with 2 or 4 times as many pixels a side.

    `hosted` says whether a hosted provider is set up; without one, and for files that it does not take, this machine's
    own engine does it.
    """
    model = _HOSTED_UPSCALE if hosted and not _too_heavy(_HOSTED_UPSCALE, (photo,)) else OWN_UPSCALE
    return _upscale(model, f"{_PHOTO}0", factor, photos=(photo,))


def enlarge_result(task_id: str, made_by: str, *, factor: int, hosted: bool) -> Action:
    """The result of an earlier task, which the model `made_by` made, with more pixels; no photo is uploaded.

    A picture of Grok Imagine is enlarged by its own upscaler, which takes the task's id and knows no factor.
    """
    if get_model(made_by).id == _GROK_IMAGES:
        return Action(
            kind="enlarge",
            model=_GROK_UPSCALE,
            input={"task_id": task_id},
            deliver="document",
            source=task_id,
            factor=2,
        )
    return _upscale(_HOSTED_UPSCALE if hosted else OWN_UPSCALE, RESULT, factor, source=task_id)


def remove_background(photo: Photo) -> Action:
    """What the photo shows, cut out; sent as a file, because Telegram's photos have no transparency."""
    return Action(
        kind="remove_background",
        model=_REMOVE_BACKGROUND,
        input={"image": f"{_PHOTO}0"},
        deliver="document",
        photos=(photo,),
    )


def price(action: Action, *, size: tuple[int, int] | None = None) -> Credits:
    """What an action costs, in credits, before it is started; `size` is that of its picture where that is known."""
    model = get_model(action.model)
    known = size or (action.photos[0].size if action.photos else None)
    urls = [_SOME_URL] * len(action.photos)
    input = build_input_or_raise(model, fill(action, photos=urls, result=_SOME_URL))
    return quote(model, input, size=known)


def most_megabytes(action: Action) -> float | None:
    """The most that its model takes of one picture, if one of its photos is larger; else None."""
    return _too_heavy(action.model, action.photos)


def fill(action: Action, *, photos: Sequence[str], result: str | None = None) -> dict[str, Any]:
    """The input with addresses where the placeholders were; a prompt stays as it is, whatever it says."""
    addresses = {f"{_PHOTO}{index}": url for index, url in enumerate(photos)}
    if result is not None:
        addresses[RESULT] = result
    fields = get_model(action.model).fields()
    return {
        name: _fill(value, addresses) if fields[name].media == "image" else value
        for name, value in action.input.items()
    }


def again(action: Action, *, quality: Quality | None = None, style: str | None = None) -> Action:
    """The same once more; with another style or quality where that is said and it has one.

    Raises InvalidInput for a room or style that there is no longer.
    """
    wanted = quality or action.quality
    match action.kind:
        case "redesign":
            room, new = str(action.room), str(style or action.style)
            return redesign(action.photos[0], room=room, style=new, quality=wanted, wishes=action.wishes)
        case "facade":
            return facade(action.photos[0], style=str(style or action.style), quality=wanted, wishes=action.wishes)
        case "clear_space":
            return clear_space(action.photos[0], quality=wanted)
        case "like_sample":
            return like_sample(*action.photos, room=str(action.room), quality=wanted)
        case "free_prompt":
            return free_prompt(action.photos[0], action.wishes, quality=wanted)
        case _:
            return action


def _edit(kind: Kind, prompt: str, photos: tuple[Photo, ...], quality: Quality) -> Action:
    task = edit_task([f"{_PHOTO}{index}" for index in range(len(photos))], prompt, quality)
    return Action(
        kind=kind,
        model=task.model,
        input=task.input,
        deliver="document" if quality in _SHOWN_AS_THEY_ARE else "photo",
        photos=photos,
        quality=quality,
    )


def _upscale(
    model: str, picture: str, factor: int, *, photos: tuple[Photo, ...] = (), source: str | None = None
) -> Action:
    return Action(
        kind="enlarge",
        model=model,
        input={"image_url": picture, "upscale_factor": str(factor)},
        deliver="document",
        photos=photos,
        source=source,
        factor=factor,
    )


def _too_heavy(model: str, photos: tuple[Photo, ...]) -> float | None:
    """The most megabytes that a model takes of one picture, if one of these has more."""
    most = next((field.max_mb for field in get_model(model).fields().values() if field.media == "image"), None)
    heaviest = max((photo.bytes or 0 for photo in photos), default=0)
    return most if most is not None and heaviest > most * _MEGABYTE else None


def _fill(value: Any, addresses: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_fill(item, addresses) for item in value]
    return addresses.get(value, value) if isinstance(value, str) else value
