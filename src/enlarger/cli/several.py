"""The same work for several tasks or files, one after the other: each is reported, whether the others fail or not."""

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
"""Errors that all further names would get as well: after one of them, the service is not asked again."""


class Several(msgspec.Struct, Generic[T], frozen=True):
    """The outcome for all names."""

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

    For a name that failed, there is a message on stderr, and in the list an entry with the name as `key`, and `error`.
    If there is only one name, its error is raised instead.
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
