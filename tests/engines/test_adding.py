"""Networks of the user's own come into their folder whole, under a name that is safe, or not at all."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from enlarger.engines.adding import add, remove
from enlarger.engines.own_models import RECORD, find, read
from enlarger.engines.weights.files import INSTALLED
from enlarger.errors import EngineUnavailable, InvalidInput
from tests.engines.tiny_networks import convolution, deconvolution, keeping, repeating, write_network
from tests.engines.tiny_onnx import write_repeating_onnx
from tests.waiting import until

pytestmark = pytest.mark.integration  # a trial is a process of its own


def test_networks_are_added_listed_and_removed(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    pair = write_network(tmp_path, [deconvolution(repeating(2), stride=2)], "4x Über_Sharp")
    write_repeating_onnx(tmp_path / "twice.ONNX", 2)
    assert read(folder) == {}
    added = add(pair.param, folder)
    assert (added.name, added.suffix, added.native_scale) == ("4x-ber_sharp", ".param", 2)
    assert add(tmp_path / "twice.ONNX", folder).native_scale == 2
    assert add(pair.bin, folder, "by-its-bin").digest == added.digest
    assert list(read(folder)) == ["4x-ber_sharp", "by-its-bin", "twice"]
    assert find("4x-ber_sharp", folder) == added
    files = INSTALLED.find(added.spec(folder).weights)
    assert (files.param.read_bytes(), files.bin.read_bytes()) == (pair.param.read_bytes(), pair.bin.read_bytes())
    remove("twice", folder)
    remove("by-its-bin", folder)
    assert list(read(folder)) == [path.name for path in folder.glob("[!.]*")] == ["4x-ber_sharp"]
    assert find("twice", folder) is None


def test_another_network_under_the_same_name_is_told_apart(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    first = add(write_network(tmp_path, [deconvolution(repeating(2), stride=2)], "sharp").param, folder)
    with pytest.raises(EngineUnavailable, match=r"There is a network sharp already: .*`enlarger models remove sharp`"):
        add(tmp_path / "sharp.param", folder)
    remove("sharp", folder)
    second = add(write_network(tmp_path, [deconvolution(repeating(2) * 0.5, stride=2)], "sharp").param, folder)
    assert first.spec(folder).name != second.spec(folder).name
    with pytest.raises(EngineUnavailable, match="has been removed or replaced"):  # for who has read the old record
        INSTALLED.find(first.spec(folder).weights)


@pytest.mark.parametrize("name", ["", "Sharp", "a/b", "../x", ".x", "a b", "x" * 65])
def test_a_name_that_cannot_be_a_folders_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"^--name .*cannot be a name: use at most 64 of a to z"):
        add(tmp_path / "x.onnx", tmp_path, name)


def test_what_is_refused_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    (tmp_path / "bad.param").write_text("not a network")
    with pytest.raises(EngineUnavailable, match=r"there is no file .*bad\.bin"):
        add(tmp_path / "bad.param", folder)
    (tmp_path / "bad.bin").touch()
    with pytest.raises(
        EngineUnavailable, match=r"^The network bad\.param cannot be used: bad\.param is not .*magic number\.$"
    ):
        add(tmp_path / "bad.param", folder)
    with pytest.raises(InvalidInput, match="No name can be made of"):
        add(tmp_path / "....param", folder)
    assert [path.name for path in folder.glob("*") if path.name != ".lock"] == []


async def test_a_kill_in_the_middle_leaves_no_network_and_nothing_that_stays(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    pair = write_network(tmp_path, [convolution(keeping(3), pad=1)], "slow")
    code = "import sys, pathlib, enlarger.engines.adding as it; it.add(*map(pathlib.Path, sys.argv[1:]))"
    process = subprocess.Popen([sys.executable, "-c", code, str(pair.param), str(folder)])

    async def begun() -> bool:
        return bool(list(folder.glob(".adding-*/network.bin"))) or process.poll() is not None

    await until(begun)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert read(folder) == {}
    assert list(folder.glob(".adding-*"))
    assert add(pair.param, folder).name == "slow"
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "slow"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    write_repeating_onnx(tmp_path / "x.onnx", 2)
    (tmp_path / "models").touch()
    with pytest.raises(EngineUnavailable, match=r"models cannot be written \(.*\): set ENLARGER_MODELS_DIR"):
        add(tmp_path / "x.onnx", tmp_path / "models")


@pytest.mark.parametrize("name", ["../outside", "/etc", "", ".", "nothing"])
def test_only_what_is_there_is_removed(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    write_repeating_onnx(tmp_path / "x.onnx", 2)
    own = add(tmp_path / "x.onnx", folder)
    outside = tmp_path / "outside"
    outside.mkdir()
    for forged in ("../outside", "x"):
        (outside / RECORD).write_bytes(msgspec.json.encode(msgspec.structs.replace(own, name=forged)))
        shutil.copytree(outside, folder / "forged", dirs_exist_ok=True)
        assert list(read(folder)) == ["x"]
        assert find("forged", folder) is None
        with pytest.raises(InvalidInput, match=r"There is no network .* of your own in .*; there are: x\."):
            remove(name, folder)
        assert outside.is_dir()
