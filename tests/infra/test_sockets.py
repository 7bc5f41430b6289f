"""A port that several processes share among themselves and with nobody else."""

from __future__ import annotations

import pytest

from enlarger.errors import ConfigurationError
from enlarger.infra.sockets import SharedPort, bind, listen

pytestmark = pytest.mark.integration
_HOST = "127.0.0.1"


def test_several_sockets_listen_on_one_free_port() -> None:
    port = SharedPort(_HOST, 0)
    with port.take() as first, port.take() as second:
        port.check()
        assert first.getsockname() == second.getsockname()
        listen(first)
        listen(second)
        port.close()


def test_a_port_that_is_shared_is_taken_for_everybody_else() -> None:
    port = SharedPort(_HOST, 0)
    with port.take() as ours:
        listen(ours)
        number = ours.getsockname()[1]
        for begin in (lambda: bind(_HOST, number), lambda: SharedPort(_HOST, number)):
            with pytest.raises(ConfigurationError, match=f"The port {number} is taken by another program.*--port"):
                begin()
        port.close()


def test_two_that_start_at_the_same_time_notice_it() -> None:
    """Neither listened when the other one looked."""
    first = SharedPort(_HOST, 0)
    with first.take() as ours:
        second = SharedPort(_HOST, ours.getsockname()[1], ("HOST", "PORT"))
        with second.take() as theirs:
            listen(ours)
            with pytest.raises(ConfigurationError, match="choose another port with PORT"):
                second.check()
            theirs.close()
        first.close()
        second.close()
