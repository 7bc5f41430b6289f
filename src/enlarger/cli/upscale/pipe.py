"""`-`, pipes and devices for `enlarger upscale`: a picture from stdin, a result to stdout."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from enlarger.cli.streams import DASH, Piped, check_stdout, copy_to, is_piped, is_sink, is_stdout
from enlarger.cli.upscale.request import FileOptions
from enlarger.errors import InvalidInput


@contextmanager
def piped(files: Sequence[str], file_options: FileOptions) -> Iterator[tuple[list[str], FileOptions]]:
    """The files, with copies of what is piped in, and the options, with a folder for a result to stream."""
    names = list(dict.fromkeys(files))
    if "" in names:
        raise InvalidInput("FILE", "A file's name is empty: name a picture or a folder; . is this folder.")
    pipes = [name for name in names if is_piped(name)]
    target = str(file_options.output)
    out = file_options.output is not None and is_sink(target)
    if pipes and file_options.output is None:
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
        file_options = replace(file_options, piped=said)
        if not out:
            yield names, file_options
            return
        file_options = replace(file_options, output=Path(folder, "out"), stream=target)
        yield names, file_options
        pour(file_options)


def pour(file_options: FileOptions) -> None:
    """Write the finished result to its stream and remove it: a second call does nothing. Raises StorageError."""
    if file_options.stream is None or file_options.output is None or not file_options.output.is_dir():
        return
    for path in sorted(file_options.output.iterdir()):
        try:
            copy_to(file_options.stream, path)
        finally:
            path.unlink()
