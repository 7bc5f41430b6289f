"""Writes the synchronous client, which is the asynchronous one without `await`, and the raw responses: `make sync`."""

from __future__ import annotations

import re
from pathlib import Path

_CLIENT = Path(__file__).parents[1] / "src/enlarger/client"
RAW = _CLIENT / "async_raw.py"
REQUESTS = _CLIENT / "async_requests.py"
"""What the raw responses are written from."""
WRITTEN = {
    _CLIENT / "sync_client.py": _CLIENT / "async_client.py",
    _CLIENT / "sync_handle.py": _CLIENT / "async_handle.py",
    _CLIENT / "sync_nano_banana.py": _CLIENT / "nano_banana.py",
    _CLIENT / "sync_raw.py": RAW,
    _CLIENT / "sync_requests.py": REQUESTS,
}
"""What is written without `await`, and from what."""

_TO_RAW = (
    (r'\A""".*?"""', '"""`Requests`, with the response to each; written from async_requests.py by `make sync`."""'),
    (r"class SubmitOptions.*?\n\n\n", ""),
    (", TypedDict", ""),
    (r'class Requests:\n    """.*?"""', 'class RawRequests:\n    """`Requests`, with the response to each."""'),
    ("typed_submit", "typed_raw_submit"),
    (r"(async def \w+\(.*?\)) -> (.*?):\n", r"\1 -> RawResponse[\2]:\n"),
    (r"call\(core, \*arguments, \*\*options\)", "raw(call(core, *arguments, **options))"),
    ("(?=from enlarger.client.records)", "from enlarger.client.raw import RawResponse, raw\n"),
)
_REPLACEMENTS = (
    (
        '"""`KieApiClient`: the asynchronous client of a service that speaks the jobs API."""\n',
        '"""`SyncKieApiClient`: the same client without `await`; written from async_client.py by `make sync`."""\n',
    ),
    (
        '"""`TaskHandle`: one task of a service."""\n',
        '"""`SyncTaskHandle`: `TaskHandle` without `await`; written by `make sync`."""\n',
    ),
    (
        '"""`NanoBananaClient`: generates and edits images."""\n',
        '"""`SyncNanoBananaClient`: `NanoBananaClient` without `await`; written by `make sync`."""\n',
    ),
    (
        '"""The calls that are one request each, of `KieApiClient`."""\n',
        '"""The calls that are one request each, of `SyncKieApiClient`; written by `make sync`."""\n',
    ),
    ("    async def __aenter__", "    def __enter__"),
    ("    async def __aexit__", "    def __exit__"),
    ("aclose()", "close()"),
    ("async def aclose", "def close"),
    ("async def ", "def "),
    ("async for ", "for "),
    ("__aiter__", "__iter__"),
    ("AsyncIterator", "Iterator"),
    ("await ", ""),
    ("AsyncDriver", "SyncDriver"),
    ("typed_run", "typed_sync_run"),
    ("typed_submit", "typed_sync_submit"),
    ("typed_raw_submit", "typed_sync_raw_submit"),
    ("client.async_driver", "client.sync_driver"),
    ("client.async_handle", "client.sync_handle"),
    ("client.async_raw", "client.sync_raw"),
    ("client.async_requests", "client.sync_requests"),
    ("client.async_client", "client.sync_client"),
    ("httpx2.AsyncClient", "httpx2.Client"),
    ("KieApiClient", "SyncKieApiClient"),
    ("SyncSyncKieApiClient", "SyncKieApiClient"),
    ("TaskHandle", "SyncTaskHandle"),
    ("SyncSyncTaskHandle", "SyncTaskHandle"),
    ("`SyncTaskHandle` without", "`TaskHandle` without"),
    ("class NanoBananaClient", "class SyncNanoBananaClient"),
    ("that is seen; it may be a coroutine function. Raises", "that is seen. Raises"),
    ("A client of the hosted KIE service, or of Enlarger:", "`KieApiClient` without `await`, for one thread or many:"),
)


def make_sync(text: str) -> str:
    """The synchronous twin of the asynchronous client's source."""
    for old, new in _REPLACEMENTS:
        text = text.replace(old, new)
    return text


def make_raw(text: str) -> str:
    """The methods of the asynchronous client's source, with the responses that they get."""
    for pattern, new in _TO_RAW:
        text = re.sub(pattern, new, text, flags=re.DOTALL)
    return text


if __name__ == "__main__":
    RAW.write_text(make_raw(REQUESTS.read_text()))
    for written, source in WRITTEN.items():
        written.write_text(make_sync(source.read_text()))
