"""What the picture-editing models are told, out of the sentences of `data/prompts.yaml`.

One instruction, then what stays, what changes, and how the result is to look: models keep to that order best.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files

import msgspec

from enlarger.errors import InvalidInput
from enlarger.interior.choices import Room, Style, get_room, get_style

MOST_WISHES = 1_000
"""The maximum length of wishes in characters."""
MOST_WORDS = 3_000
"""The maximum length of a free prompt in characters."""

_JOINERS = "\u200c\u200d"
"""Invisible, and part of words and emoji."""


class _Sentences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    redesign: str
    sample: str
    keep_room: str
    change_room: str
    sample_change: str
    photo: str
    clear_space: str
    facade: str
    keep_facade: str
    change_facade: str
    free: str
    keep_free: str
    wishes: str


def build_prompt(room: str, style: str, wishes: str = "") -> str:
    """The prompt to redesign a room in a style; both are given by id, title or alias in English, Russian or Chinese.

    `wishes` are the owner's own words, up to 1,000 characters. Raises InvalidInput, which suggests similar rooms or
    styles for unknown ones.
    """
    said, place, taste, words = _sentences(), get_room(room), get_style(style), clean_wishes(wishes)
    return _join(
        said.redesign.format(room=_noun(place), style=taste.title(), spirit=taste.spirit),
        said.keep_room.format(fixed=place.fixed),
        said.change_room,
        f"A {_noun(place)} needs {place.furniture}; choose what fits, and leave doors and windows free.",
        _hint(place, taste),
        f"Shapes of furniture, carried over to what a {_noun(place)} needs: {taste.furniture}.",
        f"Materials: {taste.materials}.",
        f"Textiles, as far as there are any: {taste.textiles}.",
        f"Colours: {_colours(taste)}.",
        f"Light: {taste.light}.",
        said.wishes.format(wishes=_sentence(words)) if words else "",
        said.photo.format(place=_noun(place)),
    )


def sample_prompt(room: str, wishes: str = "") -> str:
    """The prompt to redesign a room, the first image, in the style of the second image. Raises InvalidInput."""
    said, place, words = _sentences(), get_room(room), clean_wishes(wishes)
    return _join(
        said.sample.format(room=_noun(place)),
        said.keep_room.format(fixed=place.fixed),
        said.change_room,
        said.sample_change,
        f"A {_noun(place)} needs {place.furniture}; choose what fits, and leave doors and windows free.",
        said.wishes.format(wishes=_sentence(words)) if words else "",
        said.photo.format(place=_noun(place)),
    )


def clear_space_prompt() -> str:
    """The prompt to empty a room."""
    said = _sentences()
    return _join(said.clear_space, said.photo.format(place="room, empty"))


def facade_prompt(style: str, wishes: str = "") -> str:
    """The prompt to redesign the outside of a house in a style. Raises InvalidInput."""
    said, taste, words = _sentences(), get_style(style), clean_wishes(wishes)
    return _join(
        said.facade.format(style=taste.title(), facade=taste.facade),
        said.keep_facade,
        said.change_facade,
        f"Colours: {_colours(taste)}.",
        said.wishes.format(wishes=_sentence(words)) if words else "",
        said.photo.format(place="house"),
    )


def free_prompt(text: str) -> str:
    """A prompt of the owner's own, with what must not change. Raises InvalidInput if it is empty or too long."""
    said, words = _sentences(), _clean("text", text, MOST_WORDS)
    if not words:
        raise InvalidInput("text", "There are no words: say what is to be changed in the photo.")
    return _join(said.free.format(text=_sentence(words)), said.keep_free)


def clean_wishes(wishes: str) -> str:
    """Wishes in one line, without what has no shape. Raises InvalidInput for more than 1,000 characters."""
    return _clean("wishes", wishes, MOST_WISHES)


@cache
def _sentences() -> _Sentences:
    page = (files("enlarger.interior") / "data" / "prompts.yaml").read_bytes()
    return msgspec.yaml.decode(page, type=_Sentences)


def _colours(style: Style) -> str:
    *others, accent, contrast = (colour.name for colour in style.palette)
    return f"{', '.join(others)}, with {accent} as the accent and {contrast} for contrast"


def _hint(room: Room, style: Style) -> str:
    hint = style.hints.get(room.id)
    return f"Typical of such a {_noun(room)}: {hint}." if hint else ""


def _noun(room: Room) -> str:
    return room.title().lower()


def _sentence(words: str) -> str:
    return words if unicodedata.category(words[-1]) == "Po" else f"{words}."


def _join(*sentences: str) -> str:
    return "\n".join(sentence.strip() for sentence in sentences if sentence)


def _clean(field: str, words: str, most: int) -> str:
    shaped = "".join(
        letter if letter in _JOINERS or not unicodedata.category(letter).startswith("C") else " " for letter in words
    )
    joined = " ".join(shaped.split())
    if len(joined) > most:
        raise InvalidInput(field, f"The field '{field}' has {len(joined):,} characters: say it in {most:,}.")
    return joined
