"""What a field takes, in a few words under its control."""

from __future__ import annotations

import json
from collections.abc import Iterator

from enlarger.catalog.messages import Translate
from enlarger.catalog.model import Field


def hint(field: Field, tr: Translate) -> str:
    """Return what a field's values are limited to; empty if its control already shows it."""
    return " · ".join(_parts(field, tr))


def _parts(field: Field, tr: Translate) -> Iterator[str]:
    if field.media:
        yield from _files(field, tr)
    elif field.type in ("array", "object"):
        yield tr("JSON, such as {example}", example=_shape(field))
        yield from _count(field, tr)
    if field.media or field.type == "boolean" or (field.enum and field.type != "array"):
        return
    yield from _length(field, tr)
    yield from _range(field, tr)
    if field.sum:
        yield tr("the values of {member} add up to {total}", member=field.sum.member, total=field.sum.total)
    if field.refers:
        yield tr("every {member} must be one of those in {field}", member=field.refers.member, field=field.refers.field)


def _files(field: Field, tr: Translate) -> Iterator[str]:
    if field.type == "array" and field.max_items != 1:
        least, most = field.min_items or 0, field.max_items
        if most is not None and least == most:
            yield tr.tr_count("exactly {n} file", "exactly {n} files", most)
        elif most is not None:
            yield tr.tr_count("up to {n} file", "up to {n} files", most)
    if field.accepted:
        names = (subtype.removeprefix("x-").upper() for subtype in field.accepted)
        yield ", ".join("WebP" if name == "WEBP" else name for name in names)
    if field.max_mb:
        yield tr("up to {size} MB", size=f"{field.max_mb:g}")
    if field.max_megapixels:
        yield tr.tr_count("up to {n} megapixel", "up to {n} megapixels", field.max_megapixels)


def _count(field: Field, tr: Translate) -> Iterator[str]:
    if field.type != "array":
        return
    least, most = field.min_items or 0, field.max_items
    if most is not None and least == most:
        yield tr.tr_count("exactly {n} item", "exactly {n} items", most)
    elif most is not None and least > 1:
        yield tr("{least} to {most} items", least=least, most=most)
    elif most is not None:
        yield tr.tr_count("up to {n} item", "up to {n} items", most)
    elif least > 1:
        yield tr.tr_count("at least {n} item", "at least {n} items", least)


def _length(field: Field, tr: Translate) -> Iterator[str]:
    if field.max_length is not None and (field.min_length or 0) > 1:
        yield tr("{least} to {most} characters", least=field.min_length, most=field.max_length)
    elif field.max_length is not None:
        yield tr.tr_count("up to {n} character", "up to {n} characters", field.max_length)


def _range(field: Field, tr: Translate) -> Iterator[str]:
    least, most = (None if bound is None else f"{bound:.15g}" for bound in (field.minimum, field.maximum))
    if least is not None and most is not None:
        yield tr("{least} to {most}", least=least, most=most)
    elif least is not None:
        yield tr("at least {least}", least=least)
    elif most is not None:
        yield tr("at most {most}", most=most)
    if field.step not in (None, 1):
        yield tr("in steps of {step}", step=f"{field.step:g}")
    if field.besides:
        yield tr("or {values}", values=", ".join(map(str, field.besides)))


def _shape(field: Field) -> str:
    """Return the value of a list or an object in outline."""
    one: object = dict.fromkeys(field.members, "…")
    if not field.members:
        one = {"integer": 1, "number": 1.5, "object": {}, "array": []}.get(field.items, "…")
    return json.dumps([one] if field.type == "array" else one, ensure_ascii=False)
