"""Put parts of a picture and of its enlargement side by side: left as it was, right as Enlarger made it.

uv run enlarger upscale examples/still-life.jpg
uv run python examples/compare.py examples/still-life.jpg examples/still-life@4x.jpg docs/images/still-life-compared.jpg
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

_PART = (480, 340)
_PLACES = ((0.14, 0.47), (0.54, 0.21), (0.45, 0.66))
"""The parts' left tops, as shares of the picture."""
_GAP = 8


def compare(before: Image.Image, after: Image.Image) -> Image.Image:
    """A row a part; the picture before is brought to the size of the one after by bicubic interpolation."""
    enlarged = before.resize(after.size, Image.Resampling.BICUBIC)
    width, height = _PART
    sheet = Image.new("RGB", (2 * width + _GAP, len(_PLACES) * (height + _GAP) - _GAP), "white")
    for row, (x, y) in enumerate(_PLACES):
        left, top = round(x * after.width), round(y * after.height)
        for column, picture in enumerate((enlarged, after)):
            part = picture.crop((left, top, left + width, top + height))
            sheet.paste(part, (column * (width + _GAP), row * (height + _GAP)))
    return sheet


def main() -> None:
    """Read the command line and write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("before", "after", "target"):
        parser.add_argument(name, type=Path)
    arguments = parser.parse_args()
    with Image.open(arguments.before) as before, Image.open(arguments.after) as after:
        compare(before.convert("RGB"), after.convert("RGB")).save(arguments.target, quality=88)


if __name__ == "__main__":
    main()
