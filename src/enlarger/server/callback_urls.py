"""Refuses callback URLs that the settings forbid when the task is created, not only when the callback is due."""

from __future__ import annotations

from ipaddress import ip_address

import httpx2

from enlarger.errors import InvalidInput, SourceUnavailable
from enlarger.infra.addresses import LOOPBACK, Address
from enlarger.infra.safe_http import describe, read_host
from enlarger.sentences import sentence
from enlarger.server.service import Service

_FIELD = "callBackUrl"
_THIS_MACHINE = "localhost"


def check_callback_url(service: Service, url: str) -> None:
    """Raise InvalidInput for a URL that the operator's settings forbid, as far as the URL alone shows it.

    Host names are not resolved here; their addresses are checked when the callback is sent.
    """
    try:
        host, port = read_host(httpx2.URL(url))
    except (httpx2.InvalidURL, SourceUnavailable):
        raise _refuse(url, "ENLARGER_CALLBACK_ALLOW") from None
    if not service.callback_hosts.permit(url):
        raise _refuse(url, "ENLARGER_CALLBACK_ALLOW")
    address = _address(host)
    if address is not None and not service.allowed.permits(host, address, port):
        raise _refuse(url, "ENLARGER_ALLOW_PRIVATE")


def _address(host: str) -> Address | None:
    """The address that a host is or always means (RFC 6761, 6.3); None for one that has to be resolved."""
    if host == _THIS_MACHINE or host.endswith(f".{_THIS_MACHINE}"):
        return LOOPBACK[0][1]
    try:
        return ip_address(host)
    except ValueError:
        return None


def _refuse(url: str, setting: str) -> InvalidInput:
    message = sentence(
        "The field '{field}' leads to {host}, which this service does not call: give an address on the public internet,"
        " or have the operator allow it in {setting}",
        field=_FIELD, host=describe(url), setting=setting,
    )  # fmt: skip
    return InvalidInput(_FIELD, message, [(_FIELD, "callback_refused", message)])
