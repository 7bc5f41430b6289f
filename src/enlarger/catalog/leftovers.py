"""What an app gave that the model has no field for: what may be left out with a warning, and what may not.

A picture that is left out while the task runs is paid for without being used, and so is a wish that changes the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from enlarger.catalog.faults import InputIssue, names_in_words, nearest
from enlarger.catalog.messages import Translate
from enlarger.catalog.model import Field, Form, Model
from enlarger.catalog.repair import COUNTS, plain
from enlarger.protocol.inline import is_asset, is_url

UNKNOWN_FIELD = "unknown_field"
"""The code of a field that a model does not have."""
UNKNOWN_MEMBER = "unknown_member"
"""The code of a member that an object in a list does not have."""
_FILE_NAMES = (
    "image", "img", "picture", "photo", "video", "audio", "voice", "mask", "frame", "clip", "reference", "file",
)  # fmt: skip
_TASKS = ("taskid", "sourcetaskid", "origintaskid", "parenttaskid", "previoustaskid", "taskids")
"""Plain names for an earlier task that this one is to build on."""
_NOT_A_FILE = ("callback", "webhook", "notify")
_SUFFIXES = (
    ".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".mp4", ".mov",
    ".webm", ".mkv", ".mp3", ".wav", ".m4a", ".aac", ".ogg", ".flac",
)  # fmt: skip
_INLINE = 100
"""Characters from which on a text in a field for files can be a file in base64."""


def holds_file(name: str, value: Any) -> bool:
    """Whether what an app gave by this name is a file or several: inside the request, or by their URLs."""
    match value:
        case str():
            return not any(part in plain(name) for part in _NOT_A_FILE) and _is_file(plain(name), value.strip())
        case list():
            return any(holds_file(name, item) for item in value)
        case dict():
            return any(holds_file(f"{name}_{key}", item) for key, item in value.items())
        case _:
            return False


def rival(name: str, value: Any, model: Model, built: Mapping[str, Any]) -> str | None:
    """The source that was taken, where the model can have it or the one by this name, and both are given; or None."""
    fields = model.fields()
    if not value or name not in fields or not _is_source(fields[name]):
        return None
    return next((other for other in built if _is_source(fields[other])), None)


def _takes_files(name: str, field: Field) -> bool:
    return field.media is not None or (field.each == "object" and any(part in plain(name) for part in _FILE_NAMES))


def _is_source(field: Field) -> bool:
    return field.media is not None or field.type == "task"


def changes_result(name: str, value: Any) -> bool:
    """Whether leaving it out makes something else than was asked for: the filter, a person, more than one picture."""
    bare = plain(name)
    if bare == "nsfwchecker":
        return str(value).lower() in ("true", "1")
    if bare in ("characteridlist", "characterids"):
        return bool(value)
    return bare in COUNTS and not isinstance(value, bool) and _is_many(value)


def names_task(name: str, value: Any) -> bool:
    """Whether it is the id of an earlier task to build on; without it the result has nothing to do with that task."""
    return plain(name) in _TASKS and bool(value.strip() if isinstance(value, str) else value)


def unknown(name: str, form: Form, model: Model, tr: Translate, place: str = "") -> InputIssue:
    """A field that the model does not have, or a member that the object at `place` does not have."""
    near, fields = nearest(name, form), ", ".join(form if place else model.fields())
    if place:
        thing = place.rstrip(".")
        if near:
            sentence = tr(
                "The object '{object}' has no member '{field}': did you mean '{near}'?",
                object=thing, field=name, near=near,
            )  # fmt: skip
        else:
            sentence = tr(
                "The object '{object}' has no member '{field}'; it has {fields}",
                object=thing, field=name, fields=fields,
            )  # fmt: skip
        return InputIssue(place + name, UNKNOWN_MEMBER, sentence)
    if near:
        sentence = tr(
            "The model {model} has no field '{field}': did you mean '{near}'?", model=model.id, field=name, near=near
        )
    else:
        sentence = tr(
            "The model {model} has no field '{field}'; it has {fields}", model=model.id, field=name, fields=fields
        )
    return InputIssue(name, UNKNOWN_FIELD, sentence)


def left_out_file(name: str, form: Form, model: Model, tr: Translate, place: str = "") -> InputIssue:
    """A file in a field that the model does not have; the task would run, and be paid for, without it."""
    fields = [place + field for field, spec in form.items() if _takes_files(field, spec)]
    path = place + name
    if fields:
        sentence = tr(
            "The model {model} has no field '{field}', and its file would not be used: give it in {fields}",
            model=model.id, field=path, fields=names_in_words(fields, tr),
        )  # fmt: skip
    elif place:
        sentence = tr(
            "The model {model} has no field '{field}', and its file would not be used: leave it out",
            model=model.id, field=path,
        )  # fmt: skip
    else:
        sentence = tr(
            "The model {model} takes no files, and the one in '{field}' would not be used: leave it out, or choose"
            " another model",
            model=model.id, field=path,
        )  # fmt: skip
    return InputIssue(path, "file_left_out", sentence)


def left_out_value(name: str, model: Model, tr: Translate, place: str = "") -> InputIssue:
    """A value that changes the result, in a field that the model does not have."""
    if plain(name) in _TASKS:
        sentence = tr(
            "The model {model} has no field '{field}', and its result would have nothing to do with that task: leave it"
            " out, or choose a model that builds on a task",
            model=model.id, field=place + name,
        )  # fmt: skip
        return InputIssue(place + name, "value_left_out", sentence)
    sentence = tr(
        "The model {model} has no field '{field}', and the result would be another one without it: leave it out, or"
        " choose another model",
        model=model.id, field=place + name,
    )  # fmt: skip
    return InputIssue(place + name, "value_left_out", sentence)


def one_file(name: str, kept: str, tr: Translate) -> InputIssue:
    """A second file where there is room for one."""
    sentence = tr(
        "The fields '{kept}' and '{field}' hold two files, but this model takes one: leave one of them out",
        kept=kept, field=name,
    )  # fmt: skip
    return InputIssue(name, "too_many", sentence)


def duplicate(name: str, kept: str, tr: Translate) -> InputIssue:
    """A field that says again what another one says."""
    return InputIssue(
        name, "duplicate", tr("The field '{field}' is left out, because '{kept}' is given", field=name, kept=kept)
    )


def contradiction(name: str, kept: str, tr: Translate) -> InputIssue:
    """A field that says something else than another one that means the same."""
    sentence = tr("The fields '{kept}' and '{field}' contradict each other: give one of them", kept=kept, field=name)
    return InputIssue(name, "contradiction", sentence)


def _is_many(value: Any) -> bool:
    try:
        return float(str(value)) > 1
    except ValueError:  # also an integer with more digits than Python writes
        return False


def _is_file(bare: str, text: str) -> bool:
    named = any(part in bare for part in _FILE_NAMES)
    if is_url(text):
        return named or _path(text).suffix.lower() in _SUFFIXES
    return is_asset(text) or text[:5].lower() == "data:" or (named and len(text) > _INLINE and " " not in text)


def _path(url: str) -> PurePosixPath:
    try:
        return PurePosixPath(urlsplit(url).path)
    except ValueError:
        return PurePosixPath()
