"""What can be chosen: rooms and styles, out of the YAML files of `data/`."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, TypeVar

import msgspec

from enlarger.errors import InvalidInput

_SHOWN = 60
"""Characters of a name that is not known, in the error about it."""
_SEPARATORS = re.compile(r"[\s\-_/‐‑–—·.'’`]+")

Hex = Annotated[str, msgspec.Meta(pattern="^#[0-9A-F]{6}$")]


class Titles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name as people read it, in the languages of `enlarger.catalog.messages`."""

    en: str
    ru: str
    zh: str


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A room or a style."""

    id: str
    """The name to give as `room` or `style`."""
    titles: Titles
    """The names for people, by language."""
    aliases: tuple[str, ...] = ()
    """Other names by which it is found."""

    def title(self, locale: str = "en") -> str:
        """The name in a language such as `ru` or `ru-RU`; in English for languages without one."""
        language = locale.replace("_", "-").partition("-")[0].lower()
        return str(getattr(self.titles, language, self.titles.en))

    @property
    def names(self) -> tuple[str, ...]:
        """All names by which it is found."""
        return (self.id, self.titles.en, self.titles.ru, self.titles.zh, *self.aliases)


class Room(Choice, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of room."""

    furniture: str
    """The furniture that such a room needs."""
    fixed: str
    """What cannot be moved in it, as a sentence without a full stop."""


class Colour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A colour, in words for a prompt and as a value for a drawing."""

    name: str
    hex: Hex


class Look(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a style's preview shows; each word names a drawing in `tools/previews`."""

    wall: str
    window: str
    floor: str
    seat: str
    lamp: str
    rug: str
    plant: str
    art: str


class Style(Choice, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A style of furnishing."""

    spirit: str
    palette: Annotated[tuple[Colour, ...], msgspec.Meta(min_length=5, max_length=5)]
    """The wall's, the floor's, the upholstery's, the accents' and the contrast's colour."""
    furniture: str
    materials: str
    textiles: str
    light: str
    hints: dict[str, str]
    """What the style means for a room, by the room's id."""
    facade: str
    look: Look


AnyChoice = TypeVar("AnyChoice", bound=Choice)


def list_rooms() -> Sequence[Room]:
    """All rooms, the most common ones first."""
    return _rooms()


def list_styles() -> Sequence[Style]:
    """All styles, in the order in which menus and sheets number them."""
    return _styles()


def get_room(name: str) -> Room:
    """The room with this id, title or alias. Raises InvalidInput, which suggests similar names."""
    return _find("room", name, _room_names())


def get_style(name: str) -> Style:
    """The style with this id, title or alias. Raises InvalidInput, which suggests similar names."""
    return _find("style", name, _style_names())


@cache
def _rooms() -> tuple[Room, ...]:
    return msgspec.yaml.decode(_read("rooms.yaml"), type=tuple[Room, ...])


@cache
def _styles() -> tuple[Style, ...]:
    return msgspec.yaml.decode(_read("styles.yaml"), type=tuple[Style, ...])


def _read(name: str) -> bytes:
    return (files("enlarger.interior") / "data" / name).read_bytes()


@cache
def _room_names() -> Mapping[str, Room]:
    return _named(_rooms())


@cache
def _style_names() -> Mapping[str, Style]:
    return _named(_styles())


def _named(choices: Sequence[AnyChoice]) -> Mapping[str, AnyChoice]:
    return {_plain(name): choice for choice in choices for name in choice.names}


def _plain(name: str) -> str:
    """A name in one spelling: small letters, words apart by one space, ё as е."""
    folded = unicodedata.normalize("NFKC", name).casefold().replace("ё", "е")
    return _SEPARATORS.sub(" ", folded).strip()


def _find(field: Literal["room", "style"], name: str, choices: Mapping[str, AnyChoice]) -> AnyChoice:
    wanted = _plain(name)
    if wanted in choices:
        return choices[wanted]
    near = difflib.get_close_matches(wanted[:_SHOWN], choices, n=6, cutoff=0.6)
    ids = list(dict.fromkeys(choices[match].id for match in near))[:3]
    known = list(dict.fromkeys(choice.id for choice in choices.values()))
    hint = f"did you mean {' or '.join(ids)}?" if ids else f"choose one of {', '.join(known)}."
    shown = name if len(name) <= _SHOWN else name[:_SHOWN] + "…"
    raise InvalidInput(field, f"There is no {field} {shown!r}: {hint}")
