"""`enlarger mcp`: tools for agents."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from enlarger.cli.help import Commands
from enlarger.cli.options import SERVICE, ApiKey, BaseUrl, DataDir, Json, Quiet
from enlarger.cli.packages import needed_for
from enlarger.cli.runner import run_with_service
from enlarger.errors import EnlargerError

if TYPE_CHECKING:
    from enlarger.cli.output import Output
    from enlarger.cli.session import Session

app: Commands = Commands()


@app.command(rich_help_panel=SERVICE, epilog="**Example**\n\n`enlarger mcp --max-credits 10`")
def mcp(
    max_credits: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="CREDITS",
            help="Tasks that may cost more than this have to be confirmed.",
            show_default="no task has to be confirmed",
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """Serve tools for agents on stdin and stdout, by the Model Context Protocol (MCP).

    An agent's program starts it, and it runs until stdin ends. Only an error at the start is printed.
    """
    with needed_for("`enlarger mcp`", extra="mcp"):
        import mcp as _  # noqa: F401
    work = partial(_serve, max_credits)
    run_with_service(work, json=json, quiet=quiet, base_url=base_url, api_key=api_key, data_dir=data_dir, creates=True)


async def _serve(max_credits: float | None, session: Session, _: Output) -> None:
    import asyncio

    from enlarger.mcp_server.stdio import serve_stdio

    async def find_service() -> None:
        with suppress(EnlargerError):  # the first tool that needs it reports it
            await session.client()

    finding = asyncio.create_task(find_service())
    try:
        await serve_stdio(session, max_credits=max_credits)
    finally:
        finding.cancel()
        await asyncio.gather(finding, return_exceptions=True)
