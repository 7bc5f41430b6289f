"""Which web pages may call the tools.

A page can call them only if its user gave it a key, since cookies do not count here. The protocol asks servers to check
the Origin as well, so that a page that has made a name of its own lead to this machine does not get as far as the key.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_403_FORBIDDEN

from enlarger.translatable import sentence


def check_origin(headers: Iterable[tuple[bytes, bytes]], *, public_url: str | None) -> None:
    """Raise HTTPException for a request of a page that is neither at the service's public URL nor of this host.

    Programs send no Origin and are let in. A host counts only if it is an address or localhost: names can be made to
    lead anywhere.
    """
    found = {name.lower(): value.decode("latin-1") for name, value in headers}
    origin = found.get(b"origin")
    if origin is None:
        return
    page = _split(origin)
    if page is not None:
        if public_url and _place(page) == _place(urlsplit(public_url)):
            return
        if page.netloc.lower() == found.get(b"host", "").lower() and _is_address(page.hostname or ""):
            return
    raise HTTPException(
        detail=sentence(
            "Pages of this origin may not use the tools for agents: call them from a program, or from a page at"
            " ENLARGER_PUBLIC_URL."
        ),
        status_code=HTTP_403_FORBIDDEN,
    )


def _split(origin: str) -> SplitResult | None:
    try:
        page = urlsplit(origin)
        return page if page.hostname and (page.port is None or page.port) else None
    except ValueError:
        return None


def _place(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or {"http": 80, "https": 443}.get(url.scheme)


def _is_address(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
