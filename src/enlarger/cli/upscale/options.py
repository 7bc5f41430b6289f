"""Options of `enlarger upscale` that other commands which enlarge pictures have as well."""

from __future__ import annotations

from typing import Annotated

import typer

from enlarger.cli.completers import complete_engine, complete_enlarging_model, one_of

Factor = Annotated[
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
]
Size = Annotated[
    str | None,
    typer.Option(
        "--size",
        metavar="WIDTHxHEIGHT",
        help="Instead of a factor: the size in pixels that results fit into, such as 4000x3000; nothing is"
        " distorted or cut off.",
    ),
]
LongSide = Annotated[
    int | None, typer.Option("--long-side", metavar="PIXELS", help="Instead of a factor: the longest side of results.")
]
Megapixels = Annotated[
    float | None,
    typer.Option("--megapixels", metavar="NUMBER", help="Instead of a factor: how many megapixels results have."),
]
Strength = Annotated[
    int | None,
    typer.Option(
        "--strength",
        metavar="0-100",
        help="How much of the network's detail is in results; the rest is a plain enlargement, which keeps grain"
        " and skin. By default 100; 0 is a Lanczos filter alone.",
        show_default=False,
    ),
]
Denoise = Annotated[
    str | None,
    typer.Option(
        "--denoise",
        metavar="0-100",
        help="How much noise and JPEG compression's traces are removed before the picture is enlarged, 0 for none."
        " By default what suits the picture, if auto is the model, else 0; real-cugan and waifu2x have levels of"
        " their own, such as 0 to 3.",
        show_default=False,
    ),
]
Model = Annotated[
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
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="jpg|png|webp|tiff|avif",
        autocompletion=one_of("jpg", "png", "webp", "tiff", "avif"),
        help="The format of results. By default that of each picture; PNG for BMP and GIF, JPEG for HEIC.",
    ),
]
Quality = Annotated[
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
]
KeepHiddenColours = Annotated[
    bool,
    typer.Option(
        "--keep-hidden-colours",
        "--keep-hidden-colors",
        help="Keep colours under full transparency; by default they become those of the pixels around them.",
    ),
]
Engine = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="NAME",
        autocompletion=complete_engine,
        help="The engine that does the work, as `enlarger engines` lists them. By default the fastest one.",
    ),
]
Precision = Annotated[
    str | None,
    typer.Option(
        "--precision",
        metavar="f32|bf16|fp16|int8",
        autocompletion=one_of("f32", "bf16", "fp16", "int8"),
        help="The numbers that the engine computes with; the fastest engine that does is used.",
    ),
]
Tile = Annotated[
    int | None,
    typer.Option(
        "--tile",
        metavar="PIXELS",
        help="The longest side of the pieces that pictures are enlarged in, in pixels of the source: smaller ones"
        " take less memory and more time. By default as large as the memory allows.",
    ),
]
AllowSandbox = Annotated[
    bool, typer.Option("--allow-sandbox", help="Also write the made-up pictures of a service's sandbox.")
]
Recursive = Annotated[bool, typer.Option("--recursive/--no-recursive", help="Include subfolders.")]
