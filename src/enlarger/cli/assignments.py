"""Fields of an input as they are typed: `-i prompt='a room' -i image=@photo.jpg -i seed:=7`, or all of them as JSON."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from enlarger.catalog import UNKNOWN_FIELD, UNKNOWN_MEMBER, InputIssue, Model, build_input, get_model, list_models
from enlarger.catalog.model import Form
from enlarger.catalog.repair import media_of
from enlarger.cli.streams import DASH, Piped, is_piped, read_text
from enlarger.errors import InvalidInput, UnknownModel
from enlarger.protocol.inline import is_url

NOT_A_FILE = "not_a_file"
"""The catalogue's code for a value that is neither an address nor a file's content."""
_LONGEST_NAME = 255
"""The longest name of a file; a longer value is broken content."""


def read_input(
    assignments: Sequence[str], document: str | None = None, *, form: Form | None = None, piped: Piped | None = None
) -> dict[str, Any]:
    """The input that was typed, for a model with this `form`. Raises InvalidInput.

    `FIELD=TEXT`; `FIELD=@FILE`, for a picture, video or sound the file itself as a Path, else the text in it; `@-` is
    stdin, and `@@` starts a text that begins with @. `FIELD:=JSON`, or `FIELD:=@FILE` with JSON in it, for anything
    else. A field that is given several times is a list. `document` is a JSON object with fields, or @FILE, or -; the
    assignments take precedence over it.
    """
    reader = _Reader(form or {}, piped or Piped())
    given: dict[str, list[Any]] = {}
    for assignment in assignments:
        name, value = reader.read(assignment)
        given.setdefault(name, []).append(value)
    typed = {name: values[0] if len(values) == 1 else values for name, values in given.items()}
    return typed if document is None else reader.read_document(document) | typed


def find_model(name: str) -> Model:
    """The model of this name. Raises UnknownModel, which suggests the nearest name."""
    try:
        return get_model(name)
    except UnknownModel:
        meant = _suggestion(name, _model_names())
        raise UnknownModel("model", f"There is no model {name[:100]!r}{meant}: `enlarger models` lists them.") from None


def form_of(model: str) -> Form:
    """The fields of a model; none for a model that the catalogue does not have."""
    try:
        return get_model(model).fields()
    except UnknownModel:
        return {}


def check_input(model: str, input: Mapping[str, Any], *, strict: bool = False) -> tuple[str, list[str]]:
    """The model's own name, and the warnings to show before the input is paid for.

    Raises InvalidInput for what the catalogue knows to be wrong; with `strict` also for unknown models and fields.
    """
    try:
        known = get_model(model)
    except UnknownModel:
        name, unknown = model, {"model": f"The catalogue has no model {model}{_suggestion(model, _model_names())}"}
        notes, members = [], []
    else:
        name, form = known.id, known.fields()
        built = build_input(known, {name: addressed(form, name, value) for name, value in input.items()})
        _name_missing_files(input, built.faults)
        built.raise_faults()
        strange = [one.field for one in built.warnings if one.code == UNKNOWN_FIELD]
        unknown = {field: f"{name} has no field {field!r}{_suggestion(field, list(form))}" for field in strange}
        others = [one for one in built.warnings if one.code != UNKNOWN_FIELD]
        members = [(one.field, one.code, _ended(one.message)) for one in others if one.code == UNKNOWN_MEMBER]
        notes = [_ended(one.message) for one in others]
    if strict and (unknown or members):
        faults = [(field, UNKNOWN_FIELD, f"{message}.") for field, message in unknown.items()] + members
        raise InvalidInput(faults[0][0], " ".join(message for _, _, message in faults), faults)
    return name, [f"{message}: it is sent as it is." for message in unknown.values()] + notes


def _name_missing_files(input: Mapping[str, Any], faults: Sequence[InputIssue]) -> None:
    """Raise InvalidInput for the first value that looks like the name of a file but names none."""
    for fault in faults:
        values = input.get(fault.field.partition("[")[0]) if fault.code == NOT_A_FILE else None
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, str) and _names_a_file(value) and not _is_file(value):
                raise InvalidInput(
                    fault.field,
                    f"The field '{fault.field}' names {value!r}, and there is no such file:"
                    " give a file of this machine (FIELD=@FILE) or an http(s) URL.",
                )


def addressed(form: Form, name: str, value: Any) -> Any:
    """A value with addresses in place of files, which are uploaded later."""
    if isinstance(value, list):
        return [addressed(form, name, item) for item in value]
    if isinstance(value, dict):
        return {inner: addressed(_members(form, name), inner, item) for inner, item in value.items()}
    files = local_files(form, name, value)
    return f"https://example.com/{quote(files[0].name)}" if files else value


def local_files(form: Form, name: str, value: Any) -> list[Path]:
    """The files of this machine among the values of a field: those that were named with @, and names of files."""
    if isinstance(value, list):
        return [file for item in value for file in local_files(form, name, item)]
    if isinstance(value, dict):
        members = _members(form, name)
        return [file for inner, item in value.items() for file in local_files(members, inner, item)]
    if isinstance(value, str) and media_of(form, name) is not None and not is_url(value) and _is_file(value):
        return [Path(value).expanduser()]
    return [value] if isinstance(value, Path) else []


def _members(form: Form, name: str) -> Form:
    return form[name].members if name in form else {}


class _Reader:
    """Reads what was typed."""

    def __init__(self, form: Form, piped: Piped) -> None:
        self._form = form
        self._piped = piped

    def read(self, assignment: str) -> tuple[str, Any]:
        name, equals, text = assignment.partition("=")
        if not equals or not name.strip(":"):
            raise InvalidInput("-i", f"-i {assignment!r} is not FIELD=VALUE: write it as -i prompt='a quiet room'.")
        if name.endswith(":"):
            return name[:-1], self._json(name[:-1], text, assignment)
        if text.startswith("@@"):
            return name, text[1:]
        if text.startswith("@"):
            return name, self._file(name, text[1:], assignment)
        return name, text

    def read_document(self, text: str) -> dict[str, Any]:
        """All fields of a JSON object."""
        if text == DASH or text.startswith("@"):
            text = self._piped.text(text.removeprefix("@"))
        try:
            return msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.MsgspecError as error:
            raise InvalidInput(
                "--input-json",
                f'--input-json is not a JSON object ({error}): give {{"FIELD": VALUE, …}}, @FILE, or - for stdin.',
            ) from None

    def _json(self, name: str, text: str, assignment: str) -> Any:
        if text.startswith("@"):
            text = self._piped.text(text[1:])
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            shown = repr(text if len(text) < 100 else text[:100] + "…")
            raise InvalidInput(name, f"-i {assignment!r} is not FIELD:=JSON: {shown} is not JSON.") from None

    def _file(self, name: str, file: str, assignment: str) -> Path | str:
        """What @FILE means for a field: a picture, video or sound is to be uploaded, a text is to be read."""
        is_media = media_of(self._form, name) is not None
        if is_piped(file):
            return self._piped.file(file) if is_media else self._piped.text(file)
        if not _is_file(file):
            raise InvalidInput(name, f"-i {assignment!r} names a file, and there is no {file}.")
        if is_media:
            return Path(file).expanduser()
        try:
            return read_text(file)
        except InvalidInput:
            if name in self._form:
                raise
            return Path(file).expanduser()  # not text, for a field that is not in the catalogue: upload it


def _names_a_file(value: str) -> bool:
    return bool(Path(value).suffix) and len(value) <= _LONGEST_NAME and ":" not in value


def _is_file(name: str) -> bool:
    try:
        return Path(name).expanduser().is_file()
    except (OSError, RuntimeError, ValueError):  # a text that cannot be a file's name
        return False


def _model_names() -> list[str]:
    return [model.id for model in list_models()]


def _ended(sentence: str) -> str:
    """The sentence with a full stop, unless it ends with a mark already: some are questions."""
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def _suggestion(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name.casefold(), names, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
