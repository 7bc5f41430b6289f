"""`enlarger config`: where settings come from, and what is shown of them."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
from pathlib import Path

import pytest

from enlarger.cli import settings_file
from enlarger.cli.output import Output, Style
from enlarger.cli.service_settings import describe_settings
from enlarger.errors import ConfigurationError, InvalidInput

_KEY = "a-long-key-that-nobody-else-should-see"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    for name in ("ENLARGER_DATA_DIR", "ENLARGER_ENGINE", "ENLARGER_ALLOW_PRIVATE"):
        monkeypatch.delitem(os.environ, name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def output() -> Output:
    return Output(Style.HUMAN)


def shown(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    capsys.readouterr()
    settings_file.show(Output(Style.JSON))
    data: dict[str, dict[str, str]] = json.loads(capsys.readouterr().out)
    return data


def test_the_environment_comes_before_dotenv_and_dotenv_before_the_users_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    os.environ["KIE_BASE_URL"] = "http://environment"
    Path(".env").write_text("KIE_BASE_URL=http://dotenv\nKIE_UPLOAD_URL=http://dotenv\n")
    settings_file.config_file().write_text("KIE_BASE_URL=http://file\nKIE_UPLOAD_URL=http://file\nENLARGER_LOCALE=ru\n")
    settings_file.load_environment()
    assert shown(capsys) == {
        "KIE_BASE_URL": {"value": "http://environment", "from": "the environment"},
        "KIE_UPLOAD_URL": {"value": "http://dotenv", "from": ".env"},
        "ENLARGER_LOCALE": {"value": "ru", "from": str(settings_file.config_file())},
    }


def test_a_variable_that_is_set_to_nothing_hides_the_files() -> None:
    os.environ["KIE_API_KEY"] = ""
    settings_file.config_file().write_text(f"KIE_API_KEY={_KEY}\n")
    settings_file.load_environment()
    assert os.environ["KIE_API_KEY"] == ""


@pytest.mark.parametrize("value", [_KEY, "with ' and \" and #", "$HOME and ${HOME}", "\\n"])
def test_what_is_set_is_read_again_as_it_was(output: Output, value: str) -> None:
    settings_file.store(output, "api-key", value)
    settings_file.load_environment()
    assert os.environ["KIE_API_KEY"] == value


def test_a_symlink_to_the_users_file_stays_one(output: Output, tmp_path: Path) -> None:
    """As of those who keep their settings in a repository."""
    kept = tmp_path / "kept.env"
    kept.touch()
    settings_file.config_file().symlink_to(kept)
    settings_file.store(output, "locale", "ru")
    assert settings_file.config_file().is_symlink()
    assert "ru" in kept.read_text()
    settings_file.remove(output, "locale")
    assert settings_file.config_file().is_symlink()
    assert "ru" not in kept.read_text()


def test_the_users_file_can_be_read_by_nobody_else(output: Output) -> None:
    file = settings_file.config_file()
    settings_file.store(output, "api-key", _KEY)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    settings_file.store(output, "locale", "ru")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    settings_file.remove(output, "locale")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_setting_can_be_replaced_and_taken_out(output: Output, capsys: pytest.CaptureFixture[str]) -> None:
    settings_file.store(output, "KIE_API_KEY", "first")
    settings_file.load_environment()
    settings_file.store(output, "key", "second")
    assert "comes first" not in capsys.readouterr().err
    assert settings_file.config_file().read_text() == "KIE_API_KEY='second'\n"
    settings_file.remove(output, "api-key")
    assert settings_file.config_file().read_text() == ""
    with pytest.raises(InvalidInput, match="KIE_API_KEY is not set in"):
        settings_file.remove(output, "api-key")


def test_it_is_told_when_something_else_comes_first(output: Output, capsys: pytest.CaptureFixture[str]) -> None:
    os.environ["KIE_API_KEY"] = "another"
    settings_file.store(output, "api-key", _KEY)
    assert "the environment also sets KIE_API_KEY, and takes precedence" in capsys.readouterr().err


def test_secrets_are_not_shown(output: Output, capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in {
        "KIE_API_KEY": _KEY,
        "ENLARGER_API_KEY": "short-key",
        "KIE_WEBHOOK_KEY": _KEY,
        "KIE_PROXY": "http://user:hush-hush@proxy:3128",
        "KIE_CALLBACK_URL": "https://app/hook?token=hush-hush",
        "KIE_BASE_URL": "hush-hush, which is no URL",
    }.items():
        os.environ[name] = value
    assert {name: setting["value"] for name, setting in shown(capsys).items()} == {
        "KIE_API_KEY": "…" + _KEY[-4:],
        "ENLARGER_API_KEY": "…",
        "KIE_WEBHOOK_KEY": "…" + _KEY[-4:],
        "KIE_PROXY": "http://…@proxy:3128",
        "KIE_CALLBACK_URL": "https://app/hook?…",
        "KIE_BASE_URL": "…",
    }
    for style in (Style.HUMAN, Style.QUIET):
        settings_file.show(Output(style))
        out, err = capsys.readouterr()
        assert "hush-hush" not in out + err
        assert "short-key" not in out + err
    settings_file.store(output, "api-key", "brand-new-hush-hush-key")
    assert "hush-hush" not in "".join(capsys.readouterr())


def test_people_are_told_what_else_could_be_set(output: Output, capsys: pytest.CaptureFixture[str]) -> None:
    settings_file.show(output)
    out, err = capsys.readouterr()
    assert out == ""
    assert all(name in err for name in settings_file.VARIABLES)


@pytest.mark.parametrize(
    ("name", "variable", "value", "shown_as"),
    [
        ("host", "ENLARGER_HOST", "0.0.0.0", "0.0.0.0"),
        ("database-url", "DATABASE_URL", "postgresql://me:hush-hush@db/name", "postgresql://…@db/name"),
        ("ENLARGER_KIE_CREATES", "ENLARGER_KIE_CREATES", "10/10", "10/10"),
        ("bot-token", "BOT_TOKEN", "123456789:hush-hush-hush", "…hush"),
        ("storage-url", "ENLARGER_STORAGE_URL", "s3://bucket/folder", "s3://bucket/folder"),
        ("models-off", "ENLARGER_MODELS_OFF", "video,sora-2", "video,sora-2"),
    ],
)
def test_settings_of_a_service_are_kept_and_shown_as_well(
    output: Output, capsys: pytest.CaptureFixture[str], name: str, variable: str, value: str, shown_as: str
) -> None:
    settings_file.store(output, name, value)
    settings_file.load_environment()
    assert os.environ[variable] == value
    assert shown(capsys)[variable] == {"value": shown_as, "from": str(settings_file.config_file())}


def test_every_setting_of_a_service_can_be_named(output: Output, capsys: pytest.CaptureFixture[str]) -> None:
    settings_file.show(output, everything=True)
    listed = capsys.readouterr().err
    for variable, setting in describe_settings().items():
        assert variable in settings_file.all_variables()
        assert f"  {variable}: " in listed
        assert setting.text.endswith("."), f"{setting.field} has no text"


def test_the_nearest_name_is_suggested(output: Output) -> None:
    with pytest.raises(InvalidInput, match=r"results-dais is not a setting\. Did you mean ENLARGER_RESULTS_DAYS\?"):
        settings_file.store(output, "results-dais", "3")


def test_a_value_comes_from_stdin_where_there_is_no_terminal(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{_KEY}\n"))
    settings_file.store(output, "api-key", None)
    assert _KEY in settings_file.config_file().read_text()
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(InvalidInput, match="give one line of text"):
        settings_file.store(output, "api-key", None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("no-such-thing", "x"),
        ("api-key", "two\nlines"),
        ("base-url", "example.com"),
        ("callback-url", "http://"),
        ("proxy", "proxy:3128"),
        ("max-polls", "many"),
        ("polling-interval", "0"),
        ("locale", "fr"),
        ("port", "x"),
        ("results-days", "-1"),
        ("http-status", "418"),
        ("bot-public-url", "bot.example.com"),
        ("kie-creates", "often"),
    ],
)
def test_what_cannot_be_is_refused_and_not_kept(output: Output, name: str, value: str) -> None:
    with pytest.raises(InvalidInput):
        settings_file.store(output, name, value)
    assert not settings_file.config_file().exists()


def test_a_file_that_cannot_be_used_is_one_sentence(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    settings_file.config_file().write_bytes(b"KIE_API_KEY=\xff\n")
    with pytest.raises(ConfigurationError, match="cannot be read: it is not UTF-8 text"):
        settings_file.load_environment()
    monkeypatch.setitem(os.environ, "ENLARGER_CONFIG", str(settings_file.config_file() / "below"))
    with pytest.raises(ConfigurationError, match="cannot be written"):
        settings_file.store(output, "api-key", _KEY)
