"""Error messages that are translated later, when their reader's language is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Sentence(str):
    """An English text, and what it was made of: a template, and the values of its names."""

    template: str
    values: dict[str, Any]


def sentence(template: str, /, **values: object) -> Sentence:
    """The template with its `{names}` filled in; a value may be such a sentence itself."""
    made = Sentence(template.format(**values))
    made.template, made.values = template, values
    return made


def joined(parts: Sequence[str], separator: str = "; ") -> Sentence:
    """Several texts in a row; those that are sentences are translated one by one."""
    values = {f"part{number}": part for number, part in enumerate(parts)}
    return sentence(separator.join(f"{{{name}}}" for name in values), **values)
