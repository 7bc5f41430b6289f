"""`enlarger upscale`: enlarge images and folders of images."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from enlarger.cli.help import Commands
from enlarger.cli.options import PICTURES, DataDir, Json, Quiet, make_output
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

app: Commands = Commands()


@app.command(
    rich_help_panel=PICTURES,
    epilog="**Examples**\n\n"
    "`enlarger upscale photo.jpg`\n\n"
    "`enlarger upscale photos/ -o enlarged/ -f 2`\n\n"
    "`enlarger upscale photo.jpg --long-side 4000 --strength 60`\n\n"
    "`enlarger upscale photo.jpg --size 4000x3000`\n\n"
    "`enlarger upscale old.jpg -m span/x4 --denoise 50`\n\n"
    "`enlarger upscale drawing.png -m real-esrgan/x4plus-anime -o big.webp`\n\n"
    "`enlarger upscale - -o - < small.jpg > large.jpg`",
)
def upscale(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Images or folders of images; - is stdin.", show_default=False),
    ],
    factor: Factor = None,
    size: Size = None,
    long_side: LongSide = None,
    megapixels: Megapixels = None,
    strength: Strength = None,
    denoise: Denoise = None,
    model: Model = "auto/upscale",
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR|FILE",
            help="Where results go; - is stdout.",
            show_default="next to each image, as NAME@4x.jpg",
        ),
    ] = None,
    format: Format = None,
    quality: Quality = None,
    keep_hidden_colours: KeepHiddenColours = False,
    engine: Engine = None,
    precision: Precision = None,
    tile: Tile = None,
    allow_sandbox: AllowSandbox = False,
    recursive: Recursive = True,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace existing files, and redo earlier results.")
    ] = False,
    keep_copies: Annotated[
        bool,
        typer.Option(
            "--keep-copies", help="Let a service on this machine keep its copies of images and results for some days."
        ),
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Upscale images and folders of images.

    Uses the service at KIE_BASE_URL (with KIE_API_KEY), else the one at ENLARGER_BASE_URL (with ENLARGER_API_KEY), else
    one that runs on this machine, else one that is started for this command. Earlier results are skipped, so running an
    interrupted batch again continues it. Images in folders are recognised by their content, and subfolders are mirrored
    under --output.

    A service on this machine works on copies in its data directory. They are removed as soon as the result is saved;
    what an interrupted run leaves behind is removed after some days.
    """
    from enlarger.cli.upscale.batch import upscale_files
    from enlarger.cli.upscale.request import FileOptions, UpscaleRequest, parse_output

    place, into_folder = parse_output(output)
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
    file_options = FileOptions(
        output=place, into_folder=into_folder, recursive=recursive, overwrite=overwrite, keep_copies=keep_copies
    )
    said = make_output(json=json, quiet=quiet)
    raise typer.Exit(run(partial(upscale_files, files, request, file_options, data_dir=data_dir, output=said)))
