"""Parts of Enlarger that are not always installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from enlarger.errors import ConfigurationError

ELSEWHERE = ", or set ENLARGER_BASE_URL to use one that runs elsewhere"
"""What to do instead of installing the packages of a service."""


@contextmanager
def needed_for(what: str, *, extra: str = "all", otherwise: str = "") -> Iterator[None]:
    """For a block that imports what a command needs. Raises ConfigurationError when a package is not installed.

    `what` begins the sentence, `extra` is what to install, `otherwise` what to do instead.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"{what} needs the package {error.name}: `pip install 'enlarger[{extra}]'`{otherwise}."
        ) from error
