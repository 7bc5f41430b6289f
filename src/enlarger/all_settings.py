"""The settings of this process: those of the service, and those of every provider.

`docs/reference/settings.md` has them for readers.
"""

from __future__ import annotations

from functools import cache

from enlarger.providers.registry import specs
from enlarger.settings import ServiceSettings, read_settings

Settings = ServiceSettings
"""The settings that the whole package may read; those of a provider are known only inside its folder."""


def load_settings(**overrides: object) -> Settings:
    """The settings of this process; `overrides` (those that are not None) come from the command line.

    Raises ConfigurationError, which names each setting that is wrong and why.
    """
    return read_settings(settings_class(), **overrides)


def settings_class() -> type[Settings]:
    """A class that has the fields of the service and of every registered provider."""
    return _compose(tuple(spec.settings for spec in specs()))


@cache
def _compose(kinds: tuple[type[Settings], ...]) -> type[Settings]:
    own = tuple(kind for kind in dict.fromkeys(kinds) if kind is not ServiceSettings)
    return type("AllSettings", own, {"__module__": __name__, "__doc__": settings_class.__doc__})
