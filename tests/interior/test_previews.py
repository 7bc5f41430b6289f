"""The previews: up to date, drawn for every style, and not needed by whoever only wants prompts."""

from __future__ import annotations

import builtins
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import pyvips

from enlarger.catalog.messages import LOCALES
from enlarger.errors import EngineUnavailable, InvalidInput
from enlarger.interior import Style, draw_preview, draw_sheet, get_style, list_styles
from enlarger.interior.drawn.paint import deep, light, mix
from enlarger.interior.drawn.room import draw_room
from enlarger.interior.previews import fingerprint
from tests.test_house import modules_after

_SHEETS = files("enlarger.interior") / "data" / "sheets"


def picture(content: bytes) -> pyvips.Image:
    return pyvips.Image.new_from_buffer(content, "")


def test_the_sheets_show_the_styles_as_they_are() -> None:
    assert (_SHEETS / "drawn-from.txt").read_text().strip() == fingerprint(), "run `make previews`"


@pytest.mark.parametrize("locale", LOCALES)
def test_a_sheet_is_ready_made_and_small_enough_to_be_a_photo_in_telegram(locale: str) -> None:
    sheet = draw_sheet(locale)
    assert sheet.startswith(b"\x89PNG")
    assert len(sheet) < 500_000
    size = picture(sheet)
    assert size.width + size.height < 10_000
    assert max(size.width, size.height) / min(size.width, size.height) < 20
    assert size.width == 1284


def test_a_language_without_a_sheet_has_the_english_one() -> None:
    assert draw_sheet("de") == draw_sheet("en") != draw_sheet("ru-RU") == draw_sheet("ru")


def test_a_sheet_that_is_drawn_now_is_like_the_ready_made_one() -> None:
    """The first two of it: the numbers, the titles and the rooms are where they were."""
    drawn = picture(draw_sheet("ru", list_styles()[:2]))
    ready = picture(draw_sheet("ru")).crop(0, 0, drawn.width, drawn.height - 20)
    difference = (drawn.crop(0, 0, ready.width, ready.height)[0:3] - ready[0:3]).abs()
    assert difference.avg() < 3
    with pytest.raises(InvalidInput, match="no styles"):
        draw_sheet("ru", [])


@pytest.mark.parametrize("style", list_styles(), ids=lambda style: style.id)
def test_every_room_is_drawn(style: Style) -> None:
    drawing = ET.fromstring(draw_room(style))
    assert drawing.get("viewBox") == "0 0 400 300"
    ids = [element.get("id") for element in drawing.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_rooms_of_different_styles_differ() -> None:
    assert len({draw_room(style) for style in list_styles()}) == len(list_styles())


def test_a_preview_is_a_picture_of_its_size() -> None:
    preview = picture(draw_preview("минимализм", 400))
    assert (preview.width, preview.height) == (400, 300)
    assert preview.deviate() > 10
    with pytest.raises(InvalidInput):
        draw_preview("qq")


def test_without_pyvips_the_sheet_is_there_and_the_rest_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "pyvips":
            raise ImportError("No module named 'pyvips'")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert draw_sheet("ru")
    with pytest.raises(EngineUnavailable, match=r"enlarger\[local,sandbox\]"):
        draw_preview("loft")
    with pytest.raises(EngineUnavailable):
        draw_sheet("ru", [get_style("loft")])


def test_prompts_and_sheets_need_the_base_installation_alone() -> None:
    loaded = modules_after("from enlarger.interior import *; build_prompt('bedroom', 'loft'); draw_sheet('ru')")
    assert not loaded & {"pyvips", "numpy", "aiogram", "litestar", "asyncpg", "pydantic_settings", "structlog"}


def test_colours_are_mixed() -> None:
    assert mix("#000000", "#FFFFFF", 0.5) == "#808080"
    assert light("#000000", 1) == "#FFFFFF"
    assert deep("#FFFFFF", 1) == "#000000"
