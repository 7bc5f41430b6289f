"""The docstrings of structs and of their fields, as descriptions in the API's description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from enlarger.field_docstrings import field_docstrings
from enlarger.protocol.records import Envelope

_OURS = ("enlarger.protocol.", "enlarger.server.")


def describe_fields(schemas: dict[str, Any]) -> None:
    """Add descriptions to the schemas that have a struct's name, and to their properties."""
    structs = {kind.__name__: kind for kind in _below(msgspec.Struct) if kind.__module__.startswith(_OURS)}
    envelopes = {name: Envelope for name in schemas if name.endswith("Reply")}
    for name, kind in (envelopes | structs).items():
        if name in schemas:
            _describe(schemas[name], kind)


def _describe(schema: dict[str, Any], kind: type[msgspec.Struct]) -> None:
    schema.setdefault("description", _plain(kind.__doc__ or ""))
    properties = schema.get("properties", {})
    names = {field.name: field.encode_name for field in msgspec.structs.fields(kind)}
    for base in reversed(kind.__mro__):
        documented = field_docstrings(base) if base.__module__.startswith(_OURS) else {}
        for field, words in documented.items():
            described = properties.get(names.get(field))
            if described is not None and "$ref" not in described:  # what is referred to has a description of its own
                described["description"] = words


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def _plain(words: str) -> str:
    return " ".join(words.split())
