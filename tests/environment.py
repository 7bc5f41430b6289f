"""What a developer's environment must have no say in."""

from __future__ import annotations

import signal

from pydantic import AliasChoices

from enlarger.all_settings import settings_class

ENGINE = "openvino-cpu"
"""The engine of the tests. Without a name each data directory would begin by measuring them all, for ten seconds."""
USER_FOLDERS = ("config", "data", "state")
"""The folders of a user's home, by XDG's names, that Enlarger asks platformdirs for."""
_BACKGROUND = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)
"""What a shell without job control, or `nohup`, has its background jobs ignore; all that they start inherits it."""


def is_setting(name: str) -> bool:
    """Whether a variable of this name says something to Enlarger, or to one of its providers."""
    return name.startswith(("ENLARGER_", "KIE_")) or name in _names_of_their_own()


def _names_of_their_own() -> set[str]:
    """The settings' names that do not begin with ENLARGER_, such as REPLICATE_API_TOKEN."""
    aliases = (field.validation_alias for field in settings_class().model_fields.values())
    return {
        str(name)
        for alias in aliases
        if alias is not None
        for name in (alias.choices if isinstance(alias, AliasChoices) else [alias])
    }


def heed_signals() -> None:
    """Let this process and those that it starts be interrupted, however it was started itself."""
    for number in _BACKGROUND:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
