"""Sofas, each with the table that goes with it. They stand between 150 and 328 across, with their feet at 238."""

from __future__ import annotations

from collections.abc import Callable

from tools.previews import seats_modern, seats_traditional
from tools.previews.paint import Paint

SEATS: dict[str, Callable[[Paint], str]] = {
    "boxy": seats_modern.boxy,
    "cane": seats_traditional.cane,
    "channel": seats_modern.channel,
    "chesterfield": seats_traditional.chesterfield,
    "cushions": seats_traditional.cushions,
    "leather": seats_modern.leather,
    "low": seats_modern.low,
    "masonry": seats_traditional.masonry,
    "modular": seats_modern.modular,
    "platform": seats_modern.platform,
    "round": seats_modern.round,
    "scroll": seats_traditional.scroll,
    "skirt": seats_traditional.skirt,
    "slender": seats_modern.slender,
    "slip": seats_traditional.slip,
    "slump": seats_modern.slump,
    "tapered": seats_modern.tapered,
    "velvet": seats_traditional.velvet,
    "wooden": seats_traditional.wooden,
}
