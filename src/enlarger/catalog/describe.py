"""A field in words, for the terminal and the documentation."""

from __future__ import annotations

from collections.abc import Iterator

from enlarger.catalog.model import Field


def type_name(field: Field) -> str:
    """What the field's value is."""
    return f"list of {field.each}" if field.type == "array" else field.each


def limits(field: Field) -> str:
    """What its values are limited to."""
    return "; ".join(_limits(field))


def _limits(field: Field) -> Iterator[str]:
    if field.enum:
        yield ", ".join(map(str, field.enum))
    yield from _between(field.min_length, field.max_length, "characters")
    yield from _between(field.minimum, field.maximum, "")
    yield from _between(field.min_items, field.max_items, "items")
    if field.step not in (None, 1):
        yield f"steps of {field.step:g}"
    if field.media:
        yield "/".join(field.accepted) or "any type"
    if field.max_mb:
        yield f"{field.max_mb:g} MB"
    if field.max_megapixels:
        yield f"{field.max_megapixels:g} megapixels"
    if field.deprecated:
        yield f"use {field.deprecated}"


def _between(least: float | None, most: float | None, unit: str) -> Iterator[str]:
    if least is not None and most is not None:
        yield f"{least:.15g} to {most:.15g} {unit}".strip()
    elif least is not None:
        yield f"at least {least:.15g} {unit}".strip()
    elif most is not None:
        yield f"at most {most:.15g} {unit}".strip()
