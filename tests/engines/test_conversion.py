"""PyTorch's files are converted by packages that the user brings, and no code that they hold is run."""

from __future__ import annotations

import pickle
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from enlarger.engines.adding import add
from enlarger.engines.torch.conversion import PYTORCH, convert
from enlarger.engines.trial import network_files
from enlarger.errors import EngineUnavailable

pytestmark = pytest.mark.integration  # a conversion is a process of its own

PACKAGES = ("torch", "spandrel", "onnx")
_COMPLETE = all(find_spec(name) for name in PACKAGES)


class Malice:
    """Pickled, it is a program that makes a folder when it is loaded."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[object, ...]:
        import os

        return os.mkdir, (str(self._folder),)


@pytest.mark.parametrize("suffix", PYTORCH)
@pytest.mark.parametrize("missing", [PACKAGES, ("spandrel", "onnx"), ("onnx",)])
def test_missing_packages_are_named_with_the_command_that_installs_them(
    missing: tuple[str, ...], suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in PACKAGES:
        monkeypatch.setitem(sys.modules, name, None if name in missing else pytest)
    file = tmp_path / f"sharp{suffix}"
    file.touch()
    with pytest.raises(EngineUnavailable) as raised:
        network_files(file)
    said = str(raised.value)
    assert said.startswith(f"The file sharp{suffix} is PyTorch's, and converting it needs packages that do not come")
    assert f"install {' '.join(missing)}`" in said.replace(f" --python {sys.executable}", "")
    assert sys.executable in said


def test_files_that_are_too_large_or_not_there_are_refused_as_others_are(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"there is no file .*none\.pth"):
        network_files(tmp_path / "none.pth")
    (tmp_path / "large.pth").write_bytes(b"x" * 11)
    with pytest.raises(EngineUnavailable, match="more than 0 MiB"):
        network_files(tmp_path / "large.pth", most_bytes=10)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_code_in_a_file_is_not_run(suffix: str, tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    file = tmp_path / f"sharp{suffix}"
    file.write_bytes(pickle.dumps({"params": Malice(proof)}, protocol=2))
    says = "packages that do not come with Enlarger"
    if _COMPLETE:
        says = "its file is damaged" if suffix == ".safetensors" else r"holds more than weights \(posix\.mkdir\)"
    with pytest.raises(EngineUnavailable, match=says):
        add(file, tmp_path / "models")
    assert not proof.exists()
    pickle.loads(file.read_bytes())
    assert proof.exists()  # or nothing was shown


def test_a_conversion_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    (tmp_path / "sharp.pth").touch()
    with pytest.raises(EngineUnavailable, match=r"^The network sharp\.pth cannot be used: converting it to ONNX took "):
        convert(tmp_path / "sharp.pth", tmp_path / "sharp.onnx", seconds=0.01)
