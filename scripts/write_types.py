"""Writes the types of all models' inputs, and the clients' overloads for them, out of the catalogue: `make types`."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from enlarger.catalog import Field, Model, list_models

CLIENT = Path(__file__).parents[1] / "src" / "enlarger" / "client"

_INPUTS = '''\
"""The inputs of all models, for type checkers and editors: made from the catalogue by `make types`.

A field that is `Required` has to be given; which others have to be depends on the rest of an input, and is checked when
it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import IO, Any, Literal, Required, TypeAlias, TypedDict

File: TypeAlias = str | bytes | PathLike[str] | IO[bytes]
"""A file's URL, or the file: its path, its bytes, or an open one, which are uploaded first."""
'''

_OVERLOADS = '''\
"""The signatures of `run` and `submit` for each model, for type checkers: made from the catalogue by `make types`.

Nothing imports this at run time. A model that is named as in the catalogue accepts only its own input; one in a
variable of type `str` accepts any.
"""

# mypy: disable-error-code="overload-overlap"
# pyright: reportOverlappingOverload=false

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any, Literal, Protocol, TypeAlias, TypeVar, Unpack, overload

from enlarger.client import async_client, async_requests, inputs, sync_client
from enlarger.client.records import Result

Handle_co = TypeVar("Handle_co", covariant=True)
Unfit_co = TypeVar("Unfit_co", covariant=True)


class InputDoesNotFitTheModel:
    """In place of a result: the input lacks a field, or has one that its model does not know or of another type."""


Unfit: TypeAlias = Coroutine[Any, Any, InputDoesNotFitTheModel]
"""The same for the synchronous client: checkers report a coroutine that is not used, and no other value."""

'''
_SIGNATURES = (
    (
        "Run(Protocol)",
        "`run` of the asynchronous client",
        "async_client.RunOptions",
        "Coroutine[Any, Any, Result]",
        "InputDoesNotFitTheModel",
    ),
    ("SyncRun(Protocol)", "`run` of the synchronous client", "sync_client.RunOptions", "Result", "Unfit"),
    (
        "Submit(Protocol[Handle_co, Unfit_co])",
        "`submit` of either client",
        "async_requests.SubmitOptions",
        "Handle_co",
        "Unfit_co",
    ),
)
_PLAIN = {
    "string": "str",
    "task": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "object": "Mapping[str, Any]",
    "array": "Sequence[Any]",
    "image": "File",
    "video": "File",
    "audio": "File",
}


def class_name(model: Model) -> str:
    """The name of the type of a model's input: `KlingV25Turbo` for `kling/v2-5-turbo`."""
    words = re.split(r"[^A-Za-z0-9]+", model.id)
    name = "".join(word[:1].upper() + word[1:] for word in words)
    return f"Model{name}" if name[0].isdigit() else name


def inputs_module() -> Iterator[str]:
    """`inputs.py`, line by line."""
    yield _INPUTS
    for model in list_models():
        yield from _input_type(model)
    yield "\nModelName: TypeAlias = Literal["
    yield from (f'    "{name}",' for model in list_models() for name in (model.id, *model.aliases))
    yield "]"
    yield '"""A model by any of its names."""'


def overloads_module() -> Iterator[str]:
    """`overloads.py`, line by line."""
    yield _OVERLOADS
    for name, meaning, options, result, unfit in _SIGNATURES:
        yield f"\nclass {name}:"
        yield f'    """{meaning}."""\n'
        for model in list_models():
            literal = ", ".join(f'"{one}"' for one in (model.id, *model.aliases))
            yield from _overload(f"Literal[{literal}]", f"inputs.{class_name(model)}", options, result)
        # Reached with a model's name and an input that fits none of the above.
        yield from _overload("inputs.ModelName", "Mapping[str, Any]", options, unfit)
        yield from _overload("str", "Mapping[str, Any]", options, result)


def _overload(model: str, input_type: str, options: str, result: str) -> Iterator[str]:
    yield "    @overload"
    arguments = f"self, model: {model}, input: {input_type}, **options: Unpack[{options}]"
    yield f"    def __call__({arguments}) -> {result}: ..."


def _input_type(model: Model) -> Iterator[str]:
    forms = model.all_forms()
    fields = {name: field for name, field in model.fields().items() if field.deprecated is None}
    required = {name for name in fields if all(name in form and form[name].required for form in forms)}
    objects = {name: _object_name(model, name) for name, field in fields.items() if field.members}
    for name, title in objects.items():
        members = fields[name].members
        musts = {member for member, field in members.items() if field.required}
        yield from _typed_dict(title, f"{model.id}: an object in `{name}`", members, musts, {})
    yield from _typed_dict(class_name(model), model.id, fields, required, objects)


def _object_name(model: Model, name: str) -> str:
    """The name of the type of the objects in a field: `Kling30VideoMultiPrompt` for `multi_prompt`."""
    return class_name(model) + "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def _typed_dict(
    title: str, meaning: str, fields: Mapping[str, Field], required: Collection[str], objects: Mapping[str, str]
) -> Iterator[str]:
    types = {name: _type(field, objects.get(name)) for name, field in fields.items()}
    types |= {name: f"Required[{types[name]}]" for name in types if name in required}
    plain = all(name.isidentifier() and not keyword.iskeyword(name) for name in fields)
    if plain:
        yield f"\nclass {title}(TypedDict, total=False):"
        yield f'    """{meaning}"""\n'
        yield from (f"    {name}: {kind}" for name, kind in types.items())
    else:
        yield f"\n{title} = TypedDict("
        yield f'    "{title}",'
        yield "    {" + ", ".join(f'"{name}": "{kind}"' for name, kind in types.items()) + "},"
        yield "    total=False,\n)"
    yield ""


def _type(field: Field, object_name: str | None) -> str:
    one = object_name or _one(field)
    return f"Sequence[{one}]" if field.type == "array" else one


def _one(field: Field) -> str:
    if not field.enum or any(isinstance(value, float) for value in field.enum):
        return _PLAIN[field.each]
    values = [*field.enum, *field.besides]
    values += [int(value) for value in values if isinstance(value, str) and re.fullmatch("[1-9][0-9]*|0", value)]
    return f"Literal[{', '.join(map(_literal, values))}]"


def _literal(value: object) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if isinstance(value, str) else repr(value)


def main() -> None:
    """Write both modules."""
    for name, lines in (("inputs", inputs_module()), ("overloads", overloads_module())):
        (CLIENT / f"{name}.py").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
