"""Draws the previews of the interior styles: `python -m tools.previews`, or `make previews`."""
