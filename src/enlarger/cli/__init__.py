"""The command line: `enlarger`."""

from __future__ import annotations

import os
import sys

__all__ = ["main"]

_INTERRUPTED = 130
"""As in `exit_codes`, which is not imported yet."""


def main() -> None:
    """The entry point. While the commands are imported, and once they have ended, a signal to stop ends it silently."""
    try:
        from enlarger.cli.signals import set_handler

        # An exception would be printed by whatever it interrupts then.
        set_handler(lambda *_: os._exit(_INTERRUPTED))
        from enlarger.cli.app import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
