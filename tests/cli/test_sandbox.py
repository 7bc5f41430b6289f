"""What `enlarger upscale` says of a record, and that it takes nothing from a sandbox."""

from __future__ import annotations

import inspect
import itertools
import json
from typing import Any

import pytest

from enlarger.catalog import get_model
from enlarger.cli.commands.upscale import upscale
from enlarger.cli.result_origin import from_sandbox
from enlarger.cli.sandbox import refuse_sandbox
from enlarger.cli.session import Where, open_session
from enlarger.cli.upscale.report import describe
from enlarger.client.records import read_status
from enlarger.errors import ConfigurationError
from tests.cli.loopback import Got, Reply, serving

_MODEL = "real-esrgan/fast"


def record(**made: Any) -> Any:
    return read_status({"taskId": "a" * 32, "state": "success", "enlarger": made})


@pytest.mark.parametrize("left_out", list(itertools.product([False, True], repeat=4)), ids=str)
def test_what_a_record_does_not_tell_is_left_out(left_out: tuple[bool, ...]) -> None:
    facts: dict[str, Any] = {"network": "fast", "sourceWidth": 4, "width": 8, "seconds": 1.5}
    facts = {name: value for (name, value), out in zip(facts.items(), left_out, strict=True) if not out}
    heights = {name.replace("Width", "Height").replace("width", "height"): 3 for name in facts if "idth" in name}
    for provider in ("local", "kie", "sandbox"):
        said = describe(record(provider=provider, engine=provider, **facts, **heights))
        assert "None" not in said
        assert ("SANDBOX" in said) is (provider == "sandbox")
        assert all(line.strip(" ,") == line.strip() for line in said.splitlines())


def test_what_was_chosen_for_a_picture_is_told() -> None:
    reason = "SPAN, because the picture is free of blocks and colour noise."
    lines = describe(record(provider="local", engine="ncnn-cpu", network="span-x4", reason=reason)).splitlines()
    assert f"  auto    {reason}" in lines
    assert "auto" not in describe(record(provider="local", engine="ncnn-cpu", network="span-x4"))


def test_upscale_chooses_unless_a_model_is_named() -> None:
    assert inspect.signature(upscale).parameters["model"].default == "auto/upscale"


def test_a_record_of_another_service_is_not_the_sandboxs() -> None:
    assert not from_sandbox(read_status({"taskId": "a" * 32, "state": "success"}))
    assert not from_sandbox(record(provider="local", engine="x"))
    assert from_sandbox(record(provider="sandbox", engine="sandbox"))


@pytest.mark.parametrize(
    ("runs_on", "refused"),
    [(["sandbox"], True), (["sandbox", "local"], True), (["local", "sandbox"], False), ([], False), (None, False)],
)
async def test_a_sandbox_is_refused_before_anything_is_sent(
    runs_on: list[str] | None, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(got: Got) -> Reply:
        asked.append(got.path)
        listed = {"model": _MODEL} | ({} if runs_on is None else {"runsOn": runs_on})
        return 200, {}, json.dumps({"code": 200, "msg": "ok", "data": {"total": 1, "models": [listed]}}).encode()

    with serving(answer) as url:
        monkeypatch.setenv("ENLARGER_BASE_URL", url)
        monkeypatch.setenv("ENLARGER_API_KEY", "k")
        async with open_session(Where()) as session:
            if refused:
                with pytest.raises(ConfigurationError, match="--allow-sandbox"):
                    await refuse_sandbox(session, get_model(_MODEL))
            else:
                await refuse_sandbox(session, get_model(_MODEL))
    assert asked == ["/api/v1/models"]
