"""What PyTorch makes of a picture, OpenVINO makes of the ONNX file; what is not so is refused in a sentence."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from enlarger.engines.adding import add
from enlarger.engines.openvino.network import OpenVinoNetwork
from enlarger.engines.padding import padded
from enlarger.engines.weights.files import INSTALLED
from enlarger.errors import EngineUnavailable
from tests.engines.torch_networks import make_weights, run_in_torch, save_weights, spandrel, torch
from tests.pictures import photo, psnr

from enlarger.engines.torch.exporting import compare, describe, export_network, find_multiple, make_picture  # isort: skip

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]  # PyTorch's own


@pytest.mark.parametrize(
    ("name", "multiple"),
    [
        ("compact", 1),
        ("rrdb", 2),
        ("unshuffled", 4),
        ("span", 1),
        ("plksr", 1),
        ("nafnet", 1),
        ("swinir", 16),
        ("cleaning", 16),
        ("dat", 16),
    ],
)
def test_the_output_is_that_of_pytorch_at_every_size(name: str, multiple: int, tmp_path: Path, cache: Path) -> None:
    file = save_weights(make_weights(name), tmp_path / f"{name}.safetensors")
    assert export_network(file, tmp_path / "converted.onnx") == multiple
    network = describe(make_weights(name))
    for height, width in ((64, 64), (32, 128)):
        compare(network, tmp_path / "converted.onnx", make_picture(height, width))


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_network_that_is_added_does_what_it_does_in_pytorch(suffix: str, tmp_path: Path, cache: Path) -> None:
    """Also with sides that its windows do not divide."""
    weights, folder = make_weights("swinir"), tmp_path / "models"
    own = add(save_weights(weights, tmp_path / f"2x-Windows{suffix}"), folder)
    assert (own.name, own.suffix, own.native_scale, own.multiple) == ("2x-windows", ".onnx", 2, 16)
    assert [file.suffix for file in (folder / own.name).iterdir() if file.stem == own.digest] == [".onnx"]
    spec = own.spec(folder)
    network = OpenVinoNetwork(spec, scale=2, weights=INSTALLED.find(spec.weights), cache=cache, threads=2)
    for width, height, least in ((48, 32, 60), (45, 27, 40)):
        picture = photo(width, height)
        output = padded(network)(np.asarray(picture / 255, np.float32))
        assert psnr(output, run_in_torch(weights, picture), full=1) >= least


def test_weights_in_half_floats_are_run_in_whole_ones(tmp_path: Path) -> None:
    weights = {name: values.half() for name, values in make_weights("compact").items()}
    export_network(save_weights(weights, tmp_path / "half.pth"), tmp_path / "half.onnx")
    compare(describe(weights), tmp_path / "half.onnx", make_picture(48, 40))


@pytest.mark.parametrize(
    ("minimum", "multiple_of", "least"), [(0, 1, 1), (2, 1, 2), (16, 1, 16), (0, 8, 8), (40, 4, 64), (64, 64, 64)]
)
def test_the_sides_that_a_network_requires_become_a_multiple(minimum: int, multiple_of: int, least: int) -> None:
    assert find_multiple(spandrel.SizeRequirements(minimum=minimum, multiple_of=multiple_of)) == least


@pytest.mark.parametrize(
    ("requirements", "says"),
    [
        ({"square": True}, "it takes square pictures only"),
        ({"minimum": 512}, "only sides of at least 512 that are multiples of 1"),
        ({"multiple_of": 128}, "only sides of at least 0 that are multiples of 128"),
        ({"multiple_of": 12}, "multiples of 12"),
    ],
)
def test_sides_that_tiles_cannot_have_are_refused(requirements: dict[str, Any], says: str) -> None:
    with pytest.raises(EngineUnavailable, match=says):
        find_multiple(spandrel.SizeRequirements(**requirements))


def test_another_networks_output_is_noticed(tmp_path: Path) -> None:
    export_network(save_weights(make_weights("compact"), tmp_path / "a.pth"), tmp_path / "a.onnx")
    with pytest.raises(EngineUnavailable, match=r"does not do the same .* of 48x40 \(\d+ dB, and 60 are needed\)"):
        compare(describe(make_weights("compact", seed=1)), tmp_path / "a.onnx", make_picture(40, 48))


def _without_numbers(file: Path) -> None:
    weights = make_weights("compact")
    next(iter(weights.values())).fill_(float("nan"))
    save_weights(weights, file)


def _misfit(file: Path) -> None:
    weights = make_weights("compact")
    name = next(name for name, values in weights.items() if values.ndim == 4)
    save_weights(weights | {name: weights[name][:, :, :1]}, file)


def _cut(file: Path) -> None:
    save_weights(make_weights("compact"), file)
    file.write_bytes(file.read_bytes()[:2000])


def _script(file: Path) -> None:
    torch.jit.save(torch.jit.trace(torch.nn.Conv2d(3, 3, 1), torch.zeros(1, 3, 4, 4)), file)


def _foreign_zip(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "no network")


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda file: torch.save({"a.weight": torch.zeros(3)}, file), "is not one of those that spandrel knows"),
        (lambda file: torch.save({}, file), "is not one of those that spandrel knows"),
        (lambda file: torch.save(torch.zeros(3), file), "no weights with their names"),
        (
            lambda file: torch.save({"net": torch.nn.Conv2d(3, 3, 1)}, file),
            r"more than weights \(torch\.nn\.modules\.conv",
        ),
        (lambda file: save_weights(make_weights("grey"), file), "takes 1 channels and makes 1, and three each"),
        (lambda file: save_weights(make_weights("safmn"), file), "cannot export its architecture, SAFMN, to ONNX"),
        (lambda file: file.write_bytes(b""), "its file is damaged, or no .pth file"),
        (lambda file: file.write_bytes(b"not a network"), "its file is damaged"),
        (_without_numbers, "0 dB, and 60 are needed"),
        (_misfit, "do not fit the architecture"),
        (_cut, "its file is damaged"),
        (_script, "its file is damaged"),
        (_foreign_zip, "its file is damaged"),
    ],
)
def test_what_is_no_such_network_is_refused_in_a_sentence(
    write: Callable[[Path], Any], says: str, tmp_path: Path
) -> None:
    write(tmp_path / "a.pth")
    with pytest.raises(EngineUnavailable, match=says):
        export_network(tmp_path / "a.pth", tmp_path / "a.onnx")


def test_damaged_safetensors_are_refused(tmp_path: Path) -> None:
    buffer = save_weights(make_weights("compact"), tmp_path / "a.safetensors").read_bytes()
    for content in (b"", buffer[:1000], b"\xff" * 64, buffer[::-1]):
        (tmp_path / "a.safetensors").write_bytes(content)
        with pytest.raises(EngineUnavailable, match=r"damaged, or no \.safetensors file"):
            export_network(tmp_path / "a.safetensors", tmp_path / "a.onnx")
