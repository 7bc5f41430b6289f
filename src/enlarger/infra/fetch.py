"""Downloads files that strangers name, through the gate of `safe_http`. What is in a reply is never repeated."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Self

import httpx2

from enlarger.errors import PictureTooLarge, SourceUnavailable
from enlarger.infra.disk import Target
from enlarger.infra.safe_http import Allowed, GuardedTransport, describe, read_host, unreachable
from enlarger.protocol.content import is_packed, stream_capped

FETCH_SECONDS = 30.0
FETCH_MEGABYTES = 10.0
"""The most that is fetched; uploads may be larger where a model takes more."""

_REDIRECTS = 3
_USER_AGENT = "enlarger"
_TEXT = re.compile(r"text/[a-z-]{1,20}|application/(json|xml)")


class Fetcher:
    """Downloads pictures, and other inputs of models, by URL into files."""

    def __init__(self, allowed: Allowed, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._client = httpx2.AsyncClient(
            transport=GuardedTransport(allowed, transport),
            follow_redirects=True,
            max_redirects=_REDIRECTS,
            trust_env=False,
            headers={
                "User-Agent": _USER_AGENT,
                "Accept": "image/*, video/*, audio/*",
                "Accept-Encoding": "identity",  # a few packed bytes could unpack to more than there is memory
            },
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def fetch(self, url: str, target: Path, *, max_bytes: int, seconds: float) -> None:
        """Download `url` into the file `target`, which is not there when this fails.

        Raises SourceUnavailable when nothing usable is to be had, PictureTooLarge beyond `max_bytes`, and
        StorageUnavailable when `target` cannot be written.
        """
        place = f"The picture's host, {describe(url)},"
        received: int | None = None
        try:
            async with (
                asyncio.timeout(seconds),
                self._client.stream("GET", url, timeout=httpx2.Timeout(10, read=30)) as response,
            ):
                self._check(response, place)
                received = 0
                with Target(target) as file:
                    async for chunk in stream_capped(response, max_bytes, lambda: _too_large(place, max_bytes)):
                        received += len(chunk)
                        file.write(chunk)
        except TimeoutError:
            target.unlink(missing_ok=True)
            if received is None:
                raise unreachable(*read_host(httpx2.URL(url))) from None
            raise SourceUnavailable(f"{place} did not send the picture within {seconds:.0f} seconds.") from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            target.unlink(missing_ok=True)
            if received is not None:
                raise SourceUnavailable(
                    f"{place} broke off after {received} bytes, before the picture's end: try again, or upload it."
                ) from None
            if isinstance(error, httpx2.TransportError):
                raise unreachable(*read_host(error.request.url)) from None  # where redirects have led to
            # Without the error itself, which can hold bytes of what came.
            raise SourceUnavailable(
                f"{place} could not be reached ({type(error).__name__}): check that the URL is public and works."
            ) from None
        except BaseException:
            target.unlink(missing_ok=True)
            raise

    @staticmethod
    def _check(response: httpx2.Response, place: str) -> None:
        if response.status_code != 200:
            raise SourceUnavailable(
                f"{place} answered HTTP {response.status_code} instead of the picture:"
                " check that the URL is public and has not expired."
            )
        kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind.startswith("text/") or _TEXT.fullmatch(kind):
            shown = kind if _TEXT.fullmatch(kind) else "a text"
            raise SourceUnavailable(f"{place} answered with {shown} instead of a picture: give the picture's own URL.")
        if is_packed(response.headers.get("content-encoding")):
            raise SourceUnavailable(f"{place} sends the picture packed once more: upload the picture instead.")


def _too_large(place: str, max_bytes: int) -> PictureTooLarge:
    return PictureTooLarge(
        f"{place} sends more than the {max_bytes / 1e6:.0f} MB that are fetched: send a smaller picture,"
        " or upload it where the model takes more."
    )
