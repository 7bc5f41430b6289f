"""Whose copies `enlarger upscale` removes from a service, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from enlarger.cli.session import Session
from enlarger.cli.upscale.copies import Copies
from enlarger.client.records import read_status
from enlarger.errors import NotFound, NotSupported

_RESULT = "http://here/files/result/a.png"
_STATUS = read_status(
    {"taskId": "t", "state": "success", "resultJson": f'{{"resultUrls": ["{_RESULT}"]}}', "model": "m"}
)


class Service:
    """A session that notes what it is to remove."""

    def __init__(self, *, local: bool = True, error: Exception | None = None) -> None:
        self.local = local
        self.removed: list[str] = []
        self._error = error

    async def call(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        return await work(cast(Any, SimpleNamespace(delete_file=self._delete)))

    async def _delete(self, file: str) -> None:
        self.removed.append(file)
        if self._error is not None:
            raise self._error


@pytest.fixture(autouse=True)
def _by_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """`KieApiClient.delete_file` of whatever the session gives."""
    monkeypatch.setattr("enlarger.client.KieApiClient.delete_file", lambda client, file: client.delete_file(file))


def copies(service: Service, *, keep: bool = False) -> Copies:
    return Copies(cast(Session, service), keep=keep)


async def test_a_result_and_its_inputs_are_removed_once() -> None:
    service = Service()
    await copies(service).remove(_STATUS, ["http://here/files/in/a.png", "http://here/files/in/a.png"])
    assert service.removed == [_RESULT, "http://here/files/in/a.png"]


async def test_a_result_that_another_picture_needs_stays_until_that_one_has_it() -> None:
    service = Service()
    both = copies(service)
    with both.using("t"):
        with both.using("t"):
            pass
        await both.remove(_STATUS, ["one"])
        assert service.removed == ["one"]
    await both.remove(_STATUS, ["two"])
    assert service.removed == ["one", _RESULT, "two"]


async def test_of_two_pictures_that_end_together_one_removes_the_result() -> None:
    service = Service()
    both = copies(service)
    with both.using("t"), both.using("t"):
        pass
    await asyncio.gather(both.remove(_STATUS, ["one"]), both.remove(_STATUS, ["two"]))
    assert {_RESULT, "one", "two"} == set(service.removed)


@pytest.mark.parametrize(("local", "keep"), [(False, False), (True, True)])
async def test_a_service_elsewhere_and_copies_that_are_wanted_are_left_alone(local: bool, keep: bool) -> None:
    service = Service(local=local)
    await copies(service, keep=keep).remove(_STATUS, ["one"])
    assert not service.removed


@pytest.mark.parametrize("error", [NotFound("It is gone"), NotSupported("It cannot")])
async def test_what_cannot_be_removed_is_no_error(error: Exception) -> None:
    service = Service(error=error)
    await copies(service).remove(_STATUS, ["one"])
    assert service.removed == [_RESULT, "one"]
