"""`enlarger engines`, on the machine of the tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from enlarger.cli.app import app
from enlarger.engines.backends import BACKENDS
from enlarger.engines.choosing import Choices
from enlarger.engines.networks import NETWORKS
from enlarger.engines.record import Measurement, Record, write_record
from enlarger.engines.weights.packages import REAL_CUGAN
from enlarger.errors import InvalidInput

pytestmark = pytest.mark.integration  # a process that looks for devices


def record(cache: Path) -> None:
    """Write down measurements, as if engines had been measured on this machine."""
    measured = [
        Measurement(backend="openvino-cpu", precision="f32", device="a CPU", megapixels=1.25),
        Measurement(backend="ncnn-cpu", precision="f32", device="a CPU", megapixels=0.5, decibels=101),
        Measurement(backend="ncnn-vulkan", precision="fp16", why_not="no GPU with a Vulkan driver was found"),
    ]
    write_record(cache, Record(machine=Choices(cache)._machine, networks={"real-esrgan-fast": measured}))


def test_every_engine_and_network_is_listed_before_anything_is_measured(capfd: pytest.CaptureFixture[str]) -> None:
    ran = CliRunner().invoke(app, ["engines", "--json"])
    assert ran.exit_code == 0, ran.output
    rows = json.loads(ran.stdout)
    here = [
        name for name, spec in NETWORKS.items() if name == spec.measured_as and spec.weights.package is not REAL_CUGAN
    ]
    assert [(row["network"], row["engine"]) for row in rows] == [(n, b) for n in here for b in BACKENDS]
    assert all(row["megapixelsPerSecond"] is None and row["whyNot"] for row in rows if row["engine"] != "openvino-cpu")
    assert capfd.readouterr().err == ""  # ncnn would print its devices there


def test_what_was_measured_is_shown_with_the_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENLARGER_ENGINE")
    record(tmp_path / "data" / "cache")
    ran = CliRunner().invoke(app, ["engines", "--json"])
    rows = [row for row in json.loads(ran.stdout) if row["network"] == "real-esrgan-fast"]
    assert [(row["engine"], row["chosen"], row["whyNot"]) for row in rows] == [
        ("openvino-cpu", True, None),
        ("ncnn-cpu", False, "another one is faster"),
        ("ncnn-vulkan", False, "no GPU with a Vulkan driver was found"),
    ]
    assert rows[0]["megapixelsPerSecond"] == 1.25
    assert rows[1]["decibels"] == 101


def test_an_engine_named_by_hand_is_shown_as_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENLARGER_ENGINE", "ncnn-cpu")
    record(tmp_path / "data" / "cache")
    rows = json.loads(CliRunner().invoke(app, ["engines", "--json"]).stdout)
    assert {row["engine"] for row in rows if row["chosen"]} == {"ncnn-cpu"}


def test_the_table_has_what_runs_here_and_says_once_what_does_not(tmp_path: Path) -> None:
    record(tmp_path / "data" / "cache")
    ran = CliRunner().invoke(app, ["engines"])
    rows = [line.split() for line in ran.stdout.splitlines()[1:]]
    measured = [row[1] for row in rows if row[0] == "real-esrgan-fast"]
    assert {"openvino-cpu", "ncnn-cpu"} <= set(measured) <= {"openvino-cpu", "ncnn-cpu", "ncnn-vulkan"}
    others = [row for row in rows if row[0] != "real-esrgan-fast"]
    assert all(row[-3:] == ["not", "measured", "yet"] for row in others)
    assert len({row[0] for row in others}) == len(others)
    assert ran.stderr.count("torch-mps cannot be used here") == 1


def test_an_unknown_network_cannot_be_measured() -> None:
    ran = CliRunner().invoke(app, ["engines", "measure", "nosuch"])
    assert isinstance(ran.exception, InvalidInput)
    assert "There is no network 'nosuch': choose one of real-esrgan-x4plus" in str(ran.exception)
