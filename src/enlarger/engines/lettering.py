"""Words as masks, in the font that the extra `sandbox` brings or in one of the machine's."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyvips

_FONT_PACKAGE = "pylopdf_fonts_zh_cn"
_FONT_FILE = "NotoSansSC-Regular.otf"
_FAMILY = "Noto Sans SC"
_ANY_FAMILY = "Sans"


def line(text: str, width: int, height: int) -> pyvips.Image:
    """One line of such a height, or a smaller one where the width wants that."""
    mask = letters(text, **font(height))
    return mask if mask.width <= width else mask.resize(max(1, width) / mask.width)


def font(pixels: int) -> dict[str, Any]:
    """The options for letters of a height: our own font where it is installed, and the machine's for the rest."""
    file = font_file()
    options = {"font": f"{_FAMILY if file else _ANY_FAMILY} {max(4, pixels)}", "dpi": 72}
    return options | {"fontfile": file} if file else options


@cache
def font_file() -> str | None:
    """Our own font, where it is installed."""
    spec = find_spec(_FONT_PACKAGE)  # located, never imported: only the file is wanted
    for place in (spec and spec.submodule_search_locations) or ():
        file = Path(place) / _FONT_FILE
        if file.is_file():
            return str(file)
    return None


def letters(text: str, **options: Any) -> pyvips.Image:
    """Words as a mask; of a text that has no visible letter it is an empty pixel."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    try:
        return pyvips.Image.text(escaped, **options)
    except pyvips.Error as error:
        if "no text to render" not in str(error.detail):
            raise
        return pyvips.Image.black(1, 1)
