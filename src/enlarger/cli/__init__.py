"""The command line: `enlarger`."""

from __future__ import annotations

import sys

__all__ = ["main"]

_INTERRUPTED = 130
"""As in `exit_codes`, which is not imported yet."""


def main() -> None:
    """The entry point. The commands are imported here, so that Ctrl-C during the import prints no traceback."""
    try:
        from enlarger.cli.app import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
