"""Describes the arguments and options of commands, for their help and for the page of the command line."""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

_SEVERAL = -1
"""Typer's `nargs` of an argument that takes any number of values."""


class Parameter(NamedTuple):
    """An argument or an option, in words."""

    name: str
    """With what it takes: `-f, --factor 1-16`."""
    text: str
    default: str | None
    """What it is when it is not given, where that is one value."""
    variable: str | None
    """The environment variable that it is read from when it is not given."""
    limits: str | None
    """What its number has to be, unless its name or every reader knows."""

    @property
    def notes(self) -> str:
        """All but the name and the text: `default: 2; at least 0.1`."""
        notes = (("default", self.default), ("env", self.variable), ("", self.limits))
        return "; ".join(f"{what}: {value}".removeprefix(": ") for what, value in notes if value)


def describe_parameter(parameter: Any, ctx: Any) -> Parameter:
    """A parameter of a command, in words."""
    return Parameter(
        name=_argument_name(parameter) if parameter.param_type_name == "argument" else _option_name(parameter),
        text=" ".join((parameter.help or "").split()),
        default=_default(parameter, ctx),
        variable=str(parameter.envvar) if parameter.envvar else None,
        limits=_limits(parameter),
    )


def usage_of(parameter: Any) -> str:
    """How the usage line shows an argument."""
    name = parameter.metavar or parameter.name.upper()
    return f"{name if parameter.required else f'[{name}]'}{'...' if parameter.nargs == _SEVERAL else ''}"


def _argument_name(parameter: Any) -> str:
    return f"{parameter.metavar or parameter.name.upper()}{'...' if parameter.nargs == _SEVERAL else ''}"


def _option_name(parameter: Any) -> str:
    names = ", ".join(sorted(parameter.opts, key=lambda name: name.startswith("--")))
    if parameter.secondary_opts:
        return f"{names} / {', '.join(parameter.secondary_opts)}"
    return names if parameter.is_flag else f"{names} {parameter.metavar or 'VALUE'}"


def _default(parameter: Any, ctx: Any) -> str | None:
    if isinstance(parameter.show_default, str):
        return parameter.show_default
    value = parameter.get_default(ctx, call=False)
    if value is None or not parameter.show_default or parameter.required:
        return None
    match value:
        case bool():
            names = parameter.opts if value else parameter.secondary_opts
            return str(names[0]) if parameter.secondary_opts else None
        case Enum():
            return str(value.value)
        case float():
            return f"{value:g}"
        case _:
            return str(value) or None


def _limits(parameter: Any) -> str | None:
    least, most = parameter.min, parameter.max
    if most is not None:
        return None if parameter.metavar == f"{least}-{most}" else f"{least} to {most}"
    return None if least in (None, 0, 1) else f"at least {least:g}"
