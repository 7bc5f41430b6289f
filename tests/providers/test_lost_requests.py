"""Of a request that failed, only that is refused which surely never left; whatever else may have been paid for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from enlarger.client.effects import NoAnswer, NotSent
from enlarger.client.http import translate
from enlarger.errors import AcceptanceUnknown, SubmissionRefused
from tests.providers import fal_rig, kie_rig, replicate_rig

NEVER_LEFT = {
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
}
MAY_HAVE_LEFT = {
    *(httpx2.CloseError, httpx2.ReadError, httpx2.WriteError, httpx2.NetworkError),
    *(httpx2.ReadTimeout, httpx2.WriteTimeout, httpx2.TimeoutException),
    *(httpx2.LocalProtocolError, httpx2.RemoteProtocolError, httpx2.ProtocolError),
    *(httpx2.DecodingError, httpx2.TransportError, httpx2.RequestError, httpx2.TooManyRedirects),
    *(OSError, ConnectionResetError, BrokenPipeError, TimeoutError),
}
OpenRig = Callable[[Path], AbstractAsyncContextManager[Any]]


def test_every_error_of_a_request_is_one_or_the_other() -> None:
    known = {one for one in vars(httpx2).values() if isinstance(one, type) and issubclass(one, httpx2.RequestError)}
    assert known - NEVER_LEFT - MAY_HAVE_LEFT <= {httpx2.SSEError}
    assert not NEVER_LEFT & MAY_HAVE_LEFT


@pytest.mark.parametrize("error", sorted(NEVER_LEFT | MAY_HAVE_LEFT, key=str), ids=lambda error: error.__name__)
def test_the_client_takes_no_lost_request_for_one_that_never_left(error: type[Exception]) -> None:
    assert isinstance(translate(error("lost")), NotSent if error in NEVER_LEFT else NoAnswer)


@pytest.mark.parametrize(
    "open_rig", [kie_rig.open_rig, replicate_rig.open_rig, fal_rig.open_rig], ids=["kie", "replicate", "fal"]
)
@pytest.mark.parametrize("error", sorted(NEVER_LEFT | MAY_HAVE_LEFT, key=str), ids=lambda error: error.__name__)
async def test_a_provider_takes_no_lost_submission_for_a_refusal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, open_rig: OpenRig, error: type[Exception]
) -> None:
    async def lose(self: object, request: httpx2.Request) -> httpx2.Response:
        raise error("lost")

    async with open_rig(tmp_path) as rig:
        monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", lose)
        with pytest.raises(SubmissionRefused if error in NEVER_LEFT else AcceptanceUnknown) as raised:
            await rig.provider.submit(rig.order())
        assert getattr(raised.value, "reason", None) == ("down" if error in NEVER_LEFT else None)
