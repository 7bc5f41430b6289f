"""What a shell offers while a command is typed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from enlarger.catalog import list_models
from enlarger.cli.app import app
from enlarger.cli.completers import (
    STATES,
    complete_enlarging_model,
    complete_model,
    complete_provider,
    complete_setting,
    complete_task,
)
from enlarger.cli.settings_file import all_variables
from enlarger.protocol.records import State
from enlarger.providers.registry import PROVIDERS
from tests.own_networks import put_network

pytestmark = pytest.mark.integration  # processes of its own

_ALL = sorted(model.id for model in list_models())
_ENLARGING = sorted(
    model.id for model in list_models(kind="image", task="upscale") if model.picture_field() is not None
)


def offered(words: str) -> list[str]:
    """What bash is offered for the last of these words, which may be empty."""
    number = len(words.split(" ")) - 1
    environment = {"_ENLARGER_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(number)}
    ran = CliRunner().invoke(app, [], prog_name="enlarger", env=environment)
    return ran.output.split()


def test_the_models_are_those_of_the_catalogue() -> None:
    assert complete_model("") == _ALL
    assert complete_enlarging_model("") == _ENLARGING
    assert complete_enlarging_model("real-esrgan/x") == ["real-esrgan/x4plus", "real-esrgan/x4plus-anime"]
    assert complete_model("nothing") == []


def test_networks_of_the_users_own_are_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, folder in (("ENLARGER_DATA_DIR", tmp_path / "models"), ("ENLARGER_MODELS_DIR", tmp_path / "mine")):
        put_network(folder, folder.name)
        monkeypatch.setenv(variable, str(folder if variable == "ENLARGER_MODELS_DIR" else tmp_path))
        for words in ("upscale -m o", "models remove ", "models show own/"):
            assert offered(f"enlarger {words}") == [f"own/{folder.name}"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("enlarger upscale -m ", _ENLARGING),
        ("enlarger upscale --model topaz", ["topaz/image-upscale"]),
        ("enlarger upscale photo.jpg -m real-esrgan/f", ["real-esrgan/fast"]),
        ("enlarger models show ", _ALL),
        ("enlarger run ", _ALL),
        ("enlarger quote real-esrgan/f", ["real-esrgan/fast"]),
        ("enlarger list --model real-esrgan/f", ["real-esrgan/fast"]),
        ("enlarger upscale photo", []),  # which leaves files to the shell
        ("enlarger webhooks ", ["listen", "key"]),
        ("enlarger list --state g", ["generating"]),
        ("enlarger upscale -f ", ["1", "1.5", "2", "3", "4", "8", "16"]),
        ("enlarger upscale --engine ncnn-", ["ncnn-cpu", "ncnn-cpu-bf16", "ncnn-vulkan"]),
        ("enlarger upscale --format t", ["tiff"]),
        ("enlarger models --kind v", ["video"]),
        ("enlarger models --task upsc", ["upscale"]),
        ("enlarger models --provider ", [*PROVIDERS]),
        ("enlarger config set KIE_B", ["KIE_BASE_URL"]),
        ("enlarger config unset enlarger-loc", ["enlarger-locale"]),
        ("enlarger providers check r", ["replicate"]),
        ("enlarger budgets set a", ["account"]),
        ("enlarger completion z", ["zsh"]),
    ],
)
def test_what_is_offered(words: str, expected: list[str]) -> None:
    assert offered(words) == expected


def test_what_is_offered_is_all_there_is() -> None:
    assert complete_provider("") == [*PROVIDERS]
    assert set(STATES) == set(get_args(State))
    assert complete_task("") == sorted({task for model in list_models() for task in model.tasks})
    assert complete_setting("") == all_variables()


def test_commands_and_options_are_offered() -> None:
    assert {"upscale", "up", "models"} <= set(offered("enlarger "))
    assert {"--json", "--quiet", "--overwrite"} <= set(offered("enlarger upscale --"))


def test_a_setting_that_is_wrong_does_not_get_into_the_way(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe")
    environment = {"_ENLARGER_COMPLETE": "complete_bash", "COMP_WORDS": "enlarger upsc", "COMP_CWORD": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv = ['enlarger']; from enlarger.cli import main; main()"],
        env={**os.environ, **environment},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("upscale\n", "")


@pytest.mark.parametrize(
    ("shell", "starts"),
    [("bash", "_enlarger_completion() {"), ("zsh", "#compdef enlarger"), ("fish", "complete --command enlarger"),
     ("powershell", "Import-Module PSReadLine")],
)  # fmt: skip
def test_the_script_is_printed_for_any_shell(shell: str, starts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = CliRunner().invoke(app, ["completion", shell], prog_name="enlarger")
    assert shown.exit_code == 0
    assert shown.stdout.startswith(starts)
    assert "_ENLARGER_COMPLETE" in shown.stdout
    told = CliRunner().invoke(app, ["completion", shell, "--json"], prog_name="enlarger")
    assert json.loads(told.stdout) == {"shell": shell, "script": shown.stdout.strip()}
    assert "_ENLARGER_COMPLETE" not in os.environ
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=shown.stdout, text=True, capture_output=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_answered_as_they_ask(shell: str) -> None:
    environment = {
        "_ENLARGER_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": "enlarger upscale -m real-esrgan/f",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    answered = CliRunner().invoke(app, [], prog_name="enlarger", env=environment).output
    assert "real-esrgan/fast" in answered
    assert "topaz" not in answered


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_script_works_in_bash(tmp_path: Path) -> None:
    folder = Path(sys.executable).parent
    script = tmp_path / "completion.sh"
    shown = subprocess.run([folder / "enlarger", "completion", "bash"], capture_output=True, text=True, check=True)
    script.write_text(
        shown.stdout
        + "\nCOMP_WORDS=(enlarger upscale -m real-esrgan/f)\nCOMP_CWORD=3\n"
        + '_enlarger_completion enlarger\necho "${COMPREPLY[@]}"\n'
    )
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    ran = subprocess.run(["bash", script], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "real-esrgan/fast"


def test_the_help_tells_how_to_have_it() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    assert "--install-completion" in shown
    assert "--show-completion" in shown
