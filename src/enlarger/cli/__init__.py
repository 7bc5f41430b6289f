"""The command line: `enlarger`."""

from enlarger.cli.app import main

__all__ = ["main"]
