"""Renders the previews of styles: one style, or a sheet of several with numbers and titles. Needs pyvips and a font."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

import pyvips

from enlarger.engines.lettering import line
from enlarger.errors import InvalidInput
from enlarger.interior.choices import Style

COLUMNS = 4
_WIDTH, _HEIGHT = 400, 300
"""A preview's viewBox."""
_GAP, _CELL, _CAPTION = 20, 296, 58
"""Pixels of a sheet, which is 1284 wide: Telegram shows 1280 without making them smaller."""
_LETTERS, _ROUND = 34, 14
_ASCENT = 15
"""From the top of a line of such letters to the top of a capital one."""
_PAPER, _INK, _WHITE, _BADGE = (250, 249, 246), (38, 36, 33), (255, 255, 255), "#26241F"


def draw_one(style: Style, width: int) -> bytes:
    """A style's room as a JPEG, four by three."""
    return bytes(_room(style, width).jpegsave_buffer(Q=88, keep="none"))


def draw_all(styles: Sequence[Style], locale: str) -> bytes:
    """The rooms as a PNG, numbered from 1, with their titles in a language."""
    cells = [_cell(number, style, locale) for number, style in enumerate(styles, 1)]
    joined = pyvips.Image.arrayjoin(cells, across=min(COLUMNS, len(cells)), background=list(_PAPER), shim=_GAP)
    edged = joined.embed(
        _GAP, _GAP, joined.width + 2 * _GAP, joined.height + _GAP, extend="background", background=list(_PAPER)
    )
    return bytes(edged.pngsave_buffer(compression=9, palette=True, Q=90, effort=8, keep="none"))


def _cell(number: int, style: Style, locale: str) -> pyvips.Image:
    room = _room(style, _CELL)
    paper = _plain(_CELL, room.height + _CAPTION)
    outline = _svg(f'<rect width="{_CELL}" height="{room.height}" rx="{_ROUND}"/>', _CELL, room.height)[3]
    badge = _svg(f'<circle cx="26" cy="26" r="23" fill="{_BADGE}" stroke="#FFF" stroke-width="2.5"/>', 52, 52)
    picture = paper.composite2(room.bandjoin(outline), "over").composite2(badge, "over", x=7, y=7)
    digits = line(str(number), 34, 30)
    picture = _stamp(picture, digits, 33 - digits.width // 2, 33 - digits.height // 2, _WHITE)
    title = line(style.title(locale), _CELL, _LETTERS)
    # Letters stand on one line, whether or not there are some that reach above it or below.
    top = room.height + 16 + title.yoffset - _ASCENT
    return _stamp(picture, title, (_CELL - title.width) // 2, top, _INK).flatten()


def _stamp(ground: pyvips.Image, mask: pyvips.Image, x: int, y: int, ink: tuple[int, int, int]) -> pyvips.Image:
    """A mask in a colour on a picture."""
    words = (pyvips.Image.black(mask.width, mask.height, bands=3) + list(ink)).cast("uchar")
    return ground.composite2(words.copy(interpretation="srgb").bandjoin(mask.cast("uchar")), "over", x=x, y=y)


def _room(style: Style, width: int) -> pyvips.Image:
    try:
        content = (files("enlarger.interior") / "data" / "previews" / f"{style.id}.svg").read_bytes()
    except FileNotFoundError:
        raise InvalidInput("style", f"There is no preview of the style {style.id!r}.") from None
    room = pyvips.Image.svgload_buffer(content, scale=width / _WIDTH)
    return room.flatten().crop(0, 0, width, round(width * _HEIGHT / _WIDTH)).copy_memory()


def _svg(inner: str, width: int, height: int) -> pyvips.Image:
    page = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">{inner}</svg>'
    return pyvips.Image.svgload_buffer(page.encode())


def _plain(width: int, height: int) -> pyvips.Image:
    return (pyvips.Image.black(width, height, bands=3) + list(_PAPER)).cast("uchar").copy(interpretation="srgb")
