"""PyTorch's files on the command line: added once, and then used as every network is, without PyTorch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.acceptance.conftest import Start
from tests.engines.torch_networks import make_weights, run_in_torch, save_weights
from tests.pictures import load, photo, psnr, save


@pytest.mark.filterwarnings("ignore")  # PyTorch's own
@pytest.mark.parametrize(
    ("name", "file", "scale"),
    [("compact", "sharp.pth", 2), ("nafnet", "sharp.safetensors", 1), ("cleaning", "sharp.ckpt", 1)],
)
async def test_a_picture_is_made_as_pytorch_makes_it(
    name: str, file: str, scale: int, start: Start, tmp_path: Path
) -> None:
    weights = make_weights(name)
    save_weights(weights, tmp_path / file)
    added = await start("models", "add", file, "--json")
    assert await added.end() == 0, added.text
    assert json.loads("".join(added.out))["scale"] == scale
    picture = photo(48, 32)
    save(picture, tmp_path / "a.png")
    made = await start("upscale", "a.png", "-m", "own/sharp", "--engine", "openvino-cpu", "-o", "made.png")
    assert await made.end() == 0, made.text
    expected = (run_in_torch(weights, picture) * 255).round()
    assert psnr(load(tmp_path / "made.png"), expected) >= 55  # the file has whole numbers
