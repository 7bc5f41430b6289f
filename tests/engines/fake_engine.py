"""The engine's process with the fake backends that FAKES names: `python -m tests.engines.fake_engine`."""

from __future__ import annotations

import os

from enlarger.engines import child
from tests.engines import fakes

if __name__ == "__main__":
    fakes.in_engine = True
    child.main({name: fakes.FAKES[name] for name in os.environ["FAKES"].split()}, fakes.MEASURER)
