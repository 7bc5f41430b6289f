"""The command line: `enlarger`."""

from __future__ import annotations

import os
import sys

__all__ = ["main"]

_INTERRUPTED = 130
"""As in `exit_codes`, which is not imported yet."""


def main() -> None:
    """The entry point. A signal to stop ends the process silently, also while modules are imported and at exit."""
    try:
        from enlarger.cli.signals import set_handler

        # Raising an exception instead would print it: there is nothing yet, or no longer, that catches it.
        set_handler(lambda *_: os._exit(_INTERRUPTED))
        from enlarger.cli.app import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
