"""Writes the synchronous client, which is the asynchronous one without `await`: `make sync`."""

from __future__ import annotations

from pathlib import Path

_CLIENT = Path(__file__).parents[1] / "src/enlarger/client"
WRITTEN = {
    _CLIENT / "sync_client.py": _CLIENT / "async_client.py",
    _CLIENT / "sync_handle.py": _CLIENT / "async_handle.py",
    _CLIENT / "sync_nano_banana.py": _CLIENT / "nano_banana.py",
}
"""What is written, and from what."""

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
        '"""`NanoBananaClient`: pictures out of words, and pictures changed by words."""\n',
        '"""`SyncNanoBananaClient`: `NanoBananaClient` without `await`; written by `make sync`."""\n',
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
    ("async_driver", "sync_driver"),
    ("async_handle", "sync_handle"),
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


if __name__ == "__main__":
    for written, source in WRITTEN.items():
        written.write_text(make_sync(source.read_text()))
