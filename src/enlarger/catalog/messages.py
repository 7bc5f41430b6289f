"""Sentences for people, in their language.

English sentences are the keys; their translations are gettext catalogues in `locales/`, made with Babel (`make
messages`). A sentence that has no translation is said in English.
"""

from __future__ import annotations

import gettext
import os
import re
from functools import cache
from importlib.resources import as_file, files
from typing import Protocol

from enlarger.translatable import Sentence

LOCALES = ("en", "ru", "zh")

_ENGLISH = "en"
_DOMAIN = "enlarger"
_FRACTION = 2
"""The whole number whose form fractions take: «0,5 кредита», as «2 кредита»."""
_DECIMAL_SIGNS = {"ru": ","}
_RANGE = re.compile(r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9]+)*\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*")


class TranslateCount(Protocol):
    """Says how many of something there are, in a language; `{n}` is the number."""

    def __call__(self, one: str, several: str, number: float, /, **values: object) -> str:
        """The sentence for one or for several, as the number wants it."""
        ...


class Translate(Protocol):
    """Says an English sentence in a language, with its `{names}` filled in."""

    def __call__(self, sentence: str, /, **values: object) -> str:
        """The sentence, said."""
        ...

    @property
    def tr_count(self) -> TranslateCount:
        """The same for a sentence with a number, which may be a fraction."""
        ...


class _Translator:
    def __init__(self, locale: str) -> None:
        self._translations = _translations(locale)
        self._decimal_sign = _DECIMAL_SIGNS.get(locale, ".")

    def __call__(self, sentence: str, /, **values: object) -> str:
        return self._translations.gettext(sentence).format(**values)

    def tr_count(self, one: str, several: str, number: float, /, **values: object) -> str:
        whole = int(number) if number == int(number) else _FRACTION
        digits = f"{number:.2f}".rstrip("0").rstrip(".").replace(".", self._decimal_sign)
        return self._translations.ngettext(one, several, whole).format(n=digits, **values)


@cache
def translator(locale: str) -> Translate:
    """The translator into a language; a language that is not known is English."""
    return _Translator(locale)


def count_translator(locale: str) -> TranslateCount:
    """The translator of sentences with a number, which may be a fraction."""
    return translator(locale).tr_count


def localise(text: str, locale: str) -> str:
    """A sentence in a language; any other text as it is."""
    if not isinstance(text, Sentence):
        return text
    values = {name: localise(value, locale) if isinstance(value, str) else value for name, value in text.values.items()}
    return translator(locale)(text.template, **values)


def _translations(locale: str) -> gettext.NullTranslations:
    with as_file(files("enlarger.catalog") / "locales") as folder:
        return gettext.translation(_DOMAIN, folder, languages=[locale], fallback=True)


def default_locale() -> str:
    """The language of ENLARGER_LOCALE, or English."""
    wanted = os.environ.get("ENLARGER_LOCALE", "")
    return wanted if wanted in LOCALES else _ENGLISH


def choose_locale(accept_language: str | None, otherwise: str = _ENGLISH) -> str:
    """The language among ours that an `Accept-Language` header likes best (RFC 9110, 12.5.4)."""
    ranges = [_RANGE.fullmatch(part) for part in (accept_language or "").split(",")]
    wishes = [(float(match[2] or 1), match[1].lower()) for match in ranges if match]
    for quality, language in sorted(wishes, key=lambda wish: -wish[0]):
        if quality > 0 and language in LOCALES:
            return language
    return otherwise
