"""`enlarger watch`: enlarge what appears in a folder."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from enlarger.cli.help import Commands
from enlarger.cli.options import PICTURES, DataDir, JsonLines, Quiet, make_output
from enlarger.cli.packages import needed_for
from enlarger.cli.signals import run
from enlarger.cli.upscale.options import (
    AllowSandbox,
    Denoise,
    Engine,
    Factor,
    Format,
    KeepHiddenColours,
    LongSide,
    Megapixels,
    Model,
    Precision,
    Quality,
    Recursive,
    Size,
    Strength,
    Tile,
)
from enlarger.errors import InvalidInput

app: Commands = Commands()


@app.command(
    rich_help_panel=PICTURES,
    epilog="**Examples**\n\n"
    "`enlarger watch inbox/ --to enlarged/`\n\n"
    "`enlarger watch /mnt/nas/photos --to /mnt/nas/large --poll 30 -m real-esrgan/fast -f 2`",
)
def watch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder to watch.", show_default=False)],
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            "-o",
            "--output",
            metavar="DIR",
            help="Where results go.",
            show_default="next to each image",
        ),
    ] = None,
    model: Model = "auto/upscale",
    factor: Factor = None,
    size: Size = None,
    long_side: LongSide = None,
    megapixels: Megapixels = None,
    strength: Strength = None,
    denoise: Denoise = None,
    format: Format = None,
    quality: Quality = None,
    keep_hidden_colours: KeepHiddenColours = False,
    engine: Engine = None,
    precision: Precision = None,
    tile: Tile = None,
    allow_sandbox: AllowSandbox = False,
    recursive: Recursive = True,
    settle: Annotated[
        float,
        typer.Option(
            "--settle", min=0.1, metavar="SECONDS", help="How long a file must not change before it counts as complete."
        ),
    ] = 2.0,
    poll: Annotated[
        float | None,
        typer.Option(
            "--poll",
            min=0.1,
            metavar="SECONDS",
            help="Poll the folder at this interval, for network file systems that report no changes.",
            show_default="when the system reports a change, and once a minute",
        ),
    ] = None,
    json: JsonLines = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Upscale the images in a folder and those that appear in it, until Ctrl-C or SIGTERM.

    Uses the same service as `enlarger upscale`, and skips what that command or an earlier watch has done. An image is
    processed once its file is complete. One that cannot be enlarged is retried after one minute and after ten, and then
    skipped until it changes. Tasks that are in progress when the watch ends continue, and the next watch fetches their
    results.
    """
    with needed_for("`enlarger watch`", extra="watch"):
        from enlarger.cli.watch.command import watch_until_stopped
    from enlarger.cli.upscale.request import FileOptions, UpscaleRequest

    if to == "":
        raise InvalidInput("--to", "--to is empty: name a folder, or leave it out.")
    request = UpscaleRequest(
        model=model,
        factor=factor,
        format=format,
        quality=quality,
        keep_hidden_colours=keep_hidden_colours,
        size=size,
        long_side=long_side,
        megapixels=megapixels,
        strength=strength,
        denoise=denoise,
        tile=tile,
        engine=engine,
        precision=precision,
        allow_sandbox=allow_sandbox,
    )
    work = partial(
        watch_until_stopped,
        folder,
        request,
        FileOptions(output=Path(to) if to else None, into_folder=True, recursive=recursive),
        settle=settle,
        poll=poll,
        data_dir=data_dir,
        output=make_output(json=json, quiet=quiet),
    )
    raise typer.Exit(run(work))
