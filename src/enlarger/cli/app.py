"""The commands. What they do is in the modules beside this one, imported only when a command runs."""

from __future__ import annotations

import errno
import sys
from functools import partial
from typing import Annotated, NoReturn

import typer

from enlarger._version import __version__
from enlarger.cli import (
    administration_commands,
    delivery_commands,
    local_commands,
    model_commands,
    provider_commands,
    service_commands,
    task_commands,
)
from enlarger.cli.completion import complete_enlarging_model, is_completing, one_of
from enlarger.cli.configuration import load_environment
from enlarger.cli.exit_codes import ERROR, INTERRUPTED, USAGE, exit_code, known_error
from enlarger.cli.help import Commands
from enlarger.cli.options import (
    MODELS,
    PICTURES,
    SERVICE,
    SETTINGS,
    DataDir,
    Json,
    Quiet,
    make_output,
)
from enlarger.cli.output import Output, Style, describe
from enlarger.cli.signals import interrupting, run
from enlarger.cli.streams import give_up_stdout, open_streams, unwritable
from enlarger.errors import EnlargerError, Interrupted

app: Commands = Commands(
    name="enlarger",
    help="Upscale, generate and edit pictures with AI, on this machine or through a service.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_OF_OUTPUT = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""The errors of a stdout that accepts no more output."""


def main() -> None:
    """The entry point: every error that is ours becomes words and an exit code."""
    with interrupting():
        open_streams()
        _run_app()


def _run_app() -> None:
    try:
        if not is_completing():
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
            Output(Style.JSON).json({"error": {"type": "UsageError", "message": _say_usage(end.__context__)}})
        if end.__context__ is not None and isinstance(end.__context__.__cause__, KeyboardInterrupt):
            _end_interrupted()  # Typer has made an exit of it
        raise


def _end_interrupted() -> NoReturn:
    """End as whoever presses Ctrl-C expects: without a word, but with `--json` there is a document all the same."""
    if _wants_json():
        Output(Style.JSON).json({"error": describe(Interrupted("Interrupted."))})
    sys.exit(INTERRUPTED)


def _say_usage(error: BaseException) -> str:
    """What is wrong with the options, in the words that Typer prints on stderr."""
    say = getattr(error, "format_message", None)
    return str(say()) if callable(say) else str(error)


def _leave_quietly() -> NoReturn:
    """End as `| head` expects, which reads no more: without a word, not even of what is still to be flushed."""
    give_up_stdout()
    sys.exit(ERROR)


def _fail(error: EnlargerError) -> None:
    Output(Style.JSON if _wants_json() else Style.HUMAN).error(error)
    sys.exit(exit_code(error))


def _wants_json() -> bool:
    return "--json" in sys.argv


@app.command(
    rich_help_panel=PICTURES,
    epilog="**Examples**\n\n"
    "`enlarger upscale photo.jpg`\n\n"
    "`enlarger upscale photos/ -o enlarged/ -f 2`\n\n"
    "`enlarger upscale drawing.png -m real-esrgan/x4plus-anime -o big.webp`\n\n"
    "`enlarger upscale - -o - < small.jpg > large.jpg`",
)
def upscale(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Pictures or folders of pictures; - is stdin.", show_default=False),
    ],
    factor: Annotated[
        str,
        typer.Option(
            "-f",
            "--factor",
            metavar="1|2|4|8",
            autocompletion=one_of("1", "2", "4", "8"),
            help="The enlargement factor; 1 restores the picture at its own size.",
        ),
    ] = "4",
    model: Annotated[
        str,
        typer.Option(
            "-m",
            "--model",
            autocompletion=complete_enlarging_model,
            metavar="MODEL",
            help="real-esrgan/x4plus for photos, real-esrgan/x4plus-anime for drawings, real-esrgan/fast for speed,"
            " or any other model that takes a picture and needs no prompt.",
        ),
    ] = "real-esrgan/x4plus",
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR|FILE",
            help="Where results go; - is stdout. By default beside each picture, as NAME@4x.jpg.",
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="jpg|png|webp|tiff|avif",
            autocompletion=one_of("jpg", "png", "webp", "tiff", "avif"),
            help="The format of results. By default that of each picture; PNG for BMP and GIF, JPEG for HEIC.",
        ),
    ] = None,
    quality: Annotated[
        int | None,
        typer.Option(
            "--quality",
            "--jpeg-quality",
            min=1,
            max=100,
            metavar="1-100",
            help="The quality of JPEG, WebP and AVIF results. By default 95; for AVIF 85.",
            show_default=False,
        ),
    ] = None,
    keep_hidden_colours: Annotated[
        bool,
        typer.Option(
            "--keep-hidden-colours",
            "--keep-hidden-colors",
            help="Keep colours under full transparency; by default they become those of the pixels around them.",
        ),
    ] = False,
    allow_sandbox: Annotated[
        bool, typer.Option("--allow-sandbox", help="Also write the made-up pictures of a service's sandbox.")
    ] = False,
    recursive: Annotated[bool, typer.Option("--recursive/--no-recursive", help="Include subfolders.")] = True,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace existing files, and redo earlier results.")
    ] = False,
    keep_copies: Annotated[
        bool,
        typer.Option("--keep-copies", help="Let a service on this machine keep its copies for some days."),
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Upscale pictures.

    Uses the service at KIE_BASE_URL or ENLARGER_BASE_URL (with the key in KIE_API_KEY or ENLARGER_API_KEY) if one of
    them is set, else one that runs on this machine, else starts one for this command. Earlier results are skipped, so
    running an interrupted batch again continues it. Pictures in folders are recognised by their content, and subfolders
    are mirrored under --output.

    A service on this machine works on copies in its data directory. They are removed as soon as the result is in its
    place; what an interrupted run leaves behind is removed after some days.
    """
    from enlarger.cli.upscale.batch import upscale_files
    from enlarger.cli.upscale.wish import Choice, Wish, parse_output

    place, into_folder = parse_output(output)
    wish = Wish(
        model=model,
        factor=factor,
        format=format,
        quality=quality,
        keep_hidden_colours=keep_hidden_colours,
        allow_sandbox=allow_sandbox,
    )
    choice = Choice(
        output=place, into_folder=into_folder, recursive=recursive, overwrite=overwrite, keep_copies=keep_copies
    )
    said = make_output(json=json, quiet=quiet)
    raise typer.Exit(run(partial(upscale_files, files, wish, choice, data_dir=data_dir, output=said)))


app.add_typer(task_commands.app)
app.add_typer(model_commands.app)
app.add_typer(model_commands.models, name="models", help="List the models, or show one.", rich_help_panel=MODELS)
app.add_typer(service_commands.app)
app.add_typer(delivery_commands.app)
app.add_typer(
    local_commands.webhooks,
    name="webhooks",
    help="Receive callbacks during development, and manage the keys that sign them.",
    rich_help_panel=SERVICE,
)
app.add_typer(
    administration_commands.accounts,
    name="accounts",
    help="Manage the accounts of your own service: credits and limits.",
    rich_help_panel=SERVICE,
)
app.add_typer(
    administration_commands.keys, name="keys", help="Manage the API keys of your own service.", rich_help_panel=SERVICE
)
app.add_typer(
    administration_commands.maintenance,
    name="maintenance",
    help="Stop and resume accepting new tasks; without a command, show whether they are accepted.",
    rich_help_panel=SERVICE,
)
app.add_typer(
    provider_commands.providers,
    name="providers",
    help="Providers: status, activity and cost.",
    rich_help_panel=SERVICE,
)
app.add_typer(
    provider_commands.budgets,
    name="budgets",
    help="Limit the dollars spent at providers and for accounts.",
    rich_help_panel=SERVICE,
)
app.add_typer(provider_commands.app)
app.add_typer(
    local_commands.config,
    name="config",
    help="Show and change settings, such as keys and addresses.",
    rich_help_panel=SETTINGS,
)
app.add_typer(local_commands.app)


@app.callback(invoke_without_command=True)
def _options(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    if version:
        typer.echo(f"enlarger {__version__}")
        raise typer.Exit
