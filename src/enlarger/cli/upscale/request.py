"""What `enlarger upscale` is asked for, and whether it can be done at all."""

from __future__ import annotations

import difflib
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from enlarger.catalog import Model, build_input_or_raise, get_model, list_models
from enlarger.catalog.faults import check
from enlarger.catalog.messages import translator
from enlarger.catalog.repair import repair
from enlarger.engines.formats import FORMATS
from enlarger.errors import InvalidInput, UnknownModel

SUFFIXES = {
    ".jpg": "jpg", ".jpeg": "jpg", ".jfif": "jpg", ".jpe": "jpg",
    ".png": "png", ".webp": "webp", ".tif": "tiff", ".tiff": "tiff", ".avif": "avif",
}  # fmt: skip
"""The endings that a result's name may have, and the format of each."""
USUAL_FACTOR = "4"
"""Where nothing says how large results are to be."""
_LIKE_A_FILE = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}")
"""The endings that files have, and folders hardly ever."""


@dataclass(frozen=True, slots=True)
class UpscaleRequest:
    """What to do with every picture."""

    model: str
    factor: str | None
    format: str | None
    quality: int | None = None
    keep_hidden_colours: bool = False
    size: str | None = None
    long_side: int | None = None
    megapixels: float | None = None
    strength: int | None = None
    denoise: int | str | None = None
    """A number, or a level's name as the model has it; None is what the model does by itself."""
    tile: int | None = None
    engine: str | None = None
    precision: str | None = None
    network: str | None = None
    """The digest of the user's own network that the model is made of."""
    allow_sandbox: bool = False
    """Whether the sandbox's made-up pictures may be written."""

    @property
    def extent(self) -> str:
        """How large results are to be, as the ledger has it: `4`, `4000x3000`, `4000px` or `24MP`."""
        if self.size is not None:
            return self.size
        if self.long_side is not None:
            return f"{self.long_side}px"
        return self.factor or f"{self.megapixels:g}MP"

    @property
    def mark(self) -> str:
        """What a result's name has between its source's and its ending: `@4x`, `@4000px`, `@1.5x-strength50`."""
        extent = f"{self.factor}x" if self.factor is not None else self.extent
        denoise = f"-denoise{self.denoise}" if self.denoise is not None else ""
        return f"@{extent}{denoise}" + (f"-strength{self.strength}" if not self.full_strength else "")

    @property
    def full_strength(self) -> bool:
        """Whether all of the network's detail is in the result."""
        return self.strength in (None, 100)


@dataclass(frozen=True, slots=True)
class FileOptions:
    """How files are chosen and where results go."""

    output: Path | None = None
    into_folder: bool = False
    """Whether `output` was named as a folder, with a slash at its end."""
    recursive: bool = True
    overwrite: bool = False
    keep_copies: bool = False
    """Whether a service on this machine keeps its copies of inputs and results, for as long as it keeps such."""
    piped: Mapping[Path, str] = field(default_factory=dict)
    """The files that stdin and pipes were copied to, with the names that were given."""
    stream: str | None = None
    """Stdout, a pipe or a device, which gets the finished result; until then it is in the folder `output`."""

    def name_of(self, source: Path) -> str:
        """What a picture is called in messages."""
        return self.piped.get(source, str(source))

    @property
    def one_file(self) -> bool:
        """Whether `output` names a file: it ends like a picture's name, and is no folder."""
        if self.output is None or self.into_folder:
            return False
        return self.output.suffix.lower() in SUFFIXES and not is_dir(self.output)


def find_model(name: str) -> Model:
    """The model of this name; where there is none, only models that enlarge pictures are suggested."""
    try:
        return get_model(name)
    except UnknownModel:
        ids = [model.id for model in list_models(kind="image", task="upscale") if model.picture_field() is not None]
        near = difflib.get_close_matches(name.casefold(), ids, n=2)
        hint = f"did you mean {' or '.join(near)}?" if near else "`enlarger models --task upscale` lists the models."
        raise UnknownModel("--model", f"The model {name[:100]!r} is not known: {hint}") from None


def check_request(request: UpscaleRequest, model: Model, output: Path | None = None) -> UpscaleRequest:
    """The request with its size as models take it, and its format settled, by the name of the one file `output` if any.

    Raises InvalidInput for what the model cannot do.
    """
    format = request.format.lower() if request.format else None
    format = {"jpeg": "jpg", "tif": "tiff"}.get(format or "", format)
    if format is None and output is not None:
        format = SUFFIXES[output.suffix.lower()]
    if format is not None and format not in FORMATS:
        raise InvalidInput("--format", f"The format {format!r} is not known: choose one of {', '.join(FORMATS)}.")
    _check_model(model)
    if request.size:
        request = replace(request, size=request.size.lower().replace("×", "x"))
    factor = _check_extent(request, model)
    denoise = _denoise(request, model)
    if format is not None and "output_format" not in model.input:
        if request.format:
            raise InvalidInput("--format", f"The model {model.id} has no output format: leave --format out.")
        format = None
    for option, name, wanted in (
        ("--size", "size", request.size),
        ("--long-side", "long_side", request.long_side),
        ("--megapixels", "megapixels", request.megapixels),
        ("--strength", "strength", request.strength),
        ("--denoise", "denoise", denoise),
        ("--tile", "tile", request.tile),
        ("--engine", "engine", request.engine),
        ("--precision", "precision", request.precision),
        ("--quality", "output_quality", request.quality),
        ("--keep-hidden-colours", "keep_hidden_colours", request.keep_hidden_colours or None),
    ):
        if wanted is None:
            continue
        if name not in model.input:
            raise InvalidInput(option, f"The model {model.id} has no such option: leave {option} out.")
        for fault in check(option, model.input[name], wanted, translator("en")):
            raise InvalidInput(option, fault.message.replace(f"The field '{option}'", option) + ".")
    if request.engine is not None and request.precision is not None:
        raise InvalidInput("--precision", "--engine has a precision of its own: leave --engine or --precision out.")
    settled = replace(request, model=model.id, format=format, factor=factor, denoise=denoise)
    build_input_or_raise(model, payload(model, settled, "https://example.com"), strict=True)
    return settled


def _check_model(model: Model) -> None:
    """Raise InvalidInput for a model that does not enlarge pictures, or needs more than a picture."""
    prompt = model.input.get("prompt")
    if "upscale" not in model.tasks and prompt is not None and prompt.required:
        raise InvalidInput(
            "--model",
            f"The model {model.id} takes a prompt, so it cannot be used here: see `enlarger run {model.id}`.",
        )
    if "remove-background" in model.tasks:
        raise InvalidInput(
            "--model",
            f"The model {model.id} removes the background and enlarges nothing: see `enlarger run {model.id}`.",
        )
    if model.picture_field() is None:
        takes = "the id of an earlier task" if "task_id" in model.input else "no picture"
        raise InvalidInput(
            "--model",
            f"The model {model.id} takes {takes}: `enlarger models --task upscale` lists those that enlarge pictures.",
        )
    if model.kind != "image":
        raise InvalidInput("--model", f"The model {model.id} makes no picture: see `enlarger run {model.id}`.")


def with_network(request: UpscaleRequest, *, scale: int, digest: str) -> UpscaleRequest:
    """The request for a network of the user's own, which enlarges by its own scale where nothing says how much."""
    extents = (request.factor, request.size, request.long_side, request.megapixels)
    factor = str(scale) if all(extent is None for extent in extents) else request.factor
    return replace(request, network=digest, factor=factor)


def _check_extent(request: UpscaleRequest, model: Model) -> str | None:
    """The factor as it is written in names, None where the size is given otherwise. Raises InvalidInput."""
    others = {"--size": request.size, "--long-side": request.long_side, "--megapixels": request.megapixels}
    given = [option for option, value in {"--factor": request.factor, **others}.items() if value is not None]
    if len(given) > 1:
        raise InvalidInput(given[1], f"{' and '.join(given)} each say how large results are to be: give one of them.")
    if given and given != ["--factor"]:
        return None
    factor = request.factor or _usual_factor(model)
    fixed = model.engine.factor if model.engine else None
    if fixed is not None and factor != str(fixed):
        raise InvalidInput("--factor", f"The model {model.id} always enlarges {fixed} times: use -f {fixed}.")
    field = model.input.get("upscale_factor")
    if field is None:
        return factor
    if field.enum:
        if factor not in map(str, field.enum):
            options = ", ".join(map(str, field.enum))
            raise InvalidInput("--factor", f"--factor is {factor[:20]}: choose one of {options}.")
        return factor
    value = repair(field, factor)
    if any(check("--factor", field, value, translator("en"))):
        least, most = f"{field.minimum:g}", f"{field.maximum:g}"
        raise InvalidInput("--factor", f"--factor is {factor[:20]}: choose a number from {least} to {most}.")
    return f"{value:.6g}"


def _usual_factor(model: Model) -> str:
    """The factor where none is given: the usual one, or the largest that the model has below it."""
    if model.engine and model.engine.factor is not None:
        return str(model.engine.factor)
    field = model.input.get("upscale_factor")
    offered = [str(value) for value in field.enum] if field else []
    if not offered or USUAL_FACTOR in offered:
        return USUAL_FACTOR
    return max(offered, key=float)


def _denoise(request: UpscaleRequest, model: Model) -> int | str | None:
    """How much noise is to be removed, as the model has it; None for what it does by itself."""
    field = model.input.get("denoise")
    if field is None or request.denoise is None:
        return request.denoise
    value: int | str = repair(field, request.denoise)
    return None if value == field.default else value


def payload(model: Model, request: UpscaleRequest, url: str) -> dict[str, Any]:
    """What is asked of the model for the picture at `url`; fields that it does not have are left out."""
    picture = model.picture_field()
    assert picture is not None
    wanted = {
        "upscale_factor": request.factor,
        "output_format": request.format,
        "output_quality": request.quality,
        "keep_hidden_colours": request.keep_hidden_colours or None,
        "size": request.size,
        "long_side": request.long_side,
        "megapixels": request.megapixels,
        "strength": request.strength,
        "denoise": request.denoise,
        "tile": request.tile,
        "engine": request.engine,
        "precision": request.precision,
    }
    return {picture: url} | {name: value for name, value in wanted.items() if value is not None and name in model.input}


def is_dir(path: Path) -> bool:
    """Whether there is a folder of this name."""
    try:
        return path.is_dir()
    except OSError:  # a name that is too long
        return False


def parse_output(text: str | None) -> tuple[Path | None, bool]:
    """What `--output` names, and whether it is named as a folder. Raises InvalidInput where it is empty."""
    if text == "":
        raise InvalidInput("--output", "--output is empty: name a folder or a file, or leave it out.")
    return (Path(text), text.endswith(("/", os.sep))) if text else (None, False)


def check_output(file_options: FileOptions) -> None:
    """Raise InvalidInput for a place that no result could be written to, before anything is done."""
    output = file_options.output
    if output is None:
        return
    if is_dir(output):
        folder = output
    else:
        folder = output.parent
        if not file_options.one_file and os.path.lexists(output):
            raise InvalidInput(
                "--output", f"--output {output} is a file: name a folder, or a .jpg, .png, .webp, .tif or .avif file."
            )
        if not file_options.one_file and not file_options.into_folder and _LIKE_A_FILE.fullmatch(output.suffix):
            raise InvalidInput(
                "--output",
                f"--output {output}: results are .jpg, .png, .webp, .tif or .avif files. Name one of these,"
                f" or {output}/ if it is to be a folder.",
            )
    if any(len(os.fsencode(part)) > 255 for part in output.parts):
        raise InvalidInput("--output", f"--output {output.name[:40]}… is too long a name: use at most 255 bytes.")
    try:
        while not os.path.lexists(folder):
            folder = folder.parent
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidInput(
            "--output", f"--output {output} cannot be written to ({reason}): name another place."
        ) from None
