"""Sentences in three languages, and the Russian ones word for word."""

from __future__ import annotations

import io
import re
import string
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from enlarger.catalog import LOCALES, build_input, choose_locale, get_model
from enlarger.catalog.messages import translator

_TASK_ID_IS_REQUIRED = (
    "Поле 'task_id' обязательно для апскейла. Используйте task_id от предыдущей генерации KIE AI"
    " (например, от grok-imagine/text-to-image)"
)
_ENLARGER = Path(__file__).parents[2] / "src" / "enlarger"
_SPEAKING = [_ENLARGER / name for name in ("catalog", "bot", "protocol", "infra", "server", "tasks")]
_KEYWORDS: dict[str, tuple[int, ...] | None] = {"say": None, "_say": None, "say_count": (1, 2), "sentence": None}


@pytest.mark.parametrize(
    ("model", "payload", "says"),
    [
        (
            "grok-imagine/upscale",
            {},
            _TASK_ID_IS_REQUIRED,
        ),
        ("grok-imagine/upscale", {"task_id": "   "}, "Поле 'task_id' не может быть пустым"),
        ("grok-imagine/upscale", {"task_id": "x" * 101}, "Поле 'task_id' слишком длинное: 101 символ (максимум 100)"),
        ("recraft/crisp-upscale", {}, "Поле 'image' обязательно. Загрузите изображение для апскейла"),
        ("recraft/crisp-upscale", {"image": ""}, "Поле 'image' не может быть пустым"),
    ],
)
def test_russian_is_said_as_it_was_written_first(model: str, payload: dict[str, Any], says: str) -> None:
    assert build_input(get_model(model), payload, locale="ru").error == says


@pytest.mark.parametrize(
    ("count", "words"),
    [(101, "101 символ"), (102, "102 символа"), (105, "105 символов"), (111, "111 символов"), (121, "121 символ")],
)
def test_russian_counts_characters(count: int, words: str) -> None:
    said = build_input(get_model("grok-imagine/upscale"), {"task_id": "x" * count}, locale="ru").error
    assert said == f"Поле 'task_id' слишком длинное: {words} (максимум 100)"


@pytest.mark.parametrize(
    ("count", "words"), [(11, "11 элементов"), (21, "21 элемент"), (22, "22 элемента"), (25, "25 элементов")]
)
def test_russian_counts_items(count: int, words: str) -> None:
    payload = {"prompt": "x", "image_urls": ["https://example.com/a.png"] * count}
    said = build_input(get_model("google/nano-banana-edit"), payload, locale="ru").error
    assert said == f"В поле 'image_urls' {words}, допускается не больше 10"


@pytest.mark.parametrize(("count", "words"), [(1, "1 item"), (11, "11 items")])
def test_english_counts(count: int, words: str) -> None:
    payload = {"prompt": "x", "image_urls": ["https://example.com/a.png"] * count}
    model = get_model("google/nano-banana-edit" if count > 1 else "kling-3.0-omni/reference-to-video")
    if count == 1:
        assert translator("en").say_count("{n} item", "{n} items", count) == words
    else:
        assert words in str(build_input(model, payload, locale="en").error)


def test_no_translation_counts_a_noun_without_its_plurals() -> None:
    """A number that stands before a word is given by say_count, so that the word agrees with it."""
    with (_ENLARGER / "catalog" / "locales" / "ru" / "LC_MESSAGES" / "enlarger.po").open("rb") as file:
        catalog = read_po(file)
    counted = re.compile(r"\{(?:count|limit|most|n|lost|size)\} [а-я]{4,}")
    texts = [message.string for message in catalog if message.id and not message.pluralizable]
    found = [text for text in texts if isinstance(text, str) and counted.search(text)]
    assert found == [text for text in found if re.search(r"\{n\} (мин|дн)|(до|больше|более) \{most\}", text)]


def test_the_language_can_be_set_for_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENLARGER_LOCALE", "ru")
    input, error = build_input(get_model("recraft/crisp-upscale"), {"image": ""})
    assert (input, error) == ({}, "Поле 'image' не может быть пустым")


def test_an_unknown_language_is_english() -> None:
    assert build_input(get_model("recraft/crisp-upscale"), {"image": ""}, locale="xx").error == (
        "The field 'image' must not be empty"
    )


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        (None, "en"),
        ("", "en"),
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en-US;q=0.8", "ru"),
        ("de, zh-CN;q=0.9, ru;q=0.8", "zh"),
        ("de", "en"),
        ("ru;q=0, zh;q=0.1", "zh"),
        ("ru;q=0", "en"),
        (";;q=x, *", "en"),
    ],
)
def test_the_language_is_the_one_that_is_liked_best(header: str | None, locale: str) -> None:
    assert choose_locale(header) == locale


def sentences() -> set[tuple[str, ...]]:
    """All that is said; of sentences with a number the one for one and the one for several."""
    found = [message for folder in _SPEAKING for _, _, message, _, _ in extract_from_dir(folder, keywords=_KEYWORDS)]
    return {forms(message) for message in found if message}


def forms(message: Any) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else tuple(map(str, message))


def placeholders(sentence: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(sentence) if name)


@pytest.mark.parametrize("locale", [locale for locale in LOCALES if locale != "en"])
def test_every_sentence_is_translated_and_compiled(locale: str) -> None:
    folder = _ENLARGER / "catalog" / "locales" / locale / "LC_MESSAGES"
    with (folder / "enlarger.po").open("rb") as file:
        catalog: Catalog = read_po(file)
    messages = [message for message in catalog if message.id]
    assert {forms(message.id) for message in messages} == sentences()
    for message in messages:
        translations = [message.string] if isinstance(message.string, str) else list(message.string or ())
        assert len(translations) == (catalog.num_plurals if message.pluralizable else 1)
        for translation in translations:
            assert translation, message.id
            assert {placeholders(form) for form in forms(message.id)} == {placeholders(str(translation))}
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    assert compiled.getvalue() == (folder / "enlarger.mo").read_bytes(), "run `make messages`"
