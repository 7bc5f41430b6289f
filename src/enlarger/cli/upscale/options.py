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
        help="The enlargement factor, such as 2 or 1.5; 1 restores the image at its own size.",
        show_default="4, or the largest that the model has, or the scale of a network of your own",
    ),
]
Size = Annotated[
    str | None,
    typer.Option(
        "--size",
        metavar="WIDTHxHEIGHT",
        help="Instead of a factor: the size in pixels that results fit into, such as 4000x3000. They keep their"
        " proportions, and nothing is cut off.",
    ),
]
LongSide = Annotated[
    int | None, typer.Option("--long-side", metavar="PIXELS", help="Instead of a factor: the longer side of results.")
]
Megapixels = Annotated[
    float | None,
    typer.Option("--megapixels", metavar="NUMBER", help="Instead of a factor: the megapixels of results."),
]
Strength = Annotated[
    int | None,
    typer.Option(
        "--strength",
        metavar="0-100",
        help="The percentage of the network's detail in results; the rest is a plain enlargement, which keeps grain"
        " and skin. 0 is a Lanczos filter alone.",
        show_default="100",
    ),
]
Denoise = Annotated[
    str | None,
    typer.Option(
        "--denoise",
        metavar="0-100",
        help="How strongly noise and JPEG artefacts are removed before an image is enlarged; 0 is not at all."
        " real-cugan and waifu2x have levels of their own, such as 0 to 3.",
        show_default="chosen for each image by auto/upscale, else 0",
    ),
]
Model = Annotated[
    str,
    typer.Option(
        "-m",
        "--model",
        autocompletion=complete_enlarging_model,
        metavar="MODEL",
        help="The model. auto/upscale examines each image and uses span/x4, after removing noise from a damaged one."
        " Others are real-esrgan/x4plus, real-esrgan/x4plus-anime for drawings, real-esrgan/fast for speed, and every"
        " model that takes an image and needs no prompt.",
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="jpg|png|webp|tiff|avif",
        autocompletion=one_of("jpg", "png", "webp", "tiff", "avif"),
        help="The format of results.",
        show_default="that of each image; PNG for BMP and GIF, JPEG for HEIC",
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
        help="The quality of JPEG, WebP and AVIF results.",
        show_default="95; 85 for AVIF",
    ),
]
KeepHiddenColours = Annotated[
    bool,
    typer.Option(
        "--keep-hidden-colours",
        "--keep-hidden-colors",
        help="Keep the colours of fully transparent pixels, which otherwise take those of the pixels around them.",
    ),
]
Engine = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="NAME",
        autocompletion=complete_engine,
        help="The engine that does the work: `enlarger engines` lists them.",
        show_default="the fastest",
    ),
]
Precision = Annotated[
    str | None,
    typer.Option(
        "--precision",
        metavar="f32|bf16|fp16|int8",
        autocompletion=one_of("f32", "bf16", "fp16", "int8"),
        help="The numbers that the engine computes with; the fastest engine that supports them is used.",
    ),
]
Tile = Annotated[
    int | None,
    typer.Option(
        "--tile",
        metavar="PIXELS",
        help="The longest side of the pieces that images are enlarged in, in pixels of the source: smaller ones"
        " take less memory and more time.",
        show_default="as large as the memory allows",
    ),
]
AllowSandbox = Annotated[
    bool, typer.Option("--allow-sandbox", help="Also write the placeholder images of a service's sandbox.")
]
Recursive = Annotated[bool, typer.Option("--recursive/--no-recursive", help="Include subfolders.")]
