"""How long a connection may be silent. `tests/acceptance/test_machines.py` shows with cut cables that it then ends."""

from __future__ import annotations

import socket
import sys

import pytest

from enlarger.infra.database import open_database
from enlarger.infra.silence import watch


@pytest.mark.integration
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have not all of these options")
def test_a_tcp_connection_is_ended_after_twenty_to_twenty_five_seconds_of_silence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        watch(client)
        assert client.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert client.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 20_000
        idle, between, most = (
            client.getsockopt(socket.IPPROTO_TCP, option)
            for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        )
        assert idle + between * most == 25


async def test_a_socket_of_this_machine_needs_no_watch(database_url: str) -> None:
    async with open_database(database_url) as database:
        assert await database.pool.fetchval("SHOW tcp_user_timeout") == "0"
