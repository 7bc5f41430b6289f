"""The same work for several tasks or files, one after the other: each is reported, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from enlarger.cli.exit_codes import OK, exit_code
from enlarger.cli.output import Output, Style, describe
from enlarger.errors import (
    AccessBlocked,
    AuthenticationFailed,
    ConfigurationError,
    EnlargerError,
    NotSupported,
    ServiceUnreachable,
)

T = TypeVar("T")

_ALIKE = (AuthenticationFailed, AccessBlocked, NotSupported, ServiceUnreachable, ConfigurationError)
"""Errors that the next one would get as well: nothing is asked after one of them."""


class Several(msgspec.Struct, Generic[T], frozen=True):
    """What became of all of them."""

    done: list[T]
    code: int
    """The exit code: that of the first error, if there was one."""


async def do_each(
    names: Sequence[str],
    work: Callable[[str], Awaitable[T]],
    output: Output,
    *,
    key: str,
    line: Callable[[str, T], str],
    document: Callable[[T], Any],
) -> Several[T]:
    """Do `work` for each name, and print a line for each; with `--json` a list at the end.

    What failed has its sentence on stderr, and in the list its name as `key` beside `error`. A single name raises its
    error instead.
    """
    done: list[T] = []
    documents: list[Any] = []
    errors: list[EnlargerError] = []
    for name in names:
        try:
            if errors and isinstance(errors[-1], _ALIKE):
                raise errors[-1]
            made = await work(name)
        except EnlargerError as error:
            if len(names) == 1:
                raise
            errors.append(error)
            output.fault(name, str(error))
            documents.append({key: name, "error": describe(error)})
        else:
            done.append(made)
            documents.append(document(made))
            output.item(line(name, made))
    if output.style is Style.JSON:
        output.json(documents)
    return Several(done, exit_code(errors[0]) if errors else OK)
