"""What a task will cost, before it is made.

A price is exact where the input decides it. Where something is known only afterwards (the length of an audio file, how
many pictures a model chooses to make) the quote is the most that it can be, and says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from enlarger.catalog.headers import measure
from enlarger.catalog.model import CREDIT_USD, Model, Price, Rule
from enlarger.errors import InvalidInput
from enlarger.protocol.inline import decode_inline, is_url
from enlarger.translatable import joined, sentence

_OUTPUT_CLASSES = ((2048, "<=2K"), (4096, "4K"), (8192, "8K"))
"""The longest side, in pixels, up to which a result is of a class; beyond the last it is priced as that."""
_MOST_SECONDS = 60.0
"""The most that is reserved for a video whose length nothing says."""
_DAY = 86_400
_THOUSAND = 1000
NO_PRICE = sentence("its price is not known: no credits are charged, and budgets in dollars refuse it")
"""The description of the price of a model that has none."""
_DEPENDS = {"the length of the speech": sentence("it depends on the length of the speech")}
"""A sentence for each `depends_on` in the catalogue."""
_MEGAPIXELS = 1.05
"""The most that the models that are priced by the megapixel make: 1024x1024."""


class Credits(msgspec.Struct, frozen=True):
    """A price in credits."""

    amount: float | None
    """Credits; None if no price of the model is known."""
    exact: bool = True
    """Whether the price is exact; otherwise `amount` is the maximum."""
    why: str | None = None
    """What the price depends on, if it is not exact."""

    @property
    def usd(self) -> float | None:
        """The amount in dollars."""
        return None if self.amount is None else round(self.amount * CREDIT_USD, 6)


def quote(model: Model, input: Mapping[str, Any], *, size: tuple[int, int] | None = None) -> Credits:
    """The price of a task; `input` comes from `build_input`.

    `size` is the width and height of the input's image in pixels, unless the image is inside the input.
    """
    price = model.price
    if not price.rules:
        return Credits(None, exact=False, why=NO_PRICE)
    unknown: list[str] = []
    facts = _facts(model, input, size or _measure(model, input))
    rules = _matching(price.rules, facts)
    unit = max(rule.credits for rule in rules)
    if price.depends_on:
        unknown.append(_DEPENDS[price.depends_on])
    if len({rule.credits for rule in rules}) > 1:
        unknown.append(_undecided(rules, facts))
    amount = unit * _units(model, input, facts, unknown)
    for extra in price.extra:
        given = input.get(extra.field) or []
        amount += extra.credits * max(0, (len(given) if isinstance(given, list) else 1) - extra.free)
    return Credits(round(amount, 4), exact=not unknown, why=joined(unknown) if unknown else None)


def most_outputs(model: Model, input: Mapping[str, Any]) -> int:
    """How many files a task makes, at most."""
    return _count(model, input, [])


def _facts(model: Model, input: Mapping[str, Any], size: tuple[int, int] | None) -> dict[str, Any]:
    """What rules may ask about: the input, and what follows from it."""
    fields = model.fields()
    facts = dict(input)
    videos = {name for name, field in fields.items() if field.media == "video"}.union(model.price.videos)
    facts["video_input"] = not videos.isdisjoint(input)
    facts["image_input"] = any(name in input for name, field in fields.items() if field.media == "image")
    for name, field in fields.items():
        if field.type == "boolean":
            facts.setdefault(name, False)
    if size is not None and str(input.get("upscale_factor", "")).isdecimal():
        longest = max(size) * int(input["upscale_factor"])
        facts["output"] = next((name for most, name in _OUTPUT_CLASSES if longest <= most), _OUTPUT_CLASSES[-1][1])
    return facts


def _matching(rules: Iterable[Rule], facts: Mapping[str, Any]) -> list[Rule]:
    """The rules that hold, or may hold; all of them where none does, because some price will be asked."""
    rules = list(rules)
    return [
        rule for rule in rules if all(_may_be(facts.get(name), wanted) for name, wanted in rule.when.items())
    ] or rules


def _may_be(fact: Any, wanted: Any) -> bool:
    options = wanted if isinstance(wanted, tuple | list) else (wanted,)
    return fact is None or any(_same(fact, option) for option in options)


def _same(one: Any, other: Any) -> bool:
    return str(one).casefold() == str(other).casefold()


def _undecided(rules: list[Rule], facts: Mapping[str, Any]) -> str:
    names = {name for rule in rules for name in rule.when if facts.get(name) is None}
    if not names:
        return sentence("it depends on the input")
    return sentence("it depends on {fields}", fields=", ".join(sorted(names)))


def _units(model: Model, input: Mapping[str, Any], facts: Mapping[str, Any], unknown: list[str]) -> float:
    """How many units are billed: pictures, seconds or megapixels."""
    price = model.price
    if price.per == "task":
        return 1
    if price.per == "thousand characters":
        return _thousands(price, input, unknown)
    if price.per == "second":
        return _seconds(model, input, facts, unknown)
    count = _count(model, input, unknown)
    if price.per == "megapixel":
        unknown.append(sentence("it depends on the result's size"))
        return count * _MEGAPIXELS
    return count


def _thousands(price: Price, input: Mapping[str, Any], unknown: list[str]) -> float:
    """Thousands of characters, begun ones as whole: whether parts are billed nobody says."""
    values = [input.get(name) or "" for name in price.texts]
    items = [item for value in values for item in (value if isinstance(value, list) else [value])]
    texts = [str(item.get("text") or "") if isinstance(item, dict) else str(item) for item in items]
    characters = sum(map(len, texts))
    if characters % _THOUSAND:
        unknown.append(sentence("it depends on how parts of 1000 characters are billed"))
    return max(1, math.ceil(characters / _THOUSAND))


def _count(model: Model, input: Mapping[str, Any], unknown: list[str]) -> int:
    output = model.output
    if output.count_field and output.count_field in input:
        count = int(input[output.count_field])
        if output.fewer and count > 1:
            unknown.append(sentence("it depends on how many pictures the model makes"))
        return count
    if output.most is not None:
        unknown.append(sentence("it depends on how many pictures the model makes"))
        return output.most
    return output.count


def _seconds(model: Model, input: Mapping[str, Any], facts: Mapping[str, Any], unknown: list[str]) -> float:
    price = model.price
    length = _as_seconds(input.get(price.seconds_field)) or price.seconds or 0
    if not length:
        unknown.append(sentence("it depends on the length of the result"))
        length = _most_seconds(model)
    if price.most_input_seconds is not None and facts.get("video_input", True):
        unknown.append(sentence("it depends on the length of the input's video"))
        length += price.most_input_seconds
    return length


def _as_seconds(value: Any) -> float | None:
    """A length in seconds, where it is one: some models take any text for it."""
    try:
        length = float(value)
    except (TypeError, ValueError):
        return None
    return length if 0 < length < _DAY else None


def _most_seconds(model: Model) -> float:
    """The longest result that the model makes."""
    field = model.fields().get(model.price.seconds_field)
    longest = [float(option) for option in field.enum] if field else []
    return model.price.most_seconds or max(longest, default=(field and field.maximum) or _MOST_SECONDS)


def _measure(model: Model, input: Mapping[str, Any]) -> tuple[int, int] | None:
    """The size of a picture that is inside the input, from its header."""
    name = model.picture_field()
    value = input.get(name) if name else None
    if not isinstance(value, str) or is_url(value):
        return None
    try:
        return measure(decode_inline(str(name), value))
    except InvalidInput:
        return None
