"""`enlarger credits`: the account's balance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enlarger.cli.help import Commands
from enlarger.cli.options import PICTURES, ApiKey, BaseUrl, DataDir, Json, Quiet
from enlarger.cli.output import Output
from enlarger.cli.runner import run_with_service

if TYPE_CHECKING:
    from enlarger.cli.session import Session

app: Commands = Commands()


@app.command(rich_help_panel=PICTURES, epilog="**Example**\n\n`enlarger credits --json`")
def credits(
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """Show the account's balance in credits."""
    run_with_service(_show_credits, json=json, quiet=quiet, base_url=base_url, api_key=api_key, data_dir=data_dir)


async def _show_credits(session: Session, output: Output) -> None:
    """Print the balance."""
    credits = await session.call(lambda client: client.credits())
    output.lines([f"{credits:.12g}"], {"credits": credits})
