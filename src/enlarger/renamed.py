"""Public names that have changed, and keep working for a while."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

_GONE_IN = "0.3"


def current_name(module: str, name: str, renamed: Mapping[str, str]) -> str:
    """The current name for `name` in a module, with a warning if that is an old one; for a module's `__getattr__`."""
    if name not in renamed:
        return name
    warnings.warn(
        f"{module}.{name} is now {renamed[name]}; the old name will be removed in {_GONE_IN}.",
        DeprecationWarning,
        stacklevel=3,
    )
    return renamed[name]
