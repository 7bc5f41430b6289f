"""`enlarger up`, `serve`, `worker` and `bot`: run a service, or a part of one."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from enlarger.cli.help import Commands
from enlarger.cli.options import SERVICE, DataDir, Json, Quiet, make_output
from enlarger.cli.packages import ELSEWHERE, needed_for
from enlarger.errors import InvalidInput

app: Commands = Commands()

Host = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="The address to listen on; 0.0.0.0 means all.",
        envvar="ENLARGER_HOST",
        show_default="127.0.0.1",
    ),
]
Port = Annotated[
    int | None,
    typer.Option(
        metavar="PORT", help="The port to listen on; 0 picks a free one.", envvar="ENLARGER_PORT", show_default="8686"
    ),
]
_MOST_PROCESSES = 12
"""As in the settings, which are not imported for the help."""
_BY_CORES = "one per available core, up to "


def _processes(default: str) -> Any:
    return typer.Option(
        min=1,
        max=_MOST_PROCESSES,
        metavar="N",
        help="Number of processes that share the work.",
        envvar="ENLARGER_PROCESSES",
        show_default=default,
    )


Sandbox = Annotated[
    bool, typer.Option("--sandbox", help="Run tasks in the sandbox: they cost nothing, and every image says SANDBOX.")
]


@app.command(
    rich_help_panel=SERVICE,
    epilog="**Examples**\n\n`ENLARGER_API_KEY=my-key enlarger up --host 0.0.0.0 --port 8686`\n\n"
    "`enlarger up --processes 4`\n\n`enlarger up --sandbox`",
)
def up(
    host: Host = None,
    port: Port = None,
    processes: Annotated[int | None, _processes("1")] = None,
    sandbox: Sandbox = False,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Run the whole service (database, API and worker) until Ctrl-C or SIGTERM.

    The database is an embedded Postgres in the data directory, or the one at DATABASE_URL.
    """
    settings = _settings(host=host, port=port, processes=processes, sandbox=sandbox or None, data_dir=data_dir)
    _service_runner().run_service("up", settings, make_output(json=json, quiet=quiet))


@app.command(
    rich_help_panel=SERVICE,
    epilog="**Examples**\n\n`DATABASE_URL=postgresql://… ENLARGER_STORAGE_URL=s3://bucket enlarger serve`\n\n"
    "`DATABASE_URL=postgresql://… ENLARGER_STORAGE_URL=s3://bucket enlarger serve --processes 4`",
)
def serve(
    host: Host = None,
    port: Port = None,
    processes: Annotated[int | None, _processes(_BY_CORES + "8")] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Run only the API, with the database at DATABASE_URL and the storage at ENLARGER_STORAGE_URL."""
    settings = _settings(host=host, port=port, processes=processes, data_dir=data_dir)
    _service_runner().run_service("serve", settings, make_output(json=json, quiet=quiet))


@app.command(
    rich_help_panel=SERVICE,
    epilog="**Examples**\n\n`DATABASE_URL=postgresql://… ENLARGER_STORAGE_URL=s3://bucket enlarger worker`\n\n"
    "`DATABASE_URL=postgresql://… ENLARGER_STORAGE_URL=s3://bucket enlarger worker --processes 1`",
)
def worker(
    processes: Annotated[int | None, _processes(_BY_CORES + "4")] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Run only a worker, with the database at DATABASE_URL and the storage at ENLARGER_STORAGE_URL."""
    settings = _settings(data_dir=data_dir, processes=processes)
    _service_runner().run_service("worker", settings, make_output(json=json, quiet=quiet))


@app.command(
    rich_help_panel=SERVICE,
    epilog="**Examples**\n\n`BOT_TOKEN=123456789:AAF… enlarger bot`\n\n"
    "`BOT_TOKEN=123456789:AAF… enlarger bot --sandbox`\n\n"
    "`BOT_TOKEN=123456789:AAF… DATABASE_URL=postgresql://… KIE_BASE_URL=http://127.0.0.1:8686 enlarger bot`",
)
def bot(
    host: Host = None,
    port: Port = None,
    sandbox: Sandbox = False,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Run the Telegram bot, which redesigns and upscales people's photos, with the token in BOT_TOKEN.

    A whole service runs in the same process, as with `enlarger up`. With DATABASE_URL the bot joins a running service:
    the one at ENLARGER_PUBLIC_URL, at KIE_BASE_URL, or on this machine at --port. It polls Telegram for updates, or
    receives them by webhook if ENLARGER_BOT_PUBLIC_URL is set.
    """
    settings = _settings(host=host, port=port, sandbox=sandbox or None, data_dir=data_dir)
    if sandbox and settings.database_url is not None:
        raise InvalidInput(
            "--sandbox",
            "With DATABASE_URL the bot joins a running service, so --sandbox has no effect: give it to `enlarger up`.",
        )
    with needed_for("The bot", extra="bot", otherwise=", or `enlarger[all]` for everything"):
        from enlarger.cli.bot_process import bot as work
    work(settings, make_output(json=json, quiet=quiet))


def _settings(**overrides: object) -> Any:
    _service_runner()
    from enlarger.all_settings import load_settings

    return load_settings(**overrides)


def _service_runner() -> Any:
    """The module that runs services. Raises ConfigurationError when the packages for it are not installed."""
    with needed_for("Running a service", otherwise=ELSEWHERE):
        from enlarger.cli import service_runner
    return service_runner
