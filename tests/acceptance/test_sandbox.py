"""`enlarger up --sandbox` as a process on a machine without a network: what the guides show works as it is printed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from enlarger import KieApiClient
from enlarger.catalog import Model, list_models
from enlarger.catalog.schema import example
from tests.acceptance.conftest import Start
from tests.acceptance.services import Served, service_folder, serving
from tests.client.test_first_documents import DIRECT, FIRST, execute
from tests.conftest import MakePhoto
from tests.docs.pages import run_page
from tests.pictures import load

_ROOT = Path(__file__).parents[2]
_NO_NETWORK = """
import os, sys

def refuse(event, arguments):
    if event == "socket.connect":
        place = arguments[1]
    elif event == "socket.getaddrinfo":
        place = arguments
    else:
        return
    if isinstance(place, tuple) and place[0] not in (None, "localhost") and not str(place[0]).startswith("127."):
        with open(os.environ["REFUSED"], "a") as file:
            print(event, place[0], file=file)
        raise OSError(101, "Network is unreachable")

sys.addaudithook(refuse)
"""


@contextmanager
def offline(used_before: Path) -> Iterator[Served]:
    """A sandbox that cannot leave this machine."""
    with service_folder("sandbox", used_before) as folder:
        (folder / "offline").mkdir()
        (folder / "offline" / "sitecustomize.py").write_text(_NO_NETWORK)
        settings = {"PYTHONPATH": str(folder / "offline"), "REFUSED": str(folder / "refused")}
        with serving(folder, "--sandbox", ENLARGER_SANDBOX_SECONDS="0", **settings) as served:
            yield served


@pytest.fixture(scope="session")
def sandbox_process(used_before: Path) -> Iterator[Served]:
    """A sandbox, shared by the tests that check which connections it tried to make."""
    with offline(used_before) as served:
        yield served


@pytest.fixture(scope="session")
def guides_process(used_before: Path) -> Iterator[Served]:
    """Another one for the guides, whose callbacks go to other machines: it retries those for days."""
    with offline(used_before) as served:
        yield served


@pytest.fixture
def sandbox(sandbox_process: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The shared sandbox; clients find it, and this test's folder is the working directory."""
    visit(sandbox_process, tmp_path, monkeypatch)
    yield sandbox_process
    sys.stderr.write(sandbox_process.log)  # shown with a failure


@pytest.fixture
def guides(guides_process: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The same with the sandbox for the guides."""
    visit(guides_process, tmp_path, monkeypatch)
    yield guides_process
    sys.stderr.write(guides_process.log)


def visit(served: Served, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have clients find a service, and make `folder` the working directory."""
    monkeypatch.setenv("KIE_BASE_URL", served.url)
    monkeypatch.setenv("KIE_API_KEY", served.key)
    monkeypatch.setenv("KIE_API_POLLING_INTERVAL", "0.05")
    monkeypatch.setenv("OPENAI_BASE_URL", f"{served.url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", served.key)
    monkeypatch.chdir(folder)


def refused(sandbox: Served) -> str:
    """Where the service wanted to connect to outside this machine."""
    path = sandbox.folder / "refused"
    return path.read_text() if path.exists() else ""


def names_task(model: Model) -> bool:
    """Whether a model's example is about the result of an earlier task."""
    return any("task" in (field.type, field.each) for field in model.all_forms()[0].values())


async def test_the_examples_of_the_first_guide(sandbox: Served, tmp_path: Path) -> None:
    """Also the one that edits a picture at an address elsewhere."""
    for snippet in (FIRST, DIRECT.replace('api_key="your_key"', "")):
        with redirect_stdout(StringIO()) as printed:
            await execute(snippet)
        url = printed.getvalue().split()[-1]
        async with KieApiClient() as client:
            [path] = await client.download(url, tmp_path / "results/")
        assert load(path).shape[2] == 3
        path.unlink()
    assert refused(sandbox) == ""


@pytest.mark.parametrize(
    "page", ["README.md", "docs/guides/python-sdk.md", "docs/guides/files.md", "docs/guides/openai-clients.md"]
)
async def test_the_python_of_the_guides(guides: Served, make_photo: MakePhoto, page: str) -> None:
    make_photo("photo.jpg")
    await run_page(_ROOT / page)


async def test_the_example_of_the_command_line(
    sandbox: Served, start: Start, make_photo: MakePhoto, tmp_path: Path
) -> None:
    make_photo("photo.jpg", 64, 48)
    service = {name: os.environ[name] for name in ("KIE_BASE_URL", "KIE_API_KEY")}
    arguments = ("-i", "prompt=in winter", "-i", "image_urls=@photo.jpg", "-o", "winter.png")
    command = await start("run", "google/nano-banana-edit", *arguments, **service)
    assert await command.end() == 0, command.text
    assert load(tmp_path / "winter.png").shape[2] == 3
    assert "SANDBOX (made up" in command.err[-1]
    assert refused(sandbox) == ""


async def test_the_catalogues_example_of_every_model(sandbox: Served, tmp_path: Path) -> None:
    """All but those that name an earlier task."""
    models = [model for model in list_models() if not names_task(model)]
    assert len(models) > 0.9 * len(list_models())
    async with KieApiClient(local_files=False) as client:
        handles = [await client.submit(model.id, example(model)) for model in models]
        for model, handle in zip(models, handles, strict=True):
            status = await handle.wait()
            assert status.succeeded, (model.id, status.fail_message)
    assert refused(sandbox) == ""
