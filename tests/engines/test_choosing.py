"""The engine is chosen by measurement, once a machine; what crashes, hangs or is wrong is not chosen."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from enlarger.engines.backend import Backend, this_cpu
from enlarger.engines.choosing import Choices
from enlarger.engines.networks import NETWORKS
from enlarger.engines.record import Measurement
from enlarger.errors import EngineUnavailable
from tests.engines.fakes import FAKES, MEASURER, fake, right
from tests.own_networks import put_network

pytestmark = pytest.mark.integration  # processes of their own

_SPEC = NETWORKS["real-esrgan-fast"]
_MEMORY = 4 << 30
MakeChoices = Callable[..., Choices]


@pytest.fixture
def choices(tmp_path: Path) -> MakeChoices:
    """Makes choices between fakes, all with one cache folder: `choices("steady", "quick")`."""

    def make(*names: str, measurer: str = MEASURER, patience: float = 60) -> Choices:
        backends = {name: FAKES[name] for name in names}
        return Choices(tmp_path / "cache", backends=backends, measurer=measurer, patience=patience)

    return make


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many backends have been loaded, in whatever process."""
    log = tmp_path / "log"
    monkeypatch.setenv("FAKE_LOG", str(log))
    return lambda: len(log.read_text().splitlines()) if log.exists() else 0


def names(backends: list[Backend]) -> list[str]:
    return [backend.name for backend in backends]


def test_the_fastest_is_first_and_is_measured_once(choices: MakeChoices, loaded: Callable[[], int]) -> None:
    assert names(choices("steady", "quick").ranked(_SPEC, memory=_MEMORY)) == ["quick", "steady"]
    assert loaded() == 2
    steady, quick = choices("steady", "quick").known(_SPEC)
    assert (steady.device, steady.precision, steady.decibels) == ("fake", "f32", None)
    assert quick.decibels == 200
    assert (quick.megapixels or 0) > (steady.megapixels or 0) > 0
    assert names(choices("steady", "quick").ranked(_SPEC, memory=_MEMORY)) == ["quick", "steady"]
    assert loaded() == 2


def test_networks_with_the_same_layers_are_measured_once(choices: MakeChoices, loaded: Callable[[], int]) -> None:
    """waifu2x's levels differ in their weights alone."""
    levels = [NETWORKS[f"waifu2x-denoise-{level}"] for level in "3012"]
    for spec in levels:
        assert names(choices("steady", "quick").ranked(spec, memory=_MEMORY)) == ["quick", "steady"]
    assert loaded() == 2


def test_it_is_measured_anew_when_the_machine_is_another(
    choices: MakeChoices, loaded: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    choices("steady").ranked(_SPEC, memory=_MEMORY)
    monkeypatch.setenv("VK_DRIVER_FILES", "other")  # devices are looked for again, and are the same
    choices("steady").ranked(_SPEC, memory=_MEMORY)
    assert loaded() == 1
    monkeypatch.setenv("FAKE_DEVICE", "new")
    monkeypatch.setenv("VK_DRIVER_FILES", "new")
    choices("steady").ranked(_SPEC, memory=_MEMORY)
    assert loaded() == 2
    assert choices("steady").known(_SPEC)[0].device == "new"


def test_engines_that_are_close_run_twice_and_their_better_turn_counts(
    choices: MakeChoices, loaded: Callable[[], int], tmp_path: Path
) -> None:
    """Other work that slows the machine down for a moment does not decide which engine is used from then on."""
    ranked = choices("steady", "slowed").ranked(_SPEC, memory=_MEMORY)
    assert names(ranked) == ["slowed", "steady"]
    assert loaded() == 4


def test_damaged_files_are_made_anew(choices: MakeChoices, tmp_path: Path) -> None:
    choices("steady").ranked(_SPEC, memory=_MEMORY)
    for file in (tmp_path / "cache").glob("*.json"):
        file.write_bytes(file.read_bytes()[:30])
    assert choices("steady").known(_SPEC) == []
    assert names(choices("steady").ranked(_SPEC, memory=_MEMORY)) == ["steady"]
    assert len(choices("steady").known(_SPEC)) == 1


def test_two_that_need_it_at_once_measure_once(choices: MakeChoices, loaded: Callable[[], int]) -> None:
    with ThreadPoolExecutor() as threads:
        both = [threads.submit(choices("steady").ranked, _SPEC, memory=_MEMORY) for _ in range(2)]
        assert [names(one.result()) for one in both] == [["steady"], ["steady"]]
    assert loaded() == 1


@pytest.mark.parametrize(
    ("name", "why_not"),
    [
        ("black", "its output is .* dB from the right one, and 45 are needed"),
        ("nan", "its output has values that are not numbers"),
        ("crash", r"it crashed \(SIGKILL\)"),
        ("lost", "the device is lost"),
        ("exhausted", "The engine ran out of memory on a tile of 96x96 pixels"),
        ("missing", "there is none"),
        ("software", "a CPU is the CPU, which Vulkan presents as a GPU"),
        ("crashing-driver", r"it crashed \(SIGKILL\)"),
    ],
)
def test_what_fails_is_not_chosen_and_the_reason_is_kept(choices: MakeChoices, name: str, why_not: str) -> None:
    chosen = choices(name, "steady")
    assert names(chosen.ranked(_SPEC, memory=_MEMORY)) == ["steady"]
    assert re.match(why_not, chosen.known(_SPEC)[0].why_not or "")


def test_what_hangs_is_given_up(choices: MakeChoices) -> None:
    with pytest.raises(
        EngineUnavailable, match=r"No engine runs real-esrgan-fast.*hang: it took longer than 1 seconds"
    ):
        choices("hang", patience=1).ranked(_SPEC, memory=_MEMORY)


def test_without_any_engine_the_reasons_are_told_and_it_is_tried_again(choices: MakeChoices) -> None:
    with pytest.raises(
        EngineUnavailable, match=r"^No engine runs real-esrgan-fast on this machine: missing: there is none\.$"
    ):
        choices("missing").ranked(_SPEC, memory=_MEMORY)


def test_an_engine_chosen_by_hand_is_not_measured(choices: MakeChoices, loaded: Callable[[], int]) -> None:
    assert names(choices("steady", "quick").ranked(_SPEC, "steady", memory=_MEMORY)) == ["steady"]
    assert names(choices("steady", "software").ranked(_SPEC, "software", memory=_MEMORY)) == ["software"]
    assert loaded() == 0


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("nothing", r"^There is no engine 'nothing': choose one of steady, missing, crashing-driver\.$"),
        ("missing", r"^The engine missing does not run on this machine: there is none\.$"),
        ("crashing-driver", r"^The engine crashing-driver does not run on this machine: it crashed \(SIGKILL\)\.$"),
    ],
)
def test_an_engine_that_is_not_there_is_refused_in_a_sentence(choices: MakeChoices, wanted: str, says: str) -> None:
    with pytest.raises(EngineUnavailable, match=says):
        choices("steady", "missing", "crashing-driver").ranked(_SPEC, wanted, memory=_MEMORY)


def test_a_driver_that_crashes_hides_no_other_device(choices: MakeChoices) -> None:
    crashed, missing, gpu = choices("crashing-driver", "missing", "gpu").unmeasured()
    assert (crashed.device, crashed.why_not) == ("", "it crashed (SIGKILL)")
    assert (missing.device, missing.why_not) == ("", "there is none")
    assert (gpu.device, gpu.why_not) == ("fake", "not measured yet")


def test_ncnn_is_right_about_a_network_of_the_users_own(choices: MakeChoices, tmp_path: Path) -> None:
    """The first one in 32-bit floats is right about those that it was written for."""
    specs = [
        put_network(tmp_path / f"models{scale}", "sharp", scale).spec(tmp_path / f"models{scale}") for scale in (2, 3)
    ]
    for spec in specs:
        assert names(choices("misreading", "exact").ranked(spec, memory=_MEMORY)) == ["exact"]
        misreading, exact = choices("misreading", "exact").known(spec)
        assert (exact.decibels, "from the right one" in (misreading.why_not or "")) == (None, True)
    assert choices("misreading", "exact").known(specs[0]) == [], "another one has its name now"


def test_where_tiles_would_be_small_an_engine_that_takes_little_memory_is_faster(tmp_path: Path) -> None:
    spec = NETWORKS["real-esrgan-x4plus"]
    large = Backend(
        name="large", library="numpy", precision="f32", memory=5, find=this_cpu, load=fake("", spoil=right).load
    )
    choices = Choices(tmp_path, backends={"large": large, "steady": FAKES["steady"]})
    measured = [
        Measurement(backend="large", precision="f32", megapixels=1.5),
        Measurement(backend="steady", precision="f32", megapixels=1.0),
        Measurement(backend="steady", precision="f32", megapixels=9.0, why_not="wrong"),
    ]

    def order(memory: int) -> list[str]:
        return [one.backend for one in choices.order(measured, spec, memory)]

    assert order(8 << 30) == ["large", "steady"]
    assert order(1 << 30) == ["steady", "large"]
