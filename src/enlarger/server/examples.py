"""Examples of the API: requests by curl, and the replies that a sandbox service gave to them.

`python -m tools.api_examples` records them.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

FILE = "examples.json"


class Example(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request and its reply; `URL`, `KEY` and `TASK_ID` in a command are the shell's variables."""

    operation: str
    """The operation's name in the API's description; empty for an error that belongs to no route in particular."""
    title: str
    """What is special about it; empty where nothing is."""
    command: str
    status: int
    json: Any = None
    """The reply, if it is JSON."""
    text: str = ""
    """The reply, if it is text; a file's content is not recorded."""


@cache
def read_examples() -> tuple[Example, ...]:
    """All of them, in the order in which they were recorded."""
    return msgspec.json.decode(files("enlarger.server").joinpath(FILE).read_bytes(), type=tuple[Example, ...])
