"""`enlarger webhooks key`: what callbacks are signed with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from enlarger.cli.administration import carry_out
from enlarger.cli.exit_codes import OK
from enlarger.cli.output import Output
from enlarger.infra.database import Database
from enlarger.settings import Settings, load_settings
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.webhook_keys import set_keys, webhook_keys

Change = Callable[[Settings, AccountStore], Awaitable[None]]


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


def change_key(output: Output, data_dir: Path | None, *, change: Change) -> int:
    """Change the keys of the service by `change`, and print those that it has now; returns the exit code."""
    settings = load_settings(data_dir=data_dir)

    async def work(database: Database) -> int:
        accounts = AccountStore(database)
        await change(settings, accounts)
        _print(output, await webhook_keys(settings, accounts))
        output.hint("Restart the service and its workers to sign with these keys.")
        return OK

    return carry_out(work, output, data_dir=data_dir)


def _print(output: Output, keys: list[str]) -> None:
    output.lines(keys, {"keys": keys})
    output.hint("Keep it secret: whoever has it can forge callbacks of this service.")
