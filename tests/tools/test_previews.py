"""The drawings of interior styles, and that the shipped files are what the tool draws."""

from __future__ import annotations

from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest
from tools.previews.__main__ import IN_DOCUMENTS
from tools.previews.paint import deep, light, mix
from tools.previews.room import PARTS, draw_room, fingerprint

from enlarger.interior import Style, list_styles

_DATA = files("enlarger.interior") / "data"


def test_the_shipped_sheets_show_the_styles_as_they_are() -> None:
    assert (_DATA / "sheets" / "fingerprint.txt").read_text().strip() == fingerprint(), "run `make previews`"


def test_the_sheet_in_the_documents_is_the_shipped_one() -> None:
    assert IN_DOCUMENTS.read_bytes() == (_DATA / "sheets" / "en.png").read_bytes(), "run `make previews`"


def test_the_shipped_previews_are_what_the_tool_draws() -> None:
    shipped = {path.name.removesuffix(".svg"): path.read_text("utf-8") for path in (_DATA / "previews").iterdir()}
    assert shipped == {style.id: draw_room(style) for style in list_styles()}, "run `make previews`"


@pytest.mark.parametrize("style", list_styles(), ids=lambda style: style.id)
def test_every_room_is_drawn(style: Style) -> None:
    drawing = ET.fromstring(draw_room(style))
    assert drawing.get("viewBox") == "0 0 400 300"
    ids = [element.get("id") for element in drawing.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_every_part_is_used_by_a_style_and_every_style_uses_known_parts() -> None:
    for kind, parts in PARTS.items():
        assert {getattr(style.look, kind) for style in list_styles()} == set(parts), kind


def test_rooms_of_different_styles_differ() -> None:
    assert len({draw_room(style) for style in list_styles()}) == len(list_styles())


def test_colours_are_mixed() -> None:
    assert mix("#000000", "#FFFFFF", 0.5) == "#808080"
    assert light("#000000", 1) == "#FFFFFF"
    assert deep("#FFFFFF", 1) == "#000000"
