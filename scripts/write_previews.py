"""Draws the sheets of styles anew: `python scripts/write_previews.py`, or `make previews`."""

from __future__ import annotations

from pathlib import Path

from enlarger.interior.previews import draw_sheets

FOLDER = Path(__file__).parents[1] / "src/enlarger/interior/data/sheets"

if __name__ == "__main__":
    for name, content in draw_sheets().items():
        (FOLDER / name).write_bytes(content)
