"""`enlarger doctor`: is everything that a service needs there, and does it work?"""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import typer

from enlarger.cli.help import Commands
from enlarger.cli.options import SERVICE, DataDir, Json, Quiet, make_output
from enlarger.cli.signals import run

app: Commands = Commands()


@app.command(
    rich_help_panel=SERVICE,
    epilog="**Examples**\n\n`enlarger doctor`\n\n`enlarger doctor --json | jq '.checks[] | select(.status != \"ok\")'`",
)
def doctor(json: Json = False, quiet: Quiet = False, data_dir: DataDir = None) -> None:
    """Check this machine, the settings, the database, the storage and the providers; exit with code 1 if one fails.

    Prints what to do about every problem, and changes nothing. A running service is not disturbed; an embedded database
    that is not running is started for the checks and stopped again.
    """
    from enlarger.cli.doctor.checks import CHECKS
    from enlarger.cli.doctor.show import diagnose
    from enlarger.cli.doctor.site import Site

    with suppress(ModuleNotFoundError):  # where nothing of a service is installed, it logs nothing
        from enlarger.infra.logs import set_up_logs

        set_up_logs("critical")  # what goes wrong is in the findings
    raise typer.Exit(run(partial(diagnose, CHECKS, Site(data_dir), make_output(json=json, quiet=quiet))))
