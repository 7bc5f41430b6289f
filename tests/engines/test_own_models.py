"""Networks of the user's own come into their folder whole, under a name that is safe."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from enlarger.engines import own_models
from enlarger.errors import EngineUnavailable
from tests.engines.tiny_networks import deconvolution, repeating, write_network
from tests.engines.tiny_onnx import write_repeating_onnx

pytestmark = pytest.mark.integration  # a trial is a process of its own


def test_networks_are_added_listed_and_removed(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    pair = write_network(tmp_path, [deconvolution(repeating(2), stride=2)], "4x Über_Sharp")
    write_repeating_onnx(tmp_path / "twice.ONNX", 2)
    assert own_models.read(folder) == {}
    added = own_models.add(pair.param, folder)
    assert (added.name, added.file, added.scale) == ("4x-ber_sharp", "network.param", 2)
    assert own_models.add(tmp_path / "twice.ONNX", folder).scale == 2
    assert list(own_models.read(folder)) == ["4x-ber_sharp", "twice"]
    assert (folder / "4x-ber_sharp" / "network.bin").read_bytes() == pair.bin.read_bytes()
    with pytest.raises(EngineUnavailable, match="There is a network twice already: remove it first"):
        own_models.add(tmp_path / "twice.ONNX", folder)
    own_models.remove("twice", folder)
    assert list(own_models.read(folder)) == [path.name for path in folder.iterdir()] == ["4x-ber_sharp"]


def test_what_is_refused_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    (tmp_path / "bad.param").write_text("not a network")
    with pytest.raises(EngineUnavailable, match=r"There is no file .*bad\.bin"):
        own_models.add(tmp_path / "bad.param", folder)
    (tmp_path / "bad.bin").touch()
    with pytest.raises(
        EngineUnavailable, match=r"^The network bad\.param cannot be used: bad\.param is not .*magic number\.$"
    ):
        own_models.add(tmp_path / "bad.param", folder)
    with pytest.raises(EngineUnavailable, match="No name can be made of"):
        own_models.add(tmp_path / "....param", folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["../outside", "/etc", "", ".", "nothing"])
def test_only_what_is_there_is_removed(name: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "models").mkdir()
    record = own_models.OwnModel(name="../outside", file="../x.onnx", scale=2)
    (outside / "model.json").write_bytes(msgspec.json.encode(record))
    shutil.copytree(outside, tmp_path / "models" / "forged")
    assert own_models.read(tmp_path / "models") == {}
    with pytest.raises(EngineUnavailable, match="There is no network"):
        own_models.remove(name, tmp_path / "models")
    assert outside.is_dir()
