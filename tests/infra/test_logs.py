from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import structlog

from enlarger.infra.logs import set_up_logs


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_urls_and_keys_that_others_say_are_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("debug")
    library = logging.getLogger("library")
    library.debug("GET https://me:secret@a.example:5/bot-secret/b.png?c=secret#secret HTTP/1.1")
    library.warning("connecting to %s", "postgresql://me:secret@b.example/d?password=secret")
    library.warning("headers {'Authorization': 'Bearer secret', 'x': 'enl_secret'} whsec_secret")
    try:
        raise ValueError("invalid input for query argument $7: 'https://c.example/hook?token=secret'")
    except ValueError:
        structlog.get_logger("ours").exception("request_crashed", path="/a", url={"of": ["http://d.example?secret"]})
    lines = logged(capsys)
    assert "secret" not in str(lines)
    assert [line["event"] for line in lines] == [
        "GET https://a.example:5/… HTTP/1.1",
        "connecting to postgresql://b.example/…",
        "headers {'Authorization': 'Bearer ***', 'x': 'enl_***'} whsec_***",
        "request_crashed",
    ]
    assert "Traceback" in lines[3]["exception"]
    assert "argument $7: 'https://c.example/…'" in lines[3]["exception"]
    assert lines[3]["url"] == {"of": ["http://d.example/…"]}


def test_what_is_no_secret_stays_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info")
    said = {"reason": "The host http://a.example:80, port 80, is: gone", "size": 5, "task_ids": ["5f48"], "at": None}
    structlog.get_logger("ours").info("said", **said)
    (line,) = logged(capsys)
    assert {name: line[name] for name in said} == said
