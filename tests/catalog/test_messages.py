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

from enlarger.catalog import LOCALES, build_input, choose_locale, get_model, list_models
from enlarger.catalog.messages import localise, translator
from enlarger.errors import UnknownModel

_TASK_ID_IS_REQUIRED = (
    "Поле 'task_id' обязательно для апскейла. Используйте task_id от предыдущей генерации KIE AI"
    " (например, от grok-imagine/text-to-image)"
)
_ENLARGER = Path(__file__).parents[2] / "src" / "enlarger"
_SPEAKING = [
    _ENLARGER / name
    for name in ("catalog", "bot", "console", "mcp_server", "protocol", "infra", "providers", "server", "tasks")
]
_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
_KEYWORDS: dict[str, tuple[int, ...] | None] = {"tr": None, "_tr": None, "tr_count": (1, 2), "sentence": None}


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
        assert translator("en").tr_count("{n} item", "{n} items", count) == words
    else:
        assert words in str(build_input(model, payload, locale="en").error)


def test_no_translation_counts_a_noun_without_its_plurals() -> None:
    """A number that stands before a word is given by tr_count, so that the word agrees with it."""
    with (_ENLARGER / "catalog" / "locales" / "ru" / "LC_MESSAGES" / "enlarger.po").open("rb") as file:
        catalog = read_po(file)
    counted = re.compile(r"\{(?:count|limit|most|n|lost|size)\} [а-я]{4,}")
    texts = [message.string for message in catalog if message.id and not message.pluralizable]
    found = [text for text in texts if isinstance(text, str) and counted.search(text)]
    assert found == [text for text in found if re.search(r"\{n\} (мин|дн)|(до|больше|более) \{most\}", text)]


_SECOND_WORDS = {
    "ru": "картинк|картинок|снимок|снимк|обратн(?:ый|ого) вызов|API-ключ|поставщик|учётн(?:ая|ой) запис|апскейлить",
    "zh": "图像|终止|供应商|提供商|帐户|账号|点数",
}
"""Other words for what has one already: an image, a callback, an API key, a provider, an account, a credit."""


@pytest.mark.parametrize("locale", list(_SECOND_WORDS))
def test_every_thing_has_one_word(locale: str) -> None:
    with (_ENLARGER / "catalog" / "locales" / locale / "LC_MESSAGES" / "enlarger.po").open("rb") as file:
        texts = [form for message in read_po(file) for form in forms(message.string)]
    assert [text for text in texts if re.search(_SECOND_WORDS[locale], text, re.IGNORECASE)] == []


@pytest.mark.parametrize(("locale", "cancel", "stop"), [("ru", "отмен", "останов|останав"), ("zh", "取消", "停止")])
def test_cancel_and_stop_have_a_word_each(locale: str, cancel: str, stop: str) -> None:
    with (_ENLARGER / "catalog" / "locales" / locale / "LC_MESSAGES" / "enlarger.po").open("rb") as file:
        said = {forms(message.id)[0]: " ".join(forms(message.string)) for message in read_po(file) if message.id}
    cancels = [text for english, text in said.items() if re.match(r"Cancel", english)]
    stops = [text for english, text in said.items() if re.search(r"\b(?:Stopped|stop it|Stop)\b", english)]
    assert len(cancels) > 4
    assert len(stops) > 3
    assert [text for text in cancels if not re.search(cancel, text, re.IGNORECASE)] == []
    assert [text for text in stops if not re.search(stop, text, re.IGNORECASE)] == []


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
    found = [
        message
        for folder in _SPEAKING
        for _, _, message, _, _ in extract_from_dir(folder, _METHODS, keywords=_KEYWORDS)
    ]
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


_KLING = {"prompt": "x", "image_url": "https://example.com/a.png"}


@pytest.mark.parametrize(
    ("locale", "model", "payload", "says"),
    [
        ("en", "grok-imagine/text-to-video", {"prompt": "x", "duration": 5.0}, "'duration' is 5: give 6 or more"),
        ("en", "kling/v2-1-pro", {**_KLING, "cfg_scale": 1.5}, "'cfg_scale' is 1.5: give 1 or less"),
        ("ru", "kling/v2-1-pro", {**_KLING, "cfg_scale": 0.25}, "'cfg_scale' равно 0.25: укажите число, кратное 0.1"),
        ("zh", "wan/2-7-image", {"prompt": "x", "n": -5}, "字段 'n' 为 -5：请提供不小于 1 的值"),
    ],
)
def test_numbers_are_said_as_people_write_them(locale: str, model: str, payload: dict[str, Any], says: str) -> None:
    assert says in str(build_input(get_model(model), payload, locale=locale).error)


def test_no_message_of_any_limit_has_a_number_with_a_needless_zero() -> None:
    for model in list_models():
        for name, field in model.fields().items():
            if field.type in ("integer", "number") and not field.enum:
                for value in (-(10**12), 10**12):
                    for fault in build_input(model, {name: value}).faults:
                        assert not re.search(r"\d\.0\b", fault.message), fault


@pytest.mark.parametrize("locale", LOCALES)
def test_a_mistyped_field_is_told_by_the_one_that_is_meant(locale: str) -> None:
    error = str(build_input(get_model("nano-banana-pro"), {"promt": "a room"}, locale=locale).error)
    assert "'promt'" in error
    assert "'prompt'" in error
    warned = build_input(get_model("nano-banana-pro"), {"prompt": "a room", "resolutoin": "4K"}, locale=locale)
    assert "'resolution'" in warned.warnings[0].message


@pytest.mark.parametrize(
    ("locale", "says"),
    [
        ("en", "is not supported: 'topaz/image-upscal'; did you mean topaz/image-upscale"),
        ("ru", "Такой модели нет: 'topaz/image-upscal'; возможно, имелось в виду topaz/image-upscale"),
        ("zh", "不支持该模型名称：'topaz/image-upscal'；您是指 topaz/image-upscale"),
    ],
)
def test_an_unknown_model_is_told_in_the_language(locale: str, says: str) -> None:
    with pytest.raises(UnknownModel) as raised:
        get_model("topaz/image-upscal")
    assert says in localise(raised.value.args[0], locale)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("kling-4/video", "video"), ("google/gemini-4-flash-tts", "audio"), ("qwen2/image-to-image", "image"),
        ("wan/9-9-image-to-video", "video"), ("elevenlabs/text-to-speech-v9", "audio"), ("nano-banana-9", "image"),
    ],
)  # fmt: skip
def test_no_model_of_another_kind_is_suggested(name: str, kind: str) -> None:
    with pytest.raises(UnknownModel, match="did you mean") as raised:
        get_model(name)
    suggested = str(raised.value).partition("did you mean ")[2].rstrip("?").replace(" or ", ", ").split(", ")
    assert {get_model(one).kind for one in suggested} == {kind}


@pytest.mark.parametrize("name", ["gpt-image-2", "kling-3.0", "ideogram/v3-t", "hailuo"])
def test_models_whose_names_begin_so_are_suggested_first(name: str) -> None:
    with pytest.raises(UnknownModel, match=f"did you mean {name}"):
        get_model(name)


@pytest.mark.parametrize("name", ["midjourney", "gpt-5", "x", "fl"])
def test_nothing_is_suggested_for_what_is_like_nothing(name: str) -> None:
    with pytest.raises(UnknownModel, match="see the list of models"):
        get_model(name)
