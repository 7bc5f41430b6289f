"""Refuses callback URLs that the settings forbid when the task is created, not only when the callback is due."""

from __future__ import annotations

from ipaddress import ip_address

import httpx2

from enlarger.errors import InvalidInput, SourceUnavailable
from enlarger.infra.addresses import LOOPBACK, Address, is_closed, is_public, meant
from enlarger.infra.safe_http import describe, read_host
from enlarger.server.dependencies import Service
from enlarger.translatable import Sentence, sentence

_FIELD = "callBackUrl"
_THIS_MACHINE = "localhost"


def check_callback_url(service: Service, url: str) -> None:
    """Raise InvalidInput for a URL that the operator's settings forbid, as far as the URL alone shows it.

    Host names are not resolved here; their addresses are checked when the callback is sent.
    """
    message = _refusal(service, url)
    if message is not None:
        raise InvalidInput(_FIELD, message, [(_FIELD, "callback_refused", message)])


def _refusal(service: Service, url: str) -> Sentence | None:
    try:
        host, port = read_host(httpx2.URL(url))
    except (httpx2.InvalidURL, SourceUnavailable):
        return sentence(
            "The field '{field}' has a host that is written in an unusual way: give a name, or an address like"
            " 93.184.215.14 or [2606:2800::1], and perhaps a port",
            field=_FIELD,
        )
    shown, address = describe(url), _address(host)
    if is_closed(host) or (address is not None and any(is_closed(end) for end in meant(address))):
        return sentence(
            "The field '{field}' leads to {host}, which no service ever calls, because clouds keep secrets there:"
            " give an address of your own",
            field=_FIELD, host=shown,
        )  # fmt: skip
    if service.callback_hosts.denies(url):
        return sentence(
            "The field '{field}' leads to {host}, which this service's operator has excluded in {setting}:"
            " give another host",
            field=_FIELD, host=shown, setting="ENLARGER_CALLBACK_DENY",
        )  # fmt: skip
    if not service.callback_hosts.permit(url):
        return sentence(
            "The field '{field}' leads to {host}, which is not among the hosts that this service calls: give one of"
            " those, or have the operator add it to {setting}",
            field=_FIELD, host=shown, setting="ENLARGER_CALLBACK_ALLOW",
        )  # fmt: skip
    if address is None or service.allowed.permits(host, address, port):
        return None
    if all(is_public(end) for end in meant(address)):
        return sentence(
            "The field '{field}' leads to {host}, a port that this service does not call: give one of a web server,"
            " or have the operator allow the address in {setting}",
            field=_FIELD, host=shown, setting="ENLARGER_ALLOW_PRIVATE",
        )  # fmt: skip
    return sentence(
        "The field '{field}' leads to {host}, which this service does not call: give an address on the public"
        " internet, or have the operator allow it in {setting}",
        field=_FIELD, host=shown, setting="ENLARGER_ALLOW_PRIVATE",
    )  # fmt: skip


def _address(host: str) -> Address | None:
    """The address that a host is or always means (RFC 6761, 6.3); None for one that has to be resolved."""
    if host == _THIS_MACHINE or host.endswith(f".{_THIS_MACHINE}"):
        return LOOPBACK[0][1]
    try:
        return ip_address(host)
    except ValueError:
        return None
