"""Writes `client/sync_client.py`, which is `client/async_client.py` without `await`: `make sync`."""

from __future__ import annotations

from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src/enlarger/client/async_client.py"

_REPLACEMENTS = (
    (
        '"""`KieApiClient`: the asynchronous client of a service that speaks the jobs API."""\n',
        '"""`SyncKieApiClient`: the same client without `await`; written from async_client.py by `make sync`."""\n',
    ),
    ("    async def __aenter__", "    def __enter__"),
    ("    async def __aexit__", "    def __exit__"),
    ("aclose()", "close()"),
    ("async def aclose", "def close"),
    ("async def ", "def "),
    ("await ", ""),
    ("AsyncDriver", "SyncDriver"),
    ("async_driver", "sync_driver"),
    ("httpx2.AsyncClient", "httpx2.Client"),
    ("KieApiClient", "SyncKieApiClient"),
    ("SyncSyncKieApiClient", "SyncKieApiClient"),
    ("TaskHandle", "SyncTaskHandle"),
    ("that is seen; it may be a coroutine function. Raises", "that is seen. Raises"),
    ("A client of the hosted KIE service, or of Enlarger:", "`KieApiClient` without `await`, for one thread or many:"),
)


def make_sync(text: str) -> str:
    """The synchronous twin of the asynchronous client's source."""
    for old, new in _REPLACEMENTS:
        text = text.replace(old, new)
    return text


if __name__ == "__main__":
    SOURCE.with_name("sync_client.py").write_text(make_sync(SOURCE.read_text()))
