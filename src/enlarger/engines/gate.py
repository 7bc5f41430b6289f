"""Where an order waits between two tiles while another one goes first."""

from __future__ import annotations

import threading
import time


class Gate:
    """Open at first; the engine's thread goes through it, and another opens and closes it."""

    def __init__(self) -> None:
        self._opened = threading.Event()
        self._opened.set()
        self.waited: float = 0.0
        """Seconds for which it has kept the engine's thread."""

    def close(self) -> None:
        """Let nobody through."""
        self._opened.clear()

    def open(self) -> None:
        """Let everybody through."""
        self._opened.set()

    def go_through(self) -> None:
        """Wait while it is closed."""
        if self._opened.is_set():
            return
        began = time.monotonic()
        self._opened.wait()
        self.waited += time.monotonic() - began
