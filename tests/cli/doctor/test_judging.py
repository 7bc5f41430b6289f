"""What the checks make of what they see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from enlarger.cli.doctor.database import judge_revision, judge_skew
from enlarger.cli.doctor.disk import judge_disk, nearest_folder
from enlarger.cli.doctor.engines import judge_gpus
from enlarger.cli.doctor.finding import Status
from enlarger.cli.doctor.machine import judge_open_files, read_flags
from enlarger.cli.doctor.settings import RENAMED, judge_names
from enlarger.cli.doctor.workers import judge_workers
from enlarger.engines.backend import Device
from enlarger.engines.devices import Found
from enlarger.tasks.workers import AnnouncedWorker

_GIB = 1 << 30
_KNOWN = {"ENLARGER_ROUTES", "ENLARGER_PORT", "ENLARGER_DATABASE_URL"}


@pytest.mark.parametrize(
    ("free", "inodes", "status"),
    [
        (50 * _GIB, (10**6, 10**7), Status.OK),
        (50 * _GIB, None, Status.OK),
        (2 * _GIB, (10**6, 10**7), Status.WARNING),
        (_GIB // 4, (10**6, 10**7), Status.FAILED),
        (50 * _GIB, (20_000, 10**7), Status.WARNING),
        (50 * _GIB, (10, 10**7), Status.FAILED),
    ],
)
def test_a_disk_needs_bytes_and_inodes(free: int, inodes: tuple[int, int] | None, status: Status) -> None:
    finding = judge_disk(Path("/data"), free, 100 * _GIB, inodes)
    assert finding.status is status
    assert (finding.remedy is None) is (status is Status.OK)


def test_a_folder_that_is_not_there_will_be_on_the_disk_of_the_nearest_one(tmp_path: Path) -> None:
    assert nearest_folder(tmp_path / "a" / "b") == tmp_path


@pytest.mark.parametrize(
    ("soft", "hard", "status"),
    [
        (1024, 20_000, Status.OK),  # the service raises its own
        (1024, -1, Status.OK),
        (1024, 1024, Status.WARNING),
        (128, 128, Status.FAILED),
    ],
)
def test_the_hard_limit_of_open_files_counts(soft: int, hard: int, status: Status) -> None:
    assert judge_open_files(soft, hard).status is status


def test_the_instructions_that_engines_use_are_read(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor : 0\nflags : fpu avx avx2 avx512f avx512_vnni\n\nprocessor : 1\nflags : fpu\n")
    assert read_flags(cpuinfo) == ["avx2", "avx512f", "avx512_vnni"]
    assert read_flags(tmp_path / "missing") == []


def test_a_gpu_that_engines_use_is_named_with_them() -> None:
    found = {
        "ncnn-vulkan": Found(backend="ncnn-vulkan", device=Device("RTX 4090")),
        "torch-cuda": Found(backend="torch-cuda", device=Device("RTX 4090")),
        "openvino-gpu": Found(backend="openvino-gpu", why_not="no GPU"),
    }
    finding = judge_gpus(found, ["/dev/nvidia0"])
    assert (finding.status, finding.found) == (Status.OK, "RTX 4090 (ncnn-vulkan, torch-cuda).")


def test_a_gpu_that_no_engine_can_use_is_a_warning_with_the_reasons() -> None:
    software = Device("llvmpipe", chosen_by_itself=False)
    found = {
        "ncnn-vulkan": Found(backend="ncnn-vulkan", device=software),
        "openvino-gpu": Found(backend="openvino-gpu", why_not="no driver"),
    }
    finding = judge_gpus(found, ["/dev/dri/renderD128"])
    assert finding.status is Status.WARNING
    assert "/dev/dri/renderD128" in finding.found
    assert "openvino-gpu: no driver" in finding.found
    assert judge_gpus(found, []).status is Status.OK


def test_a_schema_of_another_version_says_what_to_upgrade() -> None:
    assert judge_revision(None, "0017").status is Status.OK
    assert judge_revision("0017", "0017").status is Status.OK
    assert judge_revision("0016", "0017").status is Status.WARNING
    newer = judge_revision("0018", "0017")
    assert newer.status is Status.FAILED
    assert "Upgrade Enlarger here" in str(newer.remedy)


@pytest.mark.parametrize(
    ("skew", "words"),
    [(timedelta(seconds=90), "90.0 seconds ahead of"), (timedelta(seconds=-3.5), "3.5 seconds behind")],
)
def test_a_clock_that_is_off_is_a_warning(skew: timedelta, words: str) -> None:
    finding = judge_skew(skew, "the database's")
    assert finding.status is Status.WARNING
    assert words in finding.found
    assert judge_skew(timedelta(seconds=0.5), "the database's").status is Status.OK


def test_variables_that_nothing_reads_are_told_with_the_nearest_name() -> None:
    finding = judge_names(["ENLARGER_ROUTE", "ENLARGER_WHATEVER", "ENLARGER_PORT", "HOME"], _KNOWN)
    assert finding.status is Status.WARNING
    assert finding.found == "ENLARGER_ROUTE is not a setting; ENLARGER_WHATEVER is not a setting."
    assert finding.remedy == "Use ENLARGER_ROUTES instead of ENLARGER_ROUTE; remove ENLARGER_WHATEVER."


@pytest.mark.parametrize("name", RENAMED)
def test_an_old_name_is_told_with_the_new_one(name: str) -> None:
    finding = judge_names([name], _KNOWN)
    assert finding.status is Status.WARNING
    assert f"se {RENAMED[name]}" in str(finding.remedy)


def worker(**changes: object) -> AnnouncedWorker:
    values = {"id": "a", "name": "gpu:7", "runs_engine": True, "since": datetime.now(UTC), "silent": 1.0, **changes}
    return msgspec.convert(values, AnnouncedWorker)


@pytest.mark.parametrize(
    ("workers", "status", "says"),
    [
        ([], Status.SKIPPED, "No worker is running."),
        (
            [worker(engine="torch-cuda", device="H200", speed=12.3456)],
            Status.OK,
            "gpu:7 with torch-cuda on H200, 12.3 MP/s.",
        ),
        ([worker()], Status.OK, "gpu:7, no picture yet."),
        ([worker(runs_engine=False)], Status.OK, "gpu:7 without an engine."),
        ([worker(problem="No libraries.")], Status.WARNING, "gpu:7, whose engine cannot run (No libraries)."),
        ([worker(), worker(name="cpu:9", silent=90.0)], Status.WARNING, "Disappeared without being stopped: cpu:9."),
    ],
)
def test_workers(workers: list[AnnouncedWorker], status: Status, says: str) -> None:
    found = judge_workers(workers)
    assert found.status == status
    assert says in found.found
