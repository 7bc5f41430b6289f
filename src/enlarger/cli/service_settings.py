"""The settings of a service in words, as `enlarger config` and the documentation show them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from enlarger.all_settings import settings_class
from enlarger.field_docstrings import field_docstrings
from enlarger.settings import Rate, variables_of


class Setting(NamedTuple):
    """A setting of a service."""

    field: str
    """Its name in the class."""
    owner: type
    """The class that declares it: the service's, or a provider's."""
    variable: str
    others: tuple[str, ...]
    """Other variables that set it."""
    text: str
    """What stands below the field. Pydantic could read it too, but would do so in every process."""
    values: str
    """What it may be."""
    default: str | None
    """None where there is none, or it depends on the machine: `text` says what happens then."""
    secret: bool


@cache
def describe_settings() -> Mapping[str, Setting]:
    """Every setting of a service and of its providers, by its variable."""
    kind = settings_class()
    settings = [_describe(kind, name, field) for name, field in kind.model_fields.items()]
    return {one.variable: one for one in settings}


def find_setting(variable: str) -> Setting | None:
    """The setting that a variable sets."""
    return next((one for one in describe_settings().values() if variable in (one.variable, *one.others)), None)


def show_value(value: object) -> str | None:
    """A value as it is given in the environment; None for an empty one."""
    match value:
        case None | () | "":
            return None
        case bool():
            return str(int(value))
        case Rate():
            return f"{value.times}/{value.seconds:g}"
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def _describe(kind: type, name: str, field: FieldInfo) -> Setting:
    variable, *others = variables_of(name, field)
    owner = next(one for one in kind.__mro__ if name in inspect.get_annotations(one))
    factory = field.default_factory is not None
    return Setting(
        field=name,
        owner=owner,
        variable=variable,
        others=tuple(others),
        text=field_docstrings(owner).get(name, ""),
        values=_say_values(field),
        default=None if factory else show_value(field.default),
        secret=SecretStr in _kinds(field.annotation),
    )


def _say_values(field: FieldInfo) -> str:
    kinds = _kinds(field.annotation)
    words = [f"`{value}`" for kind in kinds if get_origin(kind) is Literal for value in get_args(kind)]
    bounds = _say_bounds([*field.metadata, *(one for kind in kinds for one in getattr(kind, "__metadata__", ()))])
    for kinds_of, name in (
        ({bool}, "`1` or `0`"),
        ({int}, f"whole number{bounds}"),
        ({float, Decimal}, f"number{bounds}"),
        ({Rate}, "times/seconds, such as `20/10`"),
        ({Path}, "path"),
        ({SecretStr}, "secret text"),
        ({str}, "text"),
    ):
        if kinds_of & {getattr(kind, "__origin__", kind) for kind in kinds}:
            words.insert(0, name)
    if any(get_origin(kind) is tuple for kind in kinds):
        words = ["list with commas"]
    return " or ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} or {words[-1]}"


def _say_bounds(metadata: list[Any]) -> str:
    least = next((one.ge for one in metadata if isinstance(one, Ge)), None)
    most = next((one.le for one in metadata if isinstance(one, Le)), None)
    above = next((one.gt for one in metadata if isinstance(one, Gt)), None)
    if most is not None:
        return f", {least:g} to {most:g}"
    return f", at least {least:g}" if least is not None else f", more than {above:g}" if above is not None else ""


def _kinds(annotation: Any) -> list[Any]:
    """The types of a value, without None."""
    if get_origin(annotation) in (Union, UnionType):
        return [kind for one in get_args(annotation) for kind in _kinds(one)]
    return [] if annotation is type(None) else [annotation]
