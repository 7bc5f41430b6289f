"""Which addresses and ports of the internet are everybody's: what a stranger's URL may have this machine talk to.

The lists are those of the IANA special-purpose address registries
(https://www.iana.org/assignments/iana-ipv4-special-registry, …-ipv6-special-registry) and not `ipaddress`'s own, which
depend on the version of Python. In IPv6 it is the other way round: only what has been given out is public.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LOOPBACK: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))

_SPECIAL_4 = (
    "0.0.0.0/8",  # this host and this network
    "10.0.0.0/8",
    "100.64.0.0/10",  # a provider's own, behind its NAT (CGNAT)
    "127.0.0.0/8",
    "169.254.0.0/16",  # link-local
    "172.16.0.0/12",
    "192.0.0.0/24",  # protocol assignments
    "192.0.2.0/24",  # documentation
    "192.31.196.0/24",  # AS112
    "192.52.193.0/24",  # AMT
    "192.88.99.0/24",  # 6to4 relays
    "192.168.0.0/16",
    "192.175.48.0/24",  # AS112
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, and broadcast
)
_GIVEN_OUT_6 = IPv6Network("2000::/3")
_SPECIAL_6 = (
    "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID, …
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4
    "2620:4f:8000::/48",  # AS112
    "3fff::/20",  # documentation
)
_METADATA = (
    "169.254.0.0/16",  # 169.254.169.254 nearly everywhere, 169.254.170.2 (ECS), 169.254.0.23 (Tencent), …
    "100.100.100.200/32",  # Alibaba
    "168.63.129.16/32",  # Azure's wire server, which has a public address
    "192.0.0.192/32",  # Oracle
    "fe80::/10",  # fe80::a9fe:a9fe (OpenStack)
    "fd00:ec2::/32",  # AWS
    "fd00:42::42/128",  # Scaleway
    "fd20:ce::254/128",  # Google
)
_METADATA_NAMES = frozenset(
    {
        "instance-data",
        "instance-data.ec2.internal",
        "metadata",
        "metadata.azure.internal",
        "metadata.goog",
        "metadata.google.internal",
        "metadata.tencentyun.com",
    }
)

_WEB_PORTS = frozenset({80, 443})
_FIRST_FREE_PORT = 1024
# What answers there is no web server of an app's, and much of it does what it is told without asking who says so.
_SERVICE_PORTS = frozenset({
    1080, 1433, 1434, 1521, 1719, 1720, 1723, 1883, 2049, 2181, 2375, 2376, 2377, 2379, 2380, 2483, 2484, 3128,
    3260, 3268, 3269, 3299, 3306, 3389, 3659, 4045, 4190, 4369, 4505, 4506, 5060, 5061, 5222, 5269, 5432, 5433,
    5671, 5672, 5900, 5901, 5984, 5985, 5986, 6000, 6379, 6380, 6432, 6443, 6514, 6566, 6665, 6666, 6667, 6668,
    6669, 6679, 6697, 7000, 7001, 7199, 7473, 7474, 7687, 8086, 8200, 8300, 8301, 8302, 8500, 8501, 8529, 8883,
    9042, 9050, 9092, 9160, 9200, 9300, 9418, 10080, 10250, 10255, 10256, 11211, 15672, 16379, 25672, 26257, 26379,
    27017, 27018, 27019, 28015, 29015,
})  # fmt: skip


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


_NOT_PUBLIC = _networks(*_SPECIAL_4, *_SPECIAL_6)
_CLOSED = _networks(*_METADATA)

_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
_SIXTOFOUR = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")
_COMPATIBLE = (IPv6Network("::/96"), IPv6Network("::ffff:0:0:0/96"))
_ISATAP = 0x5EFE
"""The interface identifiers of RFC 5214 are 0000:5efe and 0200:5efe, and the IPv4 address."""


def read_address(text: str) -> Address:
    """An address; a mapped one (`::ffff:192.0.2.1`) is the IPv4 address that it stands for. Raises ValueError."""
    address = ip_address(text)
    return _inner(address, 0) if isinstance(address, IPv6Address) and address in _MAPPED else address


def read_network(text: str) -> Network:
    """A network or one address; a mapped one is the IPv4 network that it stands for. Raises ValueError."""
    network = ip_network(text.strip())
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        return IPv4Network((_inner(network.network_address, 0), network.prefixlen - _MAPPED.prefixlen))
    return network


def meant(address: Address) -> tuple[Address, ...]:
    """The addresses that a connection to `address` may end at: an IPv6 one can carry IPv4 ones inside."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address in _MAPPED or address in _NAT64:  # ways of writing an IPv4 address, not places of their own
        return (_inner(address, 0),)
    if address in _SIXTOFOUR:
        return (address, _inner(address, 80))
    if address in _TEREDO:
        client = IPv4Address(~int(address) & 0xFFFF_FFFF)
        return (address, _inner(address, 64), client)
    if address in _NAT64_LOCAL:  # the last 32 bits, or, with a prefix of 48 bits, those around bits 64 to 71
        around = (int(address) >> 64 & 0xFFFF) << 16 | int(address) >> 40 & 0xFFFF
        return (address, _inner(address, 0), IPv4Address(around))
    isatap = int(address) >> 32 & 0xFDFF_FFFF == _ISATAP
    if isatap or (int(address) > 1 and any(address in network for network in _COMPATIBLE)):
        return (address, _inner(address, 0))
    return (address,)


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, where one server has it for everybody."""
    if isinstance(address, IPv6Address) and address not in _GIVEN_OUT_6:
        return False
    return not _within(address, _NOT_PUBLIC)


def is_closed(place: str | Address) -> bool:
    """Whether a cloud tells its machines their secrets at a name or an address: never reached, whatever is allowed."""
    return place in _METADATA_NAMES if isinstance(place, str) else _within(place, _CLOSED)


def is_web_port(port: int) -> bool:
    """Whether web servers are found at a port, and no other well-known service."""
    return port in _WEB_PORTS or (_FIRST_FREE_PORT <= port <= 65_535 and port not in _SERVICE_PORTS)


def _inner(address: IPv6Address, shift: int) -> IPv4Address:
    return IPv4Address(int(address) >> shift & 0xFFFF_FFFF)


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)
