"""What a developer's environment must have no say in."""

from __future__ import annotations


def is_setting(name: str) -> bool:
    """Whether a variable of this name says something to Enlarger."""
    return name.startswith(("ENLARGER_", "KIE_")) or name in ("DATABASE_URL", "REPLICATE_API_TOKEN")
