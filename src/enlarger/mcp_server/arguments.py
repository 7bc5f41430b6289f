"""Explains wrong arguments of a call, by the schema that the tool publishes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mcp_types import Tool
from pydantic import ValidationError

_LONGEST_NAME = 60
_MOST_NAMES = 5


def unknown_arguments(tool: Tool, arguments: Mapping[str, Any]) -> str | None:
    """A sentence about arguments that the tool does not have; None if it has all of them."""
    known = tool.input_schema.get("properties", {})
    unknown = [repr(name[:_LONGEST_NAME]) for name in arguments if name not in known]
    if not unknown:
        return None
    if len(unknown) == 1:
        what = f"is no argument {unknown[0]}"
    else:
        what = f"are no arguments {_list(unknown[:_MOST_NAMES], 'or')}"
    takes = f"the arguments of {tool.name} are {_list(known)}" if known else f"{tool.name} takes no arguments"
    return f"There {what}: {takes}."


def wrong_arguments(tool: Tool, error: ValidationError) -> str:
    """A sentence for each argument that is missing or wrong: its name, and what it has to be."""
    known = tool.input_schema.get("properties", {})
    faults = {str(fault["loc"][0]): fault["type"] for fault in error.errors(include_input=False, include_url=False)}
    return " ".join(
        f"The argument {name!r} {'is required, and ' if kind == 'missing' else ''}must be {_expected(known[name])}."
        for name, kind in faults.items()
    )


def _expected(schema: Mapping[str, Any]) -> str:
    """What a value of this JSON schema is, in words."""
    for option in schema.get("anyOf", ()):
        if option.get("type") != "null":
            return _expected(option)
    if "enum" in schema:
        return _list(map(str, schema["enum"]), "or")
    match schema.get("type"):
        case "string":
            return f"text{_length(schema.get('minLength'), schema.get('maxLength'))}"
        case "integer":
            return f"a whole number{_range(schema.get('minimum'), schema.get('maximum'))}"
        case "number":
            return f"a number{_range(schema.get('minimum'), schema.get('maximum'))}"
        case "boolean":
            return "true or false"
        case _:
            return "a JSON object"


def _length(least: int | None, most: int | None) -> str:
    if most is not None:
        return f" of {least} to {most} characters" if least else f" of at most {most} characters"
    return " that is not empty" if least else ""


def _range(least: float | None, most: float | None) -> str:
    if least is not None and most is not None:
        return f" from {least} to {most}"
    return "" if least is None else f" of at least {least}"


def _list(names: Iterable[str], last: str = "and") -> str:
    *first, end = names
    return f"{', '.join(first)} {last} {end}" if first else end
