"""Fields of an input as they are typed: `-i prompt='a room' -i image=@photo.jpg -i seed:=7`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from enlarger.errors import InvalidInput


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


def _read(assignment: str) -> tuple[str, Any]:
    name, equals, text = assignment.partition("=")
    if not equals or not name.strip(":"):
        raise InvalidInput("-i", f"-i {assignment!r} is not FIELD=VALUE: write it as -i upscale_factor=2.")
    if name.endswith(":"):
        try:
            return name[:-1], msgspec.json.decode(text)
        except msgspec.DecodeError:
            raise InvalidInput(name[:-1], f"-i {assignment!r} is not FIELD:=JSON: {text!r} is no JSON.") from None
    if text.startswith("@@"):
        return name, text[1:]
    if text.startswith("@"):
        path = Path(text[1:]).expanduser()
        if not path.is_file():
            raise InvalidInput(name, f"-i {assignment!r} names a file, and there is no {path}.")
        return name, path
    return name, text
