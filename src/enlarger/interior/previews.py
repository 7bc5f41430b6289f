"""Previews of the styles, for menus.

A drawing of each style and the sheets of all styles are shipped as files. The sheets are ready-made because
rendering one takes three seconds, and libraries that not every installation has.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from enlarger.catalog.messages import LOCALES
from enlarger.errors import EngineUnavailable, InvalidInput
from enlarger.interior.choices import Style, get_style

_ENGLISH = "en"


def draw_sheet(locale: str = _ENGLISH, styles: Sequence[Style] | None = None) -> bytes:
    """A PNG, 1,284 pixels wide, that shows the styles in four columns, numbered from 1, with their titles.

    Without `styles` it is the prepared sheet of all styles, in the order of `list_styles`. Others are rendered, which
    takes a moment. Titles are in English for languages without a translation.

    Raises InvalidInput for an empty list or a style without a preview, and EngineUnavailable without pyvips.
    """
    language = locale.replace("_", "-").partition("-")[0].lower()
    language = language if language in LOCALES else _ENGLISH
    if styles is None:
        return (files("enlarger.interior") / "data" / "sheets" / f"{language}.png").read_bytes()
    if not styles:
        raise InvalidInput("styles", "There are no styles to draw: give one or more.")
    _check_pyvips()
    from enlarger.interior.drawing import draw_all

    return draw_all(styles, language)


def draw_preview(style: str, width: int = 800) -> bytes:
    """A JPEG of a room in a style (by id, title or alias), with the proportions 4:3.

    Raises InvalidInput for an unknown style, and EngineUnavailable without pyvips.
    """
    found = get_style(style)
    _check_pyvips()
    from enlarger.interior.drawing import draw_one

    return draw_one(found, width)


def _check_pyvips() -> None:
    try:
        import pyvips  # noqa: F401
    except ImportError as error:
        reason = str(error)
    else:
        return
    raise EngineUnavailable(
        f"Previews cannot be drawn ({reason}): `pip install enlarger[local,sandbox]` brings the means."
    )
