"""`enlarger upscale`: enlarge pictures and folders of pictures."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from enlarger.cli.completers import complete_engine, complete_enlarging_model, one_of
from enlarger.cli.help import Commands
from enlarger.cli.options import PICTURES, DataDir, Json, Quiet, make_output
from enlarger.cli.signals import run

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
        typer.Argument(metavar="FILE", help="Pictures or folders of pictures; - is stdin.", show_default=False),
    ],
    factor: Annotated[
        str | None,
        typer.Option(
            "-f",
            "--factor",
            metavar="1-16",
            autocompletion=one_of("1", "1.5", "2", "3", "4", "8", "16"),
            help="The enlargement factor, also 1.5 or 3; 1 restores the picture at its own size. By default 4, or what"
            " a network of your own does by itself.",
            show_default=False,
        ),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(
            "--size",
            metavar="WIDTHxHEIGHT",
            help="Instead of a factor: the size in pixels that results fit into, such as 4000x3000; nothing is"
            " distorted or cut off.",
        ),
    ] = None,
    long_side: Annotated[
        int | None,
        typer.Option("--long-side", metavar="PIXELS", help="Instead of a factor: the longest side of results."),
    ] = None,
    megapixels: Annotated[
        float | None,
        typer.Option("--megapixels", metavar="NUMBER", help="Instead of a factor: how many megapixels results have."),
    ] = None,
    strength: Annotated[
        int | None,
        typer.Option(
            "--strength",
            metavar="0-100",
            help="How much of the network's detail is in results; the rest is a plain enlargement, which keeps grain"
            " and skin. By default 100; 0 is a Lanczos filter alone.",
            show_default=False,
        ),
    ] = None,
    denoise: Annotated[
        str | None,
        typer.Option(
            "--denoise",
            metavar="0-100",
            help="How much noise and JPEG compression's traces are removed before the picture is enlarged, 0 for none."
            " By default what suits the picture, if auto is the model, else 0; real-cugan and waifu2x have levels of"
            " their own, such as 0 to 3.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            "-m",
            "--model",
            autocompletion=complete_enlarging_model,
            metavar="MODEL",
            help="auto looks at each picture and takes span/x4, after removing noise from a damaged one;"
            " or one of these, real-esrgan/x4plus, real-esrgan/x4plus-anime for drawings, real-esrgan/fast for speed,"
            " or any other model that takes a picture and needs no prompt.",
        ),
    ] = "auto/upscale",
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR|FILE",
            help="Where results go; - is stdout. By default beside each picture, as NAME@4x.jpg.",
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="jpg|png|webp|tiff|avif",
            autocompletion=one_of("jpg", "png", "webp", "tiff", "avif"),
            help="The format of results. By default that of each picture; PNG for BMP and GIF, JPEG for HEIC.",
        ),
    ] = None,
    quality: Annotated[
        int | None,
        typer.Option(
            "--quality",
            "--jpeg-quality",
            min=1,
            max=100,
            metavar="1-100",
            help="The quality of JPEG, WebP and AVIF results. By default 95; for AVIF 85.",
            show_default=False,
        ),
    ] = None,
    keep_hidden_colours: Annotated[
        bool,
        typer.Option(
            "--keep-hidden-colours",
            "--keep-hidden-colors",
            help="Keep colours under full transparency; by default they become those of the pixels around them.",
        ),
    ] = False,
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine",
            metavar="NAME",
            autocompletion=complete_engine,
            help="The engine that does the work, as `enlarger engines` lists them. By default the fastest one.",
        ),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            "--precision",
            metavar="f32|bf16|fp16|int8",
            autocompletion=one_of("f32", "bf16", "fp16", "int8"),
            help="The numbers that the engine computes with; the fastest engine that does is used.",
        ),
    ] = None,
    tile: Annotated[
        int | None,
        typer.Option(
            "--tile",
            metavar="PIXELS",
            help="The longest side of the pieces that pictures are enlarged in, in pixels of the source: smaller ones"
            " take less memory and more time. By default as large as the memory allows.",
        ),
    ] = None,
    allow_sandbox: Annotated[
        bool, typer.Option("--allow-sandbox", help="Also write the made-up pictures of a service's sandbox.")
    ] = False,
    recursive: Annotated[bool, typer.Option("--recursive/--no-recursive", help="Include subfolders.")] = True,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace existing files, and redo earlier results.")
    ] = False,
    keep_copies: Annotated[
        bool,
        typer.Option("--keep-copies", help="Let a service on this machine keep its copies for some days."),
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Upscale pictures.

    Uses the service at KIE_BASE_URL or ENLARGER_BASE_URL (with the key in KIE_API_KEY or ENLARGER_API_KEY) if one of
    them is set, else one that runs on this machine, else starts one for this command. Earlier results are skipped, so
    running an interrupted batch again continues it. Pictures in folders are recognised by their content, and subfolders
    are mirrored under --output.

    A service on this machine works on copies in its data directory. They are removed as soon as the result is in its
    place; what an interrupted run leaves behind is removed after some days.
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
        size=size.lower().replace("×", "x") if size else size,
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
