"""A server that speaks S3, as a process of its own, and buckets in it."""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

SECRET = "the-secret-key-of-the-tests"
S3 = pytest.mark.xdist_group("s3_server")
"""Marks what needs the server, so that it is started once."""

_START_SECONDS = 60.0
_RUNNING = "Running on "


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The URL of a server that lives as long as the test process."""
    with tempfile.TemporaryDirectory(prefix="enlarger-s3-") as folder:
        log = Path(folder) / "log"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
            try:
                yield _url(log, process)
            finally:
                process.terminate()


def _url(log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while _RUNNING not in (said := log.read_text()):
        assert process.poll() is None, said
        assert time.monotonic() < deadline, said
        time.sleep(0.02)
    return said.split(_RUNNING, 1)[1].split()[0]


@pytest.fixture(scope="session")
def bucket_names() -> Iterator[str]:
    return (f"bucket-{number}" for number in itertools.count())


@pytest.fixture
def bucket(s3_server: str, bucket_names: Iterator[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """A new bucket's name; the environment says where it is."""
    name = next(bucket_names)
    httpx2.put(f"{s3_server}/{name}", trust_env=False, timeout=_START_SECONDS).raise_for_status()
    for variable, value in {
        "AWS_ENDPOINT_URL": s3_server,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }.items():
        monkeypatch.setenv(variable, value)
    return name


def keys_in(s3_server: str, bucket: str) -> list[str]:
    """What is in a bucket, asked without our own code."""
    listing = httpx2.get(f"{s3_server}/{bucket}", trust_env=False).text
    return [part.split("</Key>", 1)[0] for part in listing.split("<Key>")[1:]]
