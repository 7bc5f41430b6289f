"""Fields of an input as they are typed: `-i prompt='a room' -i image=@photo.jpg -i seed:=7`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from enlarger.catalog import UNKNOWN_FIELD, build_input, get_model
from enlarger.catalog.model import Form
from enlarger.catalog.repair import media_of
from enlarger.errors import InvalidInput, UnknownModel
from enlarger.protocol.inline import is_url


def read_assignments(assignments: Sequence[str]) -> dict[str, Any]:
    """The input that was typed. Raises InvalidInput.

    `FIELD=TEXT`, `FIELD=@FILE` for a file of this machine (`@@` for a text that starts with @), `FIELD:=JSON` for
    anything else; a field that is given several times is a list.
    """
    given: dict[str, list[Any]] = {}
    for assignment in assignments:
        name, value = _read(assignment)
        given.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in given.items()}


def check_input(model: str, input: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The model's own name, and what somebody should know of the input before it is sent.

    Raises InvalidInput for what the catalogue knows to be wrong.
    """
    try:
        known = get_model(model)
    except UnknownModel:
        return model, [f"The catalogue has no model {model}: its input is sent as it is."]
    form = known.fields()
    built = build_input(known, {name: addressed(form, name, value) for name, value in input.items()})
    built.raise_faults()
    unknown = [warning.field for warning in built.warnings if warning.code == UNKNOWN_FIELD]
    return known.id, [f"{known.id} has no field {name!r} that we know of: it is sent as it is." for name in unknown]


def addressed(form: Form, name: str, value: Any) -> Any:
    """A value with addresses in place of files, which are uploaded later."""
    if isinstance(value, list):
        return [addressed(form, name, item) for item in value]
    files = local_files(form, name, value)
    return f"https://example.com/{quote(files[0].name)}" if files else value


def local_files(form: Form, name: str, value: Any) -> list[Path]:
    """The files of this machine among the values of a field: those that were named with @, and names of files."""
    if isinstance(value, list):
        return [file for item in value for file in local_files(form, name, item)]
    if isinstance(value, str) and media_of(form, name) is not None and not is_url(value) and _is_file(value):
        return [Path(value).expanduser()]
    return [value] if isinstance(value, Path) else []


def _is_file(name: str) -> bool:
    try:
        return Path(name).expanduser().is_file()
    except (OSError, RuntimeError, ValueError):  # a text that cannot be a file's name
        return False


def _read(assignment: str) -> tuple[str, Any]:
    name, equals, text = assignment.partition("=")
    if not equals or not name.strip(":"):
        raise InvalidInput("-i", f"-i {assignment!r} is not FIELD=VALUE: write it as -i prompt='a quiet room'.")
    if name.endswith(":"):
        try:
            return name[:-1], msgspec.json.decode(text)
        except msgspec.DecodeError:
            raise InvalidInput(name[:-1], f"-i {assignment!r} is not FIELD:=JSON: {text!r} is no JSON.") from None
    if text.startswith("@@"):
        return name, text[1:]
    if text.startswith("@"):
        if not _is_file(text[1:]):
            raise InvalidInput(name, f"-i {assignment!r} names a file, and there is no {text[1:]}.")
        return name, Path(text[1:]).expanduser()
    return name, text
