"""Redraws what `enlarger.interior` ships: an SVG for each style, and a sheet of all of them for each language.

`python -m tools.previews`, or `make previews`. It takes about ten seconds and needs `enlarger[local,sandbox]`. Run it
after changing a style's palette, look or title; a test compares the shipped files with what this would write. The
English sheet is also copied into the documentation.
"""

from __future__ import annotations

from pathlib import Path

from enlarger.catalog.messages import LOCALES
from enlarger.interior import draw_sheet, list_styles
from tools.previews.room import draw_room, fingerprint

_ROOT = Path(__file__).parents[2]
DATA = _ROOT / "src/enlarger/interior/data"
IN_DOCUMENTS = _ROOT / "docs/images/pictures/styles.png"


def main() -> None:
    """Write all files, and delete those of styles that no longer exist."""
    rooms = {f"{style.id}.svg": draw_room(style) for style in list_styles()}
    for path in (DATA / "previews").glob("*.svg"):
        if path.name not in rooms:
            path.unlink()
    for name, room in rooms.items():
        (DATA / "previews" / name).write_text(room, "utf-8")
    for locale in LOCALES:
        (DATA / "sheets" / f"{locale}.png").write_bytes(draw_sheet(locale, list_styles()))
    IN_DOCUMENTS.write_bytes(draw_sheet("en"))
    (DATA / "sheets" / "fingerprint.txt").write_text(f"{fingerprint()}\n", "utf-8")


if __name__ == "__main__":
    main()
