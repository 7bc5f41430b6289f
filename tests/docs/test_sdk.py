"""The SDK's guides and references say what the SDK does."""

from __future__ import annotations

import inspect
import json
import re

import msgspec
from scripts import write_errors, write_python

import enlarger
from enlarger import KieApiClient, errors, interior, testing
from enlarger.cli.exit_codes import exit_code
from enlarger.client.options import VARIABLES
from enlarger.protocol.records import TaskRecord, encode_callback
from enlarger.server.new_task import LONGEST_KEY
from enlarger.worker.sweep import IDEMPOTENCY_DAYS
from tests.docs.pages import ROOT, found, rows, words_of


def test_every_option_of_the_sdk_is_described() -> None:
    described = rows(ROOT / "docs/guides/python-sdk.md")
    taken = inspect.signature(KieApiClient).parameters
    assert set(taken) <= set(described)
    for name, variable in VARIABLES.items():
        assert described[name][0].strip("`") == variable


def test_every_method_of_the_client_is_described() -> None:
    pages = (ROOT / "docs/guides/python-sdk.md").read_text() + (ROOT / "docs/guides/files.md").read_text()
    methods = {name for name, _ in inspect.getmembers(KieApiClient, inspect.isfunction) if not name.startswith("_")}
    assert not [name for name in methods if not re.search(rf"\b{name}\b", pages)]


def test_everything_public_is_in_the_reference() -> None:
    shown: dict[str, set[str]] = {}
    for module, names in write_python.SECTIONS.values():
        shown.setdefault(module, set()).update(names)
    public = {name for name in enlarger.__all__ if not hasattr(errors, name)} - {"__version__"}
    assert shown["enlarger"] == public
    assert shown["enlarger.testing"] == set(testing.__all__)
    assert shown["enlarger.interior"] >= set(interior.__all__)


def test_every_error_of_a_client_says_whether_a_retry_is_safe() -> None:
    described = rows(write_errors.PAGE)
    for kind in write_errors.of_clients():
        words, retry = described[kind.__name__][1:]
        assert words, kind
        assert retry, kind
        assert "Retry: " in str(kind.__doc__), kind


def test_how_long_an_idempotency_key_lives() -> None:
    page = words_of("docs/guides/errors-and-retries.md")
    assert int(found(r"(\d+) days after the task was created", page)[0]) == IDEMPOTENCY_DAYS
    assert int(found(r"1 to (\d+) characters", page)[0]) == LONGEST_KEY


def test_exit_codes_that_the_guide_explains() -> None:
    page = (ROOT / "docs/guides/errors-and-retries.md").read_text()
    explained = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    kinds = {errors.ServiceUnavailable, errors.WaitTimeout, errors.SubmissionUnknown}
    assert explained == {exit_code(kind("x")) for kind in kinds}


def test_the_body_of_a_callback() -> None:
    (shown,) = found(r"## The body ```json (.+?) ```", words_of("docs/guides/callbacks.md"))
    given = json.loads(shown)
    read = msgspec.convert(given["data"], TaskRecord)
    assert encode_callback(read) == given
    assert list(encode_callback(read)["data"]) == list(given["data"])
    assert read.enlarger
