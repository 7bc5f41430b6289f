"""`-` for `enlarger upscale`: a picture from stdin, a result to stdout."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from enlarger.cli.upscale.wish import Choice
from enlarger.errors import InvalidInput


@contextmanager
def piped(files: Sequence[str], choice: Choice) -> Iterator[tuple[list[str], Choice]]:
    """The files and choice with `-` put right: stdin is read into a file, stdout is fed from one if it was made."""
    names = list(dict.fromkeys(files))
    if "" in names:
        raise InvalidInput("FILE", "A file's name is empty: name a picture or a folder; . is this folder.")
    out = str(choice.output) == "-"
    if "-" in names and choice.output is None:
        raise InvalidInput("--output", "A picture from stdin has no place of its own: add --output FILE, or -o -.")
    if out and (len(names) > 1 or Path(names[0]).is_dir()):
        raise InvalidInput("--output", "--output - takes one picture: name a folder for several.")
    if out and sys.stdout.isatty():
        raise InvalidInput(
            "--output", "--output - would write a picture into the terminal: send stdout elsewhere, or name a file."
        )
    if not out and "-" not in names:
        yield names, choice
        return
    with tempfile.TemporaryDirectory(prefix="enlarger-") as folder:
        if "-" in names:
            source = Path(folder, "stdin")
            with source.open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
            names[names.index("-")] = str(source)
            choice = replace(choice, stdin=source)
        results = Path(folder, "out")
        if not out:
            yield names, choice
            return
        yield names, replace(choice, output=results)
        made = sorted(results.iterdir()) if results.is_dir() else []
        if made:
            with made[0].open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
            sys.stdout.buffer.flush()
