"""The previews: there for every style, and not needed by whoever only wants prompts."""

from __future__ import annotations

import builtins
from typing import Any

import msgspec
import pytest
import pyvips

from enlarger.catalog.messages import LOCALES
from enlarger.errors import EngineUnavailable, InvalidInput
from enlarger.interior import Style, draw_preview, draw_sheet, get_style, list_styles
from tests.test_house import modules_after


def picture(content: bytes) -> pyvips.Image:
    return pyvips.Image.new_from_buffer(content, "")


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


def test_a_preview_is_a_picture_of_its_size() -> None:
    preview = picture(draw_preview("минимализм", 400))
    assert (preview.width, preview.height) == (400, 300)
    assert preview.deviate() > 10
    with pytest.raises(InvalidInput):
        draw_preview("qq")


@pytest.mark.parametrize("style", list_styles(), ids=lambda style: style.id)
def test_every_style_has_a_preview(style: Style) -> None:
    assert picture(draw_preview(style.id, 80)).width == 80


def test_a_style_of_ones_own_has_no_preview() -> None:
    own = msgspec.structs.replace(get_style("loft"), id="attic")
    with pytest.raises(InvalidInput, match="no preview of the style 'attic'"):
        draw_sheet("en", [own])


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
