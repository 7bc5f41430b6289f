"""The command line: all commands as one, and the handling of their errors."""

from __future__ import annotations

import errno
import sys
from typing import Annotated, Any, NoReturn

import typer

from enlarger._version import __version__
from enlarger.cli.completers import is_completing
from enlarger.cli.exit_codes import ERROR, INTERRUPTED, USAGE, exit_code, known_error
from enlarger.cli.help import Commands
from enlarger.cli.signals import interrupting
from enlarger.cli.streams import discard_stdout, open_streams, unwritable
from enlarger.cli.topics import Topics
from enlarger.errors import EnlargerError, Interrupted

app: Commands = Commands(
    name="enlarger",
    group=Topics,
    help="Upscale, generate and edit images with AI, on this machine or through a service.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_ALONE: tuple[list[str], ...] = ([], ["-h"], ["--help"], ["--version"])
"""Arguments for which no settings are read: the packages that read them take long to import."""
_OF_OUTPUT = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""The errors of a stdout that accepts no more output."""


def main() -> None:
    """The entry point: every EnlargerError becomes a message and an exit code."""
    with interrupting():
        open_streams()
        _run_app()


def _run_app() -> None:
    try:
        if not (is_completing() or sys.argv[1:] in _ALONE):
            from enlarger.cli.settings_file import load_environment

            load_environment()
        app()
    except EnlargerError as error:
        _fail(error)
    except BaseExceptionGroup as group:
        if group.split(BrokenPipeError)[1] is None:
            _leave_quietly()
        known = known_error(group)
        if known is None:
            raise
        _fail(known)
    except KeyboardInterrupt:
        _end_interrupted()
    except OSError as error:
        if error.filename is not None or error.errno not in _OF_OUTPUT:
            raise
        _fail(unwritable(error))  # of Typer's own output, such as --help
    except SystemExit as end:
        # Typer has said on stderr what is wrong with the options; with --json, stdout gets it as well.
        if end.code == USAGE and _wants_json() and end.__context__ is not None:
            _print_json({"error": {"type": "UsageError", "message": _usage_message(end.__context__)}})
        if end.__context__ is not None and isinstance(end.__context__.__cause__, KeyboardInterrupt):
            _end_interrupted()  # Typer has made an exit of it
        raise


def _end_interrupted() -> NoReturn:
    """End silently, as expected of Ctrl-C, except for the document that --json promises."""
    if _wants_json():
        from enlarger.cli.output import describe

        _print_json({"error": describe(Interrupted("Interrupted."))})
    sys.exit(INTERRUPTED)


def _usage_message(error: BaseException) -> str:
    """What is wrong with the options, in the words that Typer prints on stderr."""
    say = getattr(error, "format_message", None)
    return str(say()) if callable(say) else str(error)


def _leave_quietly() -> NoReturn:
    """End silently when the reader, such as `head`, has gone: discard even what is still buffered."""
    discard_stdout()
    sys.exit(ERROR)


def _print_json(data: dict[str, Any]) -> None:
    from enlarger.cli.output import Output, Style

    Output(Style.JSON).json(data)


def _fail(error: EnlargerError) -> None:
    from enlarger.cli.output import Output, Style

    Output(Style.JSON if _wants_json() else Style.HUMAN).error(error)
    sys.exit(exit_code(error))


def _wants_json() -> bool:
    return "--json" in sys.argv


@app.callback(invoke_without_command=True)
def _options(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    if version:
        typer.echo(f"enlarger {__version__}")
        raise typer.Exit
