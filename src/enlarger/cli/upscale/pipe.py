"""`-`, pipes and devices for `enlarger upscale`: a picture from stdin, a result to stdout."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from enlarger.cli.streams import DASH, Piped, check_stdout, copy_to, is_piped, is_sink, is_stdout
from enlarger.cli.upscale.wish import Choice
from enlarger.errors import InvalidInput


@contextmanager
def piped(files: Sequence[str], choice: Choice) -> Iterator[tuple[list[str], Choice]]:
    """The files and choice, with copies of what is piped in, and a folder for the result that is to be streamed."""
    names = list(dict.fromkeys(files))
    if "" in names:
        raise InvalidInput("FILE", "A file's name is empty: name a picture or a folder; . is this folder.")
    pipes = [name for name in names if is_piped(name)]
    target = str(choice.output)
    out = choice.output is not None and is_sink(target)
    if pipes and choice.output is None:
        what = "stdin" if pipes[0] == DASH else pipes[0]
        raise InvalidInput("--output", f"A picture from {what} has no place of its own: add --output FILE, or -o -.")
    if out and (len(names) > 1 or Path(names[0]).is_dir()):
        raise InvalidInput("--output", f"--output {target} takes one picture: name a folder for several.")
    if out and is_stdout(target):
        check_stdout("--output", target)
    with Piped() as copies, tempfile.TemporaryDirectory(prefix="enlarger-") as folder:
        sources = {name: copies.file(name) for name in pipes}
        said = {path: "stdin" if name == DASH else name for name, path in sources.items()}
        names = [str(sources.get(name, name)) for name in names]
        choice = replace(choice, piped=said)
        if not out:
            yield names, choice
            return
        choice = replace(choice, output=Path(folder, "out"), stream=target)
        yield names, choice
        pour(choice)


def pour(choice: Choice) -> None:
    """Write the finished result to its stream and remove it: a second call does nothing. Raises StorageError."""
    if choice.stream is None or choice.output is None or not choice.output.is_dir():
        return
    for path in sorted(choice.output.iterdir()):
        try:
            copy_to(choice.stream, path)
        finally:
            path.unlink()
