"""Options that several commands have, and the groups that the help shows the commands in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from enlarger.cli.output import Output, Style

INPUT_HELP = (
    "A field of the input. FIELD=@FILE uploads an image, video or audio file, or reads a text from a file; @- is stdin."
    " FIELD:=JSON is JSON. A field given several times is a list."
)
"""Of `-i`, which is the same wherever there is one."""
Fields = Annotated[list[str] | None, typer.Option("-i", "--input", metavar="FIELD=VALUE", help=INPUT_HELP)]
InputJson = Annotated[
    str | None,
    typer.Option(
        "--input-json",
        metavar="JSON|@FILE|-",
        help="The input as a JSON object, in a file, or on stdin. Fields given with -i override those in it.",
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Refuse fields and models that the catalogue does not have.")]
TaskId = Annotated[str, typer.Argument(metavar="TASK", help="The task's id.", show_default=False)]
TaskIds = Annotated[list[str], typer.Argument(metavar="TASK", help="The tasks' ids.", show_default=False)]
PICTURES = "Images and tasks"
MODELS = "Models"
SERVICE = "Service"
SETTINGS = "Settings"

DataDir = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="The data directory of a service on this machine.",
        envvar="ENLARGER_DATA_DIR",
        show_default="the user's data folder",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
JsonLines = Annotated[bool, typer.Option("--json", help="Print a JSON document per line.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the data, without hints and progress.")]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="The service to use.",
        show_default="KIE_BASE_URL, ENLARGER_BASE_URL, a service on this machine, or the hosted one",
    ),
]
ApiKey = Annotated[
    str | None,
    typer.Option(
        metavar="KEY",
        help="The key of that service. Other users of this machine can see an option, but not KIE_API_KEY.",
    ),
]
Target = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE|DIR/|-",
        help="Download the result to this file, replacing its content, or into this folder; - is stdout.",
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        min=0,
        metavar="SECONDS",
        help="How long to wait.",
        show_default="as long as the model can take; on this machine, until the task ends",
    ),
]


def make_output(*, json: bool, quiet: bool) -> Output:
    """A command's output, in the style that its options choose; with both, the data is JSON without hints."""
    return Output(Style.JSON if json else Style.QUIET if quiet else Style.HUMAN, quiet=quiet)
