"""Pauses an order between two tiles while another order runs."""

from __future__ import annotations

import threading
import time


class Gate:
    """Blocks the engine's thread while it is closed, by another thread. It is open at first."""

    def __init__(self) -> None:
        self._opened = threading.Event()
        self._opened.set()
        self.waited: float = 0.0
        """Seconds for which it has blocked the engine's thread in all."""

    def close(self) -> None:
        """Block the engine's thread the next time it gets here."""
        self._opened.clear()

    def open(self) -> None:
        """Stop blocking."""
        self._opened.set()

    def go_through(self) -> None:
        """Return when it is open."""
        if self._opened.is_set():
            return
        began = time.monotonic()
        self._opened.wait()
        self.waited += time.monotonic() - began
