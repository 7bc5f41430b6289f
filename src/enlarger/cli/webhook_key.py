"""`enlarger webhooks key`: what callbacks are signed with."""

from __future__ import annotations

from pathlib import Path

from enlarger.cli.administration import carry_out
from enlarger.cli.exit_codes import OK
from enlarger.cli.output import Output
from enlarger.infra.database import Database
from enlarger.settings import load_settings
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.webhook_keys import set_keys, webhook_keys


def show_key(output: Output, data_dir: Path | None) -> int:
    """Print the keys of the service on this data directory, or at DATABASE_URL; returns the exit code."""
    settings = load_settings(data_dir=data_dir)

    async def work(database: Database) -> int:
        _print(output, await webhook_keys(settings, AccountStore(database)))
        return OK

    keys = set_keys(settings)
    if not keys:
        return carry_out(work, output, data_dir=data_dir)
    _print(output, keys)
    return OK


def _print(output: Output, keys: list[str]) -> None:
    output.lines(keys, {"keys": keys})
    output.hint("Keep it to yourself: whoever has it can make callbacks that look like the service's.")
