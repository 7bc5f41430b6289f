"""Draws the sandbox's pictures: SANDBOX, the model and the prompt, over a tint or over the input's picture."""

from __future__ import annotations

import colorsys
import unicodedata
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
import pyvips

from enlarger.engines.lettering import font, letters, line
from enlarger.errors import PictureUnreadable, SubmissionRefused

_MOST_WORDS = 1_200
"""Characters of the prompt."""
_MARGIN = 0.06
"""Of the shorter side."""
_SMALLEST = 0.022
"""The smallest letters' height, of the shorter side."""
_SHADE = 0.62
"""How much of a picture's light is left under the words."""


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """All that there is to know of a picture before it is drawn."""

    task_id: str
    number: int
    """Of the task's results, from 0."""
    model: str
    words: str
    width: int
    height: int
    format: Literal["jpg", "png", "webp"]
    hue: float
    """0 to 1."""
    ground: bytes = b""
    """A small picture to write on."""


def draw(drawing: Drawing, target: Path) -> None:
    """Draw a picture into the file `target`. Raises PictureUnreadable for a ground that is no picture."""
    try:
        _draw(drawing, target)
    except pyvips.Error as error:
        if not drawing.ground:
            raise
        raise PictureUnreadable("The input's picture cannot be drawn.") from error


def _draw(drawing: Drawing, target: Path) -> None:
    ground = _ground(drawing)
    image = ground.composite2(_words(drawing), "over").flatten().cast("uchar")
    path = str(target)
    if drawing.format == "jpg":
        image.jpegsave(path, Q=85, keep="none")
    elif drawing.format == "webp":
        image.webpsave(path, Q=85, keep="none")
    else:
        image.pngsave(path, compression=4, keep="none")


@cache
def check_font() -> None:
    """Raise SubmissionRefused when there is no font to write with."""
    shapes = {bytes(pyvips.Image.text(letter, **font(20)).write_to_memory()) for letter in "AB"}
    if len(shapes) == 1:  # both are the box that stands for what no font has
        raise SubmissionRefused(
            "The sandbox has no font to write with: `pip install enlarger[sandbox]` brings one.", reason="down"
        )


def clean(words: str) -> str:
    """A prompt as it can be drawn: one paragraph, without what has no shape, and not endless."""
    plain = "".join(" " if unicodedata.category(letter) in ("Cc", "Cs", "Cn") else letter for letter in words)
    joined = " ".join(plain.split())
    return joined if len(joined) <= _MOST_WORDS else joined[: _MOST_WORDS - 1] + "…"


def _ground(drawing: Drawing) -> pyvips.Image:
    """The picture without words, of the whole size."""
    width, height = drawing.width, drawing.height
    if drawing.ground:
        small = pyvips.Image.new_from_buffer(drawing.ground, "", fail_on="error").colourspace("srgb")
        small = small.thumbnail_image(small.width, height=max(1, round(small.width * height / width)), crop="centre")
        large = small.resize(width / small.width, vscale=height / small.height)
        tint = [_SHADE * (0.7 + 0.3 * light) for light in colorsys.hls_to_rgb(drawing.hue, 0.6, 0.7)]
        return (large * tint).cast("uchar").copy(interpretation="srgb").gravity("centre", width, height, extend="copy")
    first, last = (
        [255 * light for light in colorsys.hls_to_rgb(hue, lightness, 0.5)]
        for hue, lightness in ((drawing.hue, 0.30), (drawing.hue + 0.08, 0.14))
    )
    share = pyvips.Image.xyz(width, height)
    share = (share[0] / width + share[1] / height) / 2
    bands = [share * (b - a) + a for a, b in zip(first, last, strict=True)]
    return bands[0].bandjoin(bands[1:]).cast("uchar").copy(interpretation="srgb")


def _words(drawing: Drawing) -> pyvips.Image:
    """The words, white on nothing, of the whole size."""
    shorter = min(drawing.width, drawing.height)
    margin = round(shorter * _MARGIN)
    across, down = drawing.width - 2 * margin, drawing.height - 2 * margin
    title = line("SANDBOX", across, round(shorter * 0.13))
    number = f" · {drawing.number + 1}" if drawing.number else ""
    name = line(drawing.model + number, across, round(shorter * 0.055))
    gap = max(1, margin // 2)
    blocks = [title, name]
    left = down - title.height - name.height - 2 * gap
    if drawing.words and left > 0:
        blocks.append(_paragraph(drawing.words, across, left, shorter))
    canvas = pyvips.Image.black(drawing.width, drawing.height)
    at = margin
    for block in blocks:
        canvas = canvas.insert(block, margin, at)
        at += block.height + gap
    # Whatever does not fit into the smallest pictures has grown over their edge.
    alpha = canvas.crop(0, 0, drawing.width, drawing.height)
    white = pyvips.Image.black(drawing.width, drawing.height, bands=3) + 255
    return white.cast("uchar").copy(interpretation="srgb").bandjoin(alpha.cast("uchar"))


def _paragraph(words: str, width: int, height: int, shorter: int) -> pyvips.Image:
    """Words in lines, as large as there is room for, and cut short where even small ones do not fit."""
    size = shorter * 0.055
    while True:
        lines = letters(words, width=max(1, width), wrap="word-char", **font(round(size)))
        if lines.height <= height and lines.width <= width:
            return lines
        if size > shorter * _SMALLEST:
            size *= 0.8
        elif len(words) > 8:
            words = words[: len(words) * 3 // 4].rstrip(" …") + "…"
        else:
            return lines.crop(0, 0, min(lines.width, max(1, width)), min(lines.height, max(1, height)))
