"""From which address a request comes, behind reverse proxies that say so in `X-Forwarded-For` or `Forwarded`.

Each proxy adds the address that it was called from at the right end of the list, or in another line of the header,
which means the same (RFC 9110, 5.3). Whatever is further left was said by whoever called, and counts only if that is
itself a proxy that is trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from litestar.datastructures import Headers

from enlarger.infra.addresses import Address, Network, read_address

_UNKNOWN = None
"""A hop that names no address: nothing left of it can be believed, and it is in no network."""

_BRACKETED = re.compile(r"\[([^\[\]]*)\](?::_?[\w.-]+)?")
_WITH_PORT = re.compile(r"([0-9.]+):_?[\w.-]+")
_PAIR = re.compile(
    r"""[ \t]* ([!#$%&'*+.^`|~\w-]+) = (?: "((?:[^"\\]|\\.)*)" | ([^\s",;\\]*) ) [ \t]* (;|,|$)""",
    re.VERBOSE | re.ASCII,
)
_ESCAPED = re.compile(r"\\(.)")


def client_address(peer: str | None, headers: Headers, trusted: Sequence[Network]) -> Address | None:
    """The rightmost hop that is no trusted proxy, `peer` being who is connected; None where it is not known.

    A proxy writes one of the two headers and passes on what the client wrote in the other. So where both are there,
    they count only if they lead to the same address.
    """
    here = _read_node(peer or "")
    found = {
        _walk(here, hops, trusted)
        for hops in (
            _x_forwarded_for(headers.getall("x-forwarded-for", [])),
            _forwarded(headers.getall("forwarded", [])),
        )
        if hops
    }
    if not found:
        return here
    return found.pop() if len(found) == 1 else _UNKNOWN


def _walk(here: Address | None, hops: list[Address | None], trusted: Sequence[Network]) -> Address | None:
    while hops and here is not None and any(here in network for network in trusted):
        here = hops.pop()
    return here


def _x_forwarded_for(lines: Sequence[str]) -> list[Address | None]:
    return [_read_node(hop) for line in lines for hop in map(str.strip, line.split(",")) if hop]


def _forwarded(lines: Sequence[str]) -> list[Address | None]:
    """The hops of `Forwarded` (RFC 7239); a line that breaks its grammar is one unknown hop."""
    hops: list[Address | None] = []
    for line in lines:
        try:
            hops += [_read_node(element.get("for", "")) for element in _elements(line)]
        except ValueError:
            hops.append(_UNKNOWN)
    return hops


def _elements(line: str) -> Iterator[dict[str, str]]:
    """The elements of one line of `Forwarded`, as parameters. Raises ValueError for what is none."""
    element: dict[str, str] = {}
    at, end = 0, len(line.rstrip())
    while at < end:
        pair = _PAIR.match(line, at)
        if pair is None or pair[1].lower() in element:
            raise ValueError(line)
        element[pair[1].lower()] = pair[3] if pair[2] is None else _ESCAPED.sub(r"\1", pair[2])
        at = pair.end()
        if pair[4] != ";":
            yield element
            element = {}
    if element:  # the line ends in a semicolon
        yield element


def _read_node(text: str) -> Address | None:
    """The address of a hop: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`."""
    for form in (_BRACKETED, _WITH_PORT):
        if match := form.fullmatch(text):
            text = match[1]
    try:
        return read_address(text)
    except ValueError:
        return _UNKNOWN
