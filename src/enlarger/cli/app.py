"""The commands. What they do is in the modules beside this one, imported only when a command runs."""

from __future__ import annotations

import asyncio
import errno
import sys
from collections.abc import Coroutine
from typing import Annotated, Any, NoReturn

import typer

from enlarger import __version__
from enlarger.cli import administration_commands, delivery_commands, local_commands, provider_commands, task_commands
from enlarger.cli.completion import complete_enlarging_model, complete_model, is_completing
from enlarger.cli.configuration import load_environment
from enlarger.cli.exit_codes import ERROR, INTERRUPTED, USAGE, exit_code, known_error
from enlarger.cli.options import (
    MODELS,
    PICTURES,
    SERVICE,
    SETTINGS,
    DataDir,
    Fields,
    InputJson,
    Json,
    Quiet,
    make_output,
)
from enlarger.cli.output import Output, Style
from enlarger.cli.streams import give_up_stdout, open_streams, unwritable
from enlarger.errors import ConfigurationError, EnlargerError

app = typer.Typer(
    name="enlarger",
    help="Enlarge, make and change pictures with AI: on this machine, or through a service.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Host = Annotated[str | None, typer.Option(help="The address to listen on; 0.0.0.0 for all.", envvar="ENLARGER_HOST")]
Port = Annotated[int | None, typer.Option(help="The port to listen on; 0 for any free one.", envvar="ENLARGER_PORT")]


ModelId = Annotated[
    str, typer.Argument(metavar="ID", help="The model's id or an alias.", autocompletion=complete_model)
]


_OF_OUTPUT = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What a stdout answers that takes nothing more."""


def main() -> None:
    """The entry point: every error that is ours becomes words and an exit code."""
    open_streams()
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
        sys.exit(INTERRUPTED)
    except OSError as error:
        if error.filename is not None or error.errno not in _OF_OUTPUT:
            raise
        _fail(unwritable(error))  # of Typer's own output, such as --help
    except SystemExit as end:
        # Typer has said on stderr what is wrong with the options; whoever reads JSON is told, too.
        if end.code == USAGE and _wants_json() and end.__context__ is not None:
            Output(Style.JSON).json({"error": {"type": "UsageError", "message": str(end.__context__)}})
        raise


def _leave_quietly() -> NoReturn:
    """End as `| head` expects, which reads no more: without a word, not even of what is still to be flushed."""
    give_up_stdout()
    sys.exit(ERROR)


def _fail(error: EnlargerError) -> None:
    Output(Style.JSON if _wants_json() else Style.HUMAN).error(error)
    sys.exit(exit_code(error))


def _wants_json() -> bool:
    return "--json" in sys.argv


def _run(command: Coroutine[Any, Any, int]) -> None:
    raise typer.Exit(asyncio.run(command))


@app.command(
    rich_help_panel=PICTURES,
    epilog="**Examples**\n\n"
    "`enlarger upscale photo.jpg`\n\n"
    "`enlarger upscale photos/ -o enlarged/ -f 2`\n\n"
    "`enlarger upscale drawing.png -m real-esrgan/x4plus-anime -o big.webp`",
)
def upscale(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Pictures, or folders of pictures; - is stdin.", show_default=False),
    ],
    factor: Annotated[
        str,
        typer.Option("-f", "--factor", metavar="1|2|4|8", help="How many times larger; 1 restores at the same size."),
    ] = "4",
    model: Annotated[
        str,
        typer.Option(
            "-m",
            "--model",
            autocompletion=complete_enlarging_model,
            help="real-esrgan/x4plus for photos, real-esrgan/x4plus-anime for drawings,"
            " real-esrgan/fast for much less time; or another model that takes a picture and needs no prompt.",
        ),
    ] = "real-esrgan/x4plus",
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR|FILE",
            help="Where to; without it, beside each picture as NAME@4x.jpg; - is stdout.",
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="jpg|png|webp|tiff|avif",
            help="Without it, the format of each picture; PNG for BMP and GIF, JPEG for HEIC.",
        ),
    ] = None,
    quality: Annotated[
        int | None,
        typer.Option(
            "--quality",
            "--jpeg-quality",
            min=1,
            max=100,
            help="Of JPEG, WebP and AVIF results; without it 95, and 85 for AVIF.",
            show_default=False,
        ),
    ] = None,
    keep_hidden_colours: Annotated[
        bool,
        typer.Option(
            "--keep-hidden-colours",
            "--keep-hidden-colors",
            help="Keep the colours under full transparency, which else become those of the pixels around.",
        ),
    ] = False,
    allow_sandbox: Annotated[
        bool, typer.Option("--allow-sandbox", help="Write the pictures that a service's sandbox makes up, too.")
    ] = False,
    recursive: Annotated[
        bool, typer.Option("--recursive/--no-recursive", help="Go into folders within folders.")
    ] = True,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what is in a result's place, and make results anew.")
    ] = False,
    keep_copies: Annotated[
        bool,
        typer.Option("--keep-copies", help="Let a service on this machine keep its copies, for some days."),
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Enlarge pictures.

    The service at KIE_BASE_URL or ENLARGER_BASE_URL does it if one of them is set (its key in KIE_API_KEY or
    ENLARGER_API_KEY), else one that runs on this machine, else one that is started for as long as it is needed. Earlier
    results are skipped, so a batch that was interrupted continues where it stopped. Pictures in folders are recognised
    by their content, and the folders within are mirrored under --output.

    A service on this machine works on copies in its data directory. They are removed from there as soon as a result
    is in its place; what an interrupted run leaves goes after some days.
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
    _run(upscale_files(files, wish, choice, data_dir=data_dir, output=make_output(json=json, quiet=quiet)))


@app.command(
    name="quote",
    rich_help_panel=MODELS,
    epilog="**Examples**\n\n`enlarger quote topaz/image-upscale -i image_url=photo.jpg -i upscale_factor=4`\n\n"
    "`enlarger quote nano-banana-pro -i prompt='a room' -i resolution=4K`",
)
def quote_command(
    name: ModelId,
    fields: Fields = None,
    input_json: InputJson = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say what a task would cost, without making it. A picture may be a file here: its size may matter."""
    from enlarger.cli.models import show_quote

    show_quote(make_output(json=json, quiet=quiet), name, fields or [], input_json)


@app.command(
    rich_help_panel=SERVICE,
    epilog="**Examples**\n\n`ENLARGER_API_KEY=my-key enlarger up --host 0.0.0.0 --port 8686`\n\n"
    "`enlarger up --sandbox`",
)
def up(
    host: Host = None,
    port: Port = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Run tasks in the sandbox, which costs nothing and draws SANDBOX.")
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Run the whole service: database, API and worker, until Ctrl-C.

    The database is an embedded Postgres in the data directory, or the one at DATABASE_URL.
    """
    settings = _settings(host=host, port=port, sandbox=sandbox or None, data_dir=data_dir)
    _service_commands().up(settings, make_output(json=json, quiet=quiet))


@app.command(
    rich_help_panel=SERVICE,
    epilog="**Example**\n\n`DATABASE_URL=postgresql://… ENLARGER_STORAGE_URL=s3://bucket enlarger serve`",
)
def serve(
    host: Host = None, port: Port = None, json: Json = False, quiet: Quiet = False, data_dir: DataDir = None
) -> None:
    """Run the API alone, against DATABASE_URL and ENLARGER_STORAGE_URL."""
    settings = _settings(host=host, port=port, data_dir=data_dir)
    _service_commands().serve(settings, make_output(json=json, quiet=quiet))


@app.command(
    rich_help_panel=SERVICE,
    epilog="**Example**\n\n`DATABASE_URL=postgresql://… ENLARGER_STORAGE_URL=s3://bucket enlarger worker`",
)
def worker(json: Json = False, quiet: Quiet = False, data_dir: DataDir = None) -> None:
    """Run a worker alone, against DATABASE_URL and ENLARGER_STORAGE_URL; as many as you like."""
    _service_commands().worker(_settings(data_dir=data_dir), make_output(json=json, quiet=quiet))


@app.command(
    rich_help_panel=SERVICE,
    epilog="**Examples**\n\n`BOT_TOKEN=123456789:AAF… enlarger bot`\n\n"
    "`BOT_TOKEN=123456789:AAF… enlarger bot --sandbox`\n\n"
    "`BOT_TOKEN=123456789:AAF… DATABASE_URL=postgresql://… KIE_BASE_URL=http://127.0.0.1:8686 enlarger bot`",
)
def bot(
    host: Host = None,
    port: Port = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Run tasks in the sandbox, which costs nothing and draws SANDBOX.")
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Run the Telegram bot whose token is in BOT_TOKEN: photos in, redesigned and enlarged pictures out.

    A whole service runs in the same process, as with `enlarger up`; with DATABASE_URL the bot joins one that runs
    already, at ENLARGER_PUBLIC_URL, at KIE_BASE_URL, or on this machine at --port. The bot polls Telegram for updates,
    or gets them by webhook if ENLARGER_BOT_PUBLIC_URL is set.
    """
    settings = _settings(host=host, port=port, sandbox=sandbox or None, data_dir=data_dir)
    try:
        from enlarger.cli.bot import bot as work
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"The bot needs the package {error.name}: `pip install 'enlarger[bot]'`, or `enlarger[all]` for everything."
        ) from error
    work(settings, make_output(json=json, quiet=quiet))


app.add_typer(task_commands.app)
app.add_typer(delivery_commands.app)
app.add_typer(
    local_commands.webhooks,
    name="webhooks",
    help="Receive callbacks while you develop, and print the key they are signed with.",
    rich_help_panel=SERVICE,
)
app.add_typer(
    administration_commands.accounts,
    name="accounts",
    help="Accounts of a service of your own: credits and limits.",
    rich_help_panel=SERVICE,
)
app.add_typer(administration_commands.keys, name="keys", help="The keys that let apps in.", rich_help_panel=SERVICE)
app.add_typer(
    administration_commands.maintenance,
    name="maintenance",
    help="Close the service for new tasks, and open it again.",
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
    help="The most dollars that may be spent at providers and for accounts.",
    rich_help_panel=SERVICE,
)
app.add_typer(provider_commands.app)
app.add_typer(
    local_commands.config, name="config", help="Show and keep settings: keys, addresses.", rich_help_panel=SETTINGS
)

models_app = typer.Typer(no_args_is_help=False)
app.add_typer(models_app, name="models", help="List the models, or show one.", rich_help_panel=MODELS)


@models_app.callback(invoke_without_command=True, epilog="**Example**\n\n`enlarger models --task upscale`")
def models(
    context: typer.Context,
    kind: Annotated[str | None, typer.Option(metavar="image|video", help="Only models of this kind.")] = None,
    task: Annotated[str | None, typer.Option(help="Only models for this task: upscale, text-to-image, …")] = None,
    provider: Annotated[str | None, typer.Option(help="Only models that this provider runs: local, …")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List the models: what they do, which providers run them, what they cost."""
    if context.invoked_subcommand is None:
        from enlarger.cli.models import show_models

        show_models(make_output(json=json, quiet=quiet), kind=kind, task=task, provider=provider)


@models_app.command("show", epilog="**Example**\n\n`enlarger models show google/nano-banana-edit`")
def models_show(
    name: ModelId,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show one model: its fields, limits, price, and an example of a request."""
    from enlarger.cli.models import show_model

    show_model(make_output(json=json, quiet=quiet), name)


@app.callback(invoke_without_command=True)
def _options(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    if version:
        typer.echo(f"enlarger {__version__}")
        raise typer.Exit


def _settings(**overrides: object) -> Any:
    _service_commands()
    from enlarger.settings import load_settings

    return load_settings(**overrides)


def _service_commands() -> Any:
    """The module that runs services. Raises ConfigurationError when the packages for it are not installed."""
    try:
        from enlarger.cli import service
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"Running a service needs the package {error.name}: `pip install 'enlarger[all]'`,"
            " or set ENLARGER_BASE_URL to use one that runs elsewhere."
        ) from error
    return service
